/** `status`: how a running gateway is. */
import type { Argv, CommandModule } from 'yargs';
import type { Overview } from '../../http/api-contract.ts';
import type { CommandFacts } from '../command-line.ts';
import { factLines, textTable } from '../text-table.ts';
import { agoText, spanText } from '../time-ago.ts';
import { API_OPTIONS, type ApiArguments, gatewayApi } from './api-options.ts';
import { jsonText, terminalWidth } from './api-output.ts';
import { reportingApiErrors } from './api-report.ts';

/** Exit code where the gateway runs and does not reach its broker. */
const EXIT_NO_BROKER = 3;

export const statusCommand: CommandModule<object, ApiArguments> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['info', 'overview', 'health'],
  command: 'status',
  describe: 'How a running gateway is: broker, transports, clients',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 status\n\nAsks a running gateway by its HTTP interface. Exit code 3: it does not reach its broker.',
      )
      .options(API_OPTIONS)
      .example('$0 status', 'The gateway on this machine')
      .example('$0 status --url http://192.168.1.2:8884 --token-file token', 'Another one'),
  handler: (values) =>
    reportingApiErrors('status', async () => {
      const overview = await (await gatewayApi(values)).get<Overview>('api/v1/overview');
      process.stdout.write(values.json ? jsonText(overview) : statusText(overview, Date.now(), terminalWidth()));
      if (overview.broker.state !== 'reachable') {
        process.exitCode = EXIT_NO_BROKER;
      }
    }),
};

function dropText({ direction, qos, reason, count }: Overview['dropped']['reasons'][number]): string {
  return `${count} ${direction === 'up' ? 'from' : 'to'} clients with QoS ${qos}: ${reason}`;
}

/** Lines for people. `now`: milliseconds since 1970. */
export function statusText(overview: Overview, now: number, width: number): string {
  const { broker, clients, rates, queue, dropped } = overview;
  const { total, ...states } = clients;
  const counted = Object.entries(states).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []));
  const reason = broker.reason === null ? '' : `: ${broker.reason}`;
  const facts: [string, string][] = [
    ['Gateway', `${overview.version}, id ${overview.gwId}, up ${spanText(overview.uptime)}`],
    ['Broker', `${broker.url}${broker.embedded ? ' (embedded)' : ''}, ${broker.mode}`],
    ['', `${broker.state}, since ${agoText(broker.since, now).replace(/ ago$/, '')}${reason}`],
    ['Clients', total === 0 ? 'none' : `${total}: ${counted.join(', ')}`],
    ['Messages', `${rates.up.toFixed(1)}/s from clients, ${rates.down.toFixed(1)}/s to clients`],
    ['Waiting', `${queue.messages} messages, ${queue.octets} octets`],
    ['Dropped', `${dropped.up} from clients, ${dropped.down} to clients`],
    ...dropped.reasons.map((one): [string, string] => ['', dropText(one)]),
    ['Event loop', `${overview.eventLoopDelay.toFixed(1)} ms late`],
  ];
  const transports = textTable(
    [
      { heading: 'Transport', least: 8 },
      { heading: 'Address', least: 12 },
      { heading: 'State' },
      { heading: 'Frames in', right: true },
      { heading: 'Frames out', right: true },
      { heading: 'Reason', least: 10 },
    ],
    overview.transports.map(({ name, address, state, framesReceived, framesSent, reason: why }) => [
      ...[name, address, state, String(framesReceived), String(framesSent), why ?? ''],
    ]),
    width,
  );
  const restart = overview.needsRestart.map((setting) => `Needs a restart: ${setting}\n`).join('');
  return `${factLines(facts)}\n${transports}${restart}`;
}
