/** What the gateway is, and how it is, on one page. */
import type { DropReasons } from '../../observe/drop-reasons.ts';
import type { Operator } from '../../ports/operator.ts';
import type { Census, Sessions } from '../../ports/sessions.ts';
import type { DropCount, Site, TransportView } from '../../ports/site.ts';
import type { ClientStateName, Overview, TransportItem } from '../api-contract.ts';
import type { MessageRates } from './message-rates.ts';
import { messagesIn } from './message-rates.ts';
import { isoTime } from './wall-clock.ts';

/** Why messages were dropped: so many reasons are told. */
const MOST_REASONS = 10;

export interface OverviewParts {
  readonly site: Site;
  readonly sessions: Pick<Sessions, 'census'>;
  readonly operator: Pick<Operator, 'needsRestart'>;
  readonly rates: MessageRates;
  readonly drops: Pick<DropReasons, 'counts'>;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Milliseconds, of the last second. */
  eventLoopDelay(): number;
  /** Whether whoever sees the page may act; undefined: he may. Else why not, and what to do. */
  accessHint(): string | undefined;
}

/** The overview as it is now. */
export function overviewOf(parts: OverviewParts): Overview {
  const { site, sessions, operator, rates, drops, wall } = parts;
  const accessHint = parts.accessHint();
  const broker = site.broker();
  const { up, down } = rates.sample(messagesIn(site.counts()));
  return {
    version: site.version,
    gwId: site.gwId,
    startedAt: isoTime(site.startedAt),
    uptime: Math.max(0, Math.round((wall() - site.startedAt) / 1_000)),
    broker: {
      url: broker.url,
      embedded: broker.embedded,
      mode: broker.mode,
      state: broker.state,
      since: isoTime(broker.since),
      reason: broker.reason ?? null,
    },
    transports: site.transports().map(transportItem),
    clients: clientsIn(sessions.census()),
    rates: { up: rounded(up), down: rounded(down) },
    queue: site.queues(),
    dropped: droppedIn(drops.counts()),
    eventLoopDelay: rounded(parts.eventLoopDelay()),
    access: accessHint === undefined ? 'all' : 'read',
    accessHint: accessHint ?? null,
    needsRestart: operator.needsRestart,
  };
}

function droppedIn(counts: readonly DropCount[]): Overview['dropped'] {
  const sum = { up: 0, down: 0 };
  for (const { direction, count } of counts) {
    sum[direction] += count;
  }
  return { ...sum, reasons: [...counts].sort((one, other) => other.count - one.count).slice(0, MOST_REASONS) };
}

/** How many clients are in each state, over all transports. */
export function clientsIn(census: Census): Overview['clients'] {
  const clients: Record<ClientStateName, number> = { active: 0, asleep: 0, awake: 0, lost: 0, disconnected: 0 };
  let total = 0;
  for (const states of census.values()) {
    for (const [state, count] of Object.entries(states) as [ClientStateName, number][]) {
      clients[state] += count;
      total += count;
    }
  }
  return { ...clients, total };
}

function transportItem(view: TransportView): TransportItem {
  const { name, type, address, state, since, reason, problems, traffic } = view;
  const { framesReceived, octetsReceived, framesSent, octetsSent } = traffic;
  return {
    ...{ name, type, address, state, since: isoTime(since), reason: reason ?? null, problems },
    ...{ framesReceived, octetsReceived, framesSent, octetsSent },
  };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
