/** `forget ID`: has a running gateway forget the session of a client. */
import type { Argv, CommandModule } from 'yargs';
import { quotedText } from '../../codec/quoted-text.ts';
import type { CommandFacts } from '../command-line.ts';
import { API_OPTIONS, type ApiArguments, gatewayApi } from './api-options.ts';
import { jsonText } from './api-output.ts';
import { reportingApiErrors } from './api-report.ts';
import { clientPath } from './gateway-api.ts';

export const forgetCommand: CommandModule<object, ApiArguments & { readonly id: string }> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['delete', 'remove'],
  missing: 'forget whom? Give the client id; "clients" lists them',
  command: 'forget <id>',
  describe: 'Have a running gateway forget the session of a client, and end it at the broker',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 forget <id>\n\nThe client gets a DISCONNECT; its subscriptions, topic ids and what waits for it are gone, here and at the broker. The gateway needs http.users or http.token for that.',
      )
      .positional('id', { type: 'string', demandOption: true, describe: 'Client id' })
      .options(API_OPTIONS)
      .example('$0 forget sensor-1 --token-file token', 'A sensor that is no more'),
  handler: (values) =>
    reportingApiErrors('forget', async () => {
      await (await gatewayApi(values)).send('DELETE', clientPath(values.id));
      process.stdout.write(
        values.json ? jsonText({ forgotten: values.id }) : `${quotedText(values.id)} is forgotten\n`,
      );
    }),
};
