/** `disconnect ID`: has a running gateway send a client away. */
import type { Argv, CommandModule } from 'yargs';
import { quotedText } from '../../codec/quoted-text.ts';
import type { CommandFacts } from '../command-line.ts';
import { API_OPTIONS, type ApiArguments, gatewayApi } from './api-options.ts';
import { jsonText } from './api-output.ts';
import { reportingApiErrors } from './api-report.ts';
import { clientPath } from './gateway-api.ts';

export const disconnectCommand: CommandModule<object, ApiArguments & { readonly id: string }> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['kick'],
  missing: 'disconnect whom? Give the client id; "clients" lists them',
  command: 'disconnect <id>',
  describe: 'Have a running gateway send a client away; its session stays',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 disconnect <id>\n\nThe client gets a DISCONNECT, its session stays. The gateway needs http.users or http.token for that.',
      )
      .positional('id', { type: 'string', demandOption: true, describe: 'Client id' })
      .options(API_OPTIONS)
      .example('$0 disconnect sensor-1 --token-file token', 'Sends sensor-1 away'),
  handler: (values) =>
    reportingApiErrors('disconnect', async () => {
      await (await gatewayApi(values)).send('POST', clientPath(values.id, '/disconnect'));
      process.stdout.write(
        values.json ? jsonText({ disconnected: values.id }) : `${quotedText(values.id)} is disconnected\n`,
      );
    }),
};
