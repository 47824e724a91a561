/** `trace`: the frames of clients of a running gateway, decoded, as they come and go. */
import type { Argv, CommandModule } from 'yargs';
import type { TracedFrame } from '../../http/api-contract.ts';
import type { CommandFacts } from '../command-line.ts';
import { checkOptions, type OptionTable, type OptionValues } from '../option-table.ts';
import { untilInterrupted } from '../until-interrupted.ts';
import { API_OPTIONS, gatewayApi } from './api-options.ts';
import { reportingApiErrors } from './api-report.ts';
import { ENDING_OPTIONS } from './ending-options.ts';
import { FollowedClients } from './followed-clients.ts';
import { frameLine } from './frame-line.ts';

const OWN_OPTIONS = {
  ...ENDING_OPTIONS,
  hex: { type: 'boolean', default: false, describe: 'The octets of each frame, too' },
} as const satisfies OptionTable;

const OPTIONS = { ...API_OPTIONS, ...OWN_OPTIONS };
type TraceArguments = OptionValues<typeof OPTIONS> & { readonly id: string[] | undefined };

export const traceCommand: CommandModule<object, TraceArguments> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['sniff', 'monitor', 'watch'],
  command: 'trace [id..]',
  describe: 'Show the frames of clients of a running gateway, decoded, as they come',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 trace [id..]\n\nShows the frames of these clients, or of all that there are and that come: up to 10 at a time, 50 frames a second of each. Payloads only with logging.payloads. The gateway needs http.users or http.token for that.',
      )
      .positional('id', { type: 'string', array: true, describe: 'Client ids; without any: all' })
      .options(OPTIONS)
      .example('$0 trace sensor-1 --token-file token', 'What sensor-1 and the gateway say, until Ctrl-C')
      .example('$0 trace --json -W 60', 'All frames of a minute, one line of JSON for each'),
  handler: (values) =>
    reportingApiErrors('trace', async () => {
      checkOptions(OWN_OPTIONS, values);
      const api = await gatewayApi(values);
      await untilInterrupted(async (signal, stop) => {
        const timer = values.timeout === undefined ? undefined : setTimeout(stop, values.timeout * 1000);
        let left = values.count ?? Number.POSITIVE_INFINITY;
        const inColour = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
        const print = (clientId: string, frame: TracedFrame): void => {
          if (left === 0) {
            return;
          }
          const line = values.json
            ? JSON.stringify({ clientId, ...frame })
            : frameLine(clientId, frame, { hex: values.hex, inColour });
          process.stdout.write(`${line}\n`);
          left -= 1;
          if (left === 0) {
            stop();
          }
        };
        process.stdout.once('error', stop); // whoever read it has enough
        try {
          const clients = new FollowedClients(api, {
            frame: print,
            say: (line) => process.stderr.write(`trace: ${line}\n`),
          });
          await clients.follow(values.id ?? [], signal);
        } finally {
          clearTimeout(timer);
          process.stdout.off('error', stop);
        }
      });
    }),
};
