import type { DropReasons } from '../../observe/drop-reasons.ts';
import type { LoopDelay } from '../../observe/loop-delay.ts';
import type { RefusalCount, RefusalReasons } from '../../observe/refusal-reasons.ts';
import type { Census, Sessions } from '../../ports/sessions.ts';
import type { BrokerView, Distribution, DropCount, Site, TransportView } from '../../ports/site.ts';

/** Where the numbers come from. */
export interface MetricsSource {
  readonly site: Site;
  readonly sessions: Pick<Sessions, 'census'>;
  readonly drops: Pick<DropReasons, 'counts'>;
  readonly refusals: Pick<RefusalReasons, 'counts'>;
  readonly loop: Pick<LoopDelay, 'distribution'>;
  readonly limits: MetricsLimits;
}

/** Settings that a number is compared with. */
export interface MetricsLimits {
  /** `sessions.limit` */
  readonly sessions: number;
  /** Octets with QoS 0 that may wait for all clients together: `sessions.sleepBufferOctetsInAll`. */
  readonly qos0Octets: number;
  /** Octets with any QoS that may: `sessions.queue.octetsInAll`; undefined: the broker is the queue. */
  readonly queueOctets: number | undefined;
}

/** The gateway at one moment: what several families are made of is asked for once. */
export interface Scrape {
  readonly site: Site;
  readonly limits: MetricsLimits;
  readonly broker: BrokerView;
  readonly transports: readonly TransportView[];
  /** By name, as in `Site.counts`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly census: Census;
  readonly drops: readonly DropCount[];
  readonly refusals: readonly RefusalCount[];
  readonly loopDelay: Distribution;
}

/** Asks for everything. No session is looked at: that costs the same however many there are. */
export function takeScrape({ site, sessions, drops, refusals, loop, limits }: MetricsSource): Scrape {
  return {
    site,
    limits,
    broker: site.broker(),
    transports: site.transports(),
    counts: site.counts(),
    census: sessions.census(),
    drops: drops.counts(),
    refusals: refusals.counts(),
    loopDelay: loop.distribution(),
  };
}
