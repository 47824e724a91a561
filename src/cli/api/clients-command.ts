/** `clients`: the clients of a running gateway. */
import type { Argv, CommandModule } from 'yargs';
import type { ClientItem } from '../../http/api-contract.ts';
import type { CommandFacts } from '../command-line.ts';
import { checkOptions, type OptionTable, type OptionValues } from '../option-table.ts';
import { textTable } from '../text-table.ts';
import { agoText } from '../time-ago.ts';
import { API_OPTIONS, gatewayApi } from './api-options.ts';
import { jsonText, terminalWidth } from './api-output.ts';
import { reportingApiErrors } from './api-report.ts';

const MAX_LIMIT = 10_000;

const OWN_OPTIONS = {
  search: { type: 'string', requiresArg: true, describe: 'Words in client id, address or last topic' },
  state: {
    type: 'string',
    requiresArg: true,
    choices: ['active', 'asleep', 'awake', 'lost', 'disconnected'],
    describe: 'Those in this state',
  },
  transport: { type: 'string', requiresArg: true, describe: 'Those of this transport' },
  sort: {
    type: 'string',
    requiresArg: true,
    default: 'clientId',
    choices: ['clientId', 'state', 'lastSeen', 'published', 'delivered', 'dropped', 'waiting'],
    describe: 'Order',
  },
  desc: { type: 'boolean', default: false, describe: 'The other way round' },
  limit: { type: 'number', requiresArg: true, default: 1_000, describe: 'Most clients', whole: [1, MAX_LIMIT] },
} as const satisfies OptionTable;

const OPTIONS = { ...API_OPTIONS, ...OWN_OPTIONS };
type ClientsArguments = OptionValues<typeof OPTIONS>;

interface ClientPage {
  readonly total: number;
  readonly items: readonly ClientItem[];
}

export const clientsCommand: CommandModule<object, ClientsArguments> & CommandFacts = {
  withoutSettings: true,
  command: 'clients',
  describe: 'The clients of a running gateway',
  builder: (command: Argv) =>
    command
      .usage('Usage: $0 clients\n\nAsks a running gateway by its HTTP interface.')
      .options(OPTIONS)
      .example('$0 clients --state lost', 'Those of whom nothing is heard any more')
      .example('$0 clients --json --limit 10000 | jq -r ".items[].clientId"', 'For scripts'),
  handler: (values) =>
    reportingApiErrors('clients', async () => {
      checkOptions(OWN_OPTIONS, values);
      const { search = '', state = '', transport = '', sort, desc, limit } = values;
      const order = desc ? 'desc' : 'asc';
      const query = new URLSearchParams({ search, state, transport, sort, order, limit: String(limit) });
      const page = await (await gatewayApi(values)).get<ClientPage>(`api/v1/clients?${query}`);
      process.stdout.write(values.json ? jsonText(page) : clientsText(page, Date.now(), terminalWidth()));
    }),
};

/** A table for people. `now`: milliseconds since 1970. */
export function clientsText({ total, items }: ClientPage, now: number, width: number): string {
  if (items.length === 0) {
    return total === 0 ? 'No clients.\n' : `${total} clients.\n`;
  }
  const tellsConnection = items.some(({ connection }) => (connection ?? null) !== null);
  const table = textTable(
    [
      { heading: 'Client', least: 8 },
      { heading: 'State' },
      { heading: 'Last seen' },
      { heading: 'Address', least: 10 },
      ...(tellsConnection ? [{ heading: 'Connection' }] : []),
      { heading: 'Up', right: true },
      { heading: 'Down', right: true },
      { heading: 'Waiting', right: true },
      { heading: 'Last topic', least: 8 },
    ],
    items.map(
      ({ clientId, state, lastSeen, transport, address, connection, published, delivered, waiting, lastTopic }) => [
        ...[
          clientId,
          state,
          agoText(lastSeen, now),
          `${transport}:${address}`,
          ...(tellsConnection ? [connection ?? ''] : []),
        ],
        ...[String(published), String(delivered), String(waiting), lastTopic ?? ''],
      ],
    ),
    width,
  );
  return items.length < total ? `${table}${total - items.length} more (--limit, --search)\n` : table;
}
