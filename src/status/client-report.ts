import type { Millis } from '../ports/clock.ts';
import type { SessionView } from '../ports/sessions.ts';
import type { Departure } from './departed.ts';

/** What is said of one client, as JSON; times are ISO 8601 in UTC, to the second. */
export interface ClientReport {
  readonly clientId: string;
  readonly state: SessionView['state'];
  /** It can be reached, or sleeps and is not overdue. */
  readonly connected: boolean;
  /** Name of the transport. */
  readonly transport: string;
  /** Where it is, or was last, on that transport. */
  readonly address: string;
  /** To the broker, in an aggregating gateway: its own, or that which clients share. */
  readonly connection?: 'own' | 'shared';
  readonly lastSeen: string;
  /** Null: it is not asleep. */
  readonly sleepUntil: string | null;
  /** Messages that wait for it in this gateway. */
  readonly waiting: number;
  /** Of the last hop, in dBm; null: the radio has not told. */
  readonly rssi: number | null;
}

/** The same moment on two clocks: that of the sessions, and the wall clock in milliseconds since 1970. */
export interface Moment {
  readonly now: Millis;
  readonly wall: number;
}

/** What is to be said of a client at this moment. `rssi`: in dBm. */
export function clientReport(view: SessionView, moment: Moment, rssi: number | undefined): ClientReport {
  const { clientId, state, transport, address, lastHeard, sleepUntil, waiting } = view;
  return {
    clientId,
    state,
    connected: state === 'active' || state === 'awake' || state === 'asleep',
    transport,
    address,
    ...(view.connection && { connection: view.connection }),
    lastSeen: timeText(lastHeard, moment),
    sleepUntil: sleepUntil === undefined ? null : timeText(sleepUntil, moment),
    waiting,
    rssi: rssi ?? null,
  };
}

/** The same of one that has no session any more. */
export function departedReport(
  clientId: string,
  { state, link, lastHeard }: Departure,
  moment: Moment,
  rssi: number | undefined,
): ClientReport {
  const transport = link.slice(0, Math.max(0, link.indexOf(':')));
  return {
    clientId,
    state,
    connected: false,
    transport,
    address: addressOf(link, transport),
    lastSeen: timeText(lastHeard, moment),
    sleepUntil: null,
    waiting: 0,
    rssi: rssi ?? null,
  };
}

/** Behind the name of the transport, with which each link begins. */
function addressOf(link: string, transport: string): string {
  const start = `${transport}:`;
  return link.startsWith(start) ? link.slice(start.length) : link;
}

function timeText(time: Millis, { now, wall }: Moment): string {
  return isoSeconds(wall + time - now);
}

/** `2026-11-29T08:35:46Z` of milliseconds since 1970, cut, so that nothing lies in the future. */
export function isoSeconds(wall: number): string {
  return `${new Date(Math.floor(wall / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;
}
