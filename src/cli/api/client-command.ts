/** `client ID`: all that a running gateway knows of one client. */
import type { Argv, CommandModule } from 'yargs';
import type { ClientDetail } from '../../http/api-contract.ts';
import type { CommandFacts } from '../command-line.ts';
import { factLines, textTable } from '../text-table.ts';
import { agoText } from '../time-ago.ts';
import { API_OPTIONS, type ApiArguments, gatewayApi } from './api-options.ts';
import { jsonText, terminalWidth } from './api-output.ts';
import { reportingApiErrors } from './api-report.ts';
import { clientPath } from './gateway-api.ts';

export const clientCommand: CommandModule<object, ApiArguments & { readonly id: string }> & CommandFacts = {
  withoutSettings: true,
  missing: 'client which? Give its client id; "clients" lists them',
  command: 'client <id>',
  describe: 'One client of a running gateway: topics, subscriptions, what became of it',
  builder: (command: Argv) =>
    command
      .usage('Usage: $0 client <id>\n\nAsks a running gateway by its HTTP interface.')
      .positional('id', { type: 'string', demandOption: true, describe: 'Client id' })
      .options(API_OPTIONS)
      .example('$0 client sensor-1', 'What the gateway knows of it'),
  handler: (values) =>
    reportingApiErrors('client', async () => {
      const detail = await (await gatewayApi(values)).get<ClientDetail>(clientPath(values.id));
      process.stdout.write(values.json ? jsonText(detail) : clientText(detail, Date.now(), terminalWidth()));
    }),
};

/** Lines for people. `now`: milliseconds since 1970. */
export function clientText(client: ClientDetail, now: number, width: number): string {
  const { lastTopic, lastOctets, sleepUntil, rssi } = client;
  const facts: [string, string][] = [
    ['Client', client.clientId],
    ['State', `${client.state}, since ${agoText(client.since, now).replace(/ ago$/, '')}`],
    ...(sleepUntil === null
      ? []
      : [['Sleeps until', `${sleepUntil} (${agoText(sleepUntil, now)})`] as [string, string]]),
    ['Address', `${client.transport}:${client.address} (transport ${client.transport})`],
    ['Last seen', agoText(client.lastSeen, now)],
    ...(client.connection === null || client.connection === undefined
      ? []
      : [['Connection', client.connection === 'own' ? 'its own' : 'shared with others'] as [string, string]]),
    ['Session', client.cleanSession ? 'clean' : 'kept'],
    ['Keep-alive', client.keepAlive === 0 ? 'none' : `${client.keepAlive} s`],
    ['Messages', `${client.published} from it, ${client.delivered} to it, ${client.dropped} dropped`],
    ['Waiting', `${client.waiting}, and ${client.inFlight} under way`],
    ['Last message', lastTopic === null ? 'none' : `${lastTopic}, ${lastOctets ?? 0} octets`],
    ['Will', client.willTopic ?? 'none'],
    ...(rssi === null ? [] : [['Signal', `${rssi} dBm`] as [string, string]]),
  ];
  const part = (title: string, table: string): string => `\n${title}\n${table}`;
  const none = 'none\n';
  const subscriptions = textTable(
    [
      { heading: 'Filter', least: 10 },
      { heading: 'QoS', right: true },
    ],
    client.subscriptions.map(({ filter, qos }) => [filter, String(qos)]),
    width,
  );
  const topics = textTable(
    [{ heading: 'Id', right: true }, { heading: 'Topic', least: 10 }, { heading: 'Known to the client' }],
    client.topicIds.map(({ topicId, topicName, known }) => [String(topicId), topicName, known ? 'yes' : 'no']),
    width,
  );
  const history = textTable(
    [{ heading: 'When' }, { heading: 'State' }, { heading: 'Why', least: 10 }],
    client.history.map(({ time, state, reason }) => [agoText(time, now), state, reason ?? '']),
    width,
  );
  const refusals = textTable(
    [
      { heading: 'When' },
      { heading: 'Times', right: true },
      { heading: 'What', least: 20 },
      { heading: 'Topic', least: 10 },
    ],
    client.refusals.map(({ time, count, text, topic }) => [agoText(time, now), String(count), text, topic ?? '']),
    width,
  );
  return [
    factLines(facts),
    part('Subscriptions', client.subscriptions.length === 0 ? none : subscriptions),
    part('Topic ids', client.topicIds.length === 0 ? none : topics),
    part('Refused, or dropped', client.refusals.length === 0 ? none : refusals),
    part('States', client.history.length === 0 ? none : history),
  ].join('');
}
