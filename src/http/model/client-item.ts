/** From the read model of a session to what the API tells of its client. */
import type { SessionSummary, SessionView } from '../../ports/sessions.ts';
import type { ClientDetail, ClientItem } from '../api-contract.ts';
import { isoTime } from './wall-clock.ts';

/** A row of the list. `offset`: from the clock of the sessions to that on the wall; `rssi`: in dBm, undefined where the radio does not tell. */
export function clientItem(view: SessionSummary, offset: number, rssi: number | undefined): ClientItem {
  const { clientId, state, since, transport, link, address, identity, lastHeard, sleepUntil, waiting, counters } = view;
  return {
    clientId,
    state,
    since: isoTime(since + offset),
    transport,
    link,
    address,
    identity: identity ?? null,
    connection: view.connection ?? null,
    lastSeen: isoTime(lastHeard + offset),
    sleepUntil: sleepUntil === undefined ? null : isoTime(sleepUntil + offset),
    published: counters.published,
    delivered: counters.delivered,
    dropped: counters.dropped,
    waiting,
    rssi: rssi ?? null,
    lastTopic: view.lastTopic ?? null,
    lastOctets: view.lastOctets ?? null,
  };
}

/** All of one client. `offset`: as of its row. */
export function clientDetail(
  view: SessionView,
  item: ClientItem,
  offset: number,
  more: Pick<ClientDetail, 'history' | 'refusals' | 'traceUntil'>,
): ClientDetail {
  const { accessRule, cleanSession, keepAlive, inFlight, willTopic, topicIds, subscriptions } = view;
  return {
    ...item,
    accessRule: accessRule ?? null,
    cleanSession,
    keepAlive: keepAlive / 1_000,
    inFlight,
    willTopic: willTopic ?? null,
    topicIds,
    subscriptions,
    waitingMessages: view.waitingMessages.map(({ topic, qos, octets, since }) => ({
      ...{ topic, qos, octets },
      since: since === undefined ? null : isoTime(since + offset),
    })),
    ...more,
  };
}
