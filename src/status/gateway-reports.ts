/** What is said of the gateway itself, as JSON; times are ISO 8601 in UTC, to the second. */
import type { Millis } from '../ports/clock.ts';
import type { Census, SessionView } from '../ports/sessions.ts';
import type { DropCount, Site } from '../ports/site.ts';
import { isoSeconds } from './client-report.ts';

export interface InfoReport {
  readonly version: string;
  readonly gwId: number;
  /** Client id of the gateway's own connection to the broker. */
  readonly clientId: string;
  readonly startedAt: string;
  readonly broker: { readonly url: string; readonly embedded: boolean; readonly mode: 'transparent' | 'aggregating' };
  /** Null: clients are not announced to it. */
  readonly homeAssistant: { readonly discoveryPrefix: string } | null;
  /** Settings have changed in their files that need a restart, and which. */
  readonly restartNeeded: boolean;
  readonly restartNeededFor: readonly string[];
  readonly transports: readonly {
    readonly name: string;
    readonly type: string;
    readonly address: string;
    readonly state: 'up' | 'down';
    readonly since: string;
    readonly reason: string | null;
  }[];
  /** All settings in effect, without secrets. */
  readonly settings: unknown;
}

export interface InfoParts {
  readonly site: Pick<Site, 'version' | 'gwId' | 'startedAt' | 'broker' | 'transports'>;
  readonly clientId: string;
  readonly discoveryPrefix: string | undefined;
  readonly restartNeededFor: readonly string[];
  /** Without secrets. */
  readonly settings: unknown;
}

export function infoReport({ site, clientId, discoveryPrefix, restartNeededFor, settings }: InfoParts): InfoReport {
  const { url, embedded, mode } = site.broker();
  return {
    version: site.version,
    gwId: site.gwId,
    clientId,
    startedAt: isoSeconds(site.startedAt),
    broker: { url, embedded, mode },
    homeAssistant: discoveryPrefix === undefined ? null : { discoveryPrefix },
    restartNeeded: restartNeededFor.length > 0,
    restartNeededFor,
    transports: site.transports().map(({ name, type, address, state, since, reason }) => ({
      name,
      type,
      address,
      state,
      since: isoSeconds(since),
      reason: reason ?? null,
    })),
    settings,
  };
}

type StateCounts = Readonly<Record<SessionView['state'], number>>;

export interface StatsReport {
  readonly time: string;
  /** Seconds. */
  readonly uptime: number;
  readonly clients: StateCounts & { readonly total: number };
  readonly messages: {
    /** Since the start. */
    readonly fromClients: number;
    readonly toClients: number;
    readonly dropped: number;
    /** The same by why, those that are most first; the first ten. */
    readonly droppedFor: readonly DropCount[];
    /** Since the last time. */
    readonly fromClientsPerMinute: number;
    readonly toClientsPerMinute: number;
  };
  /** What waits for clients in this gateway. */
  readonly waiting: { readonly messages: number; readonly octets: number };
}

/** Why messages were dropped: so many reasons are told. */
const MOST_REASONS = 10;

const MINUTE: Millis = 60_000;

/** Counts of notes that are messages; before the dot, behind which is the QoS. */
const FROM_CLIENTS = ['client-published'];
const TO_CLIENTS = ['delivered'];
const DROPPED = ['client-publish-dropped', 'delivery-dropped'];

/** The numbers of the gateway, with what has come since the last time. */
export class Stats {
  readonly #site: Pick<Site, 'startedAt' | 'counts' | 'queues' | 'drops'>;
  /** Of the last time. */
  #last: { readonly at: Millis; readonly from: number; readonly to: number };

  constructor(site: Pick<Site, 'startedAt' | 'counts' | 'queues' | 'drops'>, now: Millis) {
    this.#site = site;
    this.#last = { at: now, from: 0, to: 0 };
  }

  /** `wall`: milliseconds since 1970. */
  report(census: Census, now: Millis, wall: number): StatsReport {
    const counts = this.#site.counts();
    const from = sum(counts, FROM_CLIENTS);
    const to = sum(counts, TO_CLIENTS);
    const last = this.#last;
    const minutes = (now - last.at) / MINUTE;
    this.#last = { at: now, from, to };
    const perMinute = (messages: number): number => (minutes > 0 ? Math.round((messages / minutes) * 10) / 10 : 0);
    return {
      time: isoSeconds(wall),
      uptime: Math.round((wall - this.#site.startedAt) / 1_000),
      clients: inAll(census),
      messages: {
        fromClients: from,
        toClients: to,
        dropped: sum(counts, DROPPED),
        droppedFor: [...this.#site.drops()].sort((one, other) => other.count - one.count).slice(0, MOST_REASONS),
        fromClientsPerMinute: perMinute(from - last.from),
        toClientsPerMinute: perMinute(to - last.to),
      },
      waiting: this.#site.queues(),
    };
  }
}

/** Of all transports together. */
function inAll(census: Census): StatsReport['clients'] {
  const all = { total: 0, active: 0, asleep: 0, awake: 0, lost: 0, disconnected: 0 };
  for (const { active, asleep, awake, lost, disconnected } of census.values()) {
    all.active += active;
    all.asleep += asleep;
    all.awake += awake;
    all.lost += lost;
    all.disconnected += disconnected;
    all.total += active + asleep + awake + lost + disconnected;
  }
  return all;
}

function sum(counts: Readonly<Record<string, number>>, names: readonly string[]): number {
  let all = 0;
  for (const [name, count] of Object.entries(counts)) {
    if (names.includes(name.split('.', 1)[0] ?? '')) {
      all += count;
    }
  }
  return all;
}
