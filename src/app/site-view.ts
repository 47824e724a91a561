import type { AggregatingCore } from '../core/aggregating-core.ts';
import { Histogram } from '../core/contract/histogram.ts';
import type { SiteObserver } from '../observe/site-observer.ts';
import type {
  BrokerView,
  Distribution,
  DropCount,
  PredefinedTopicView,
  ShortTopicView,
  Site,
  TransportView,
} from '../ports/site.ts';
import type { TransparentUpstream } from '../upstream/transparent-upstream.ts';
import type { Driver } from './driver.ts';
import type { AddressedTransport } from './make-transports.ts';
import { version } from './version.ts';

export interface SiteViewParts {
  readonly gwId: number;
  readonly core: Pick<AggregatingCore, 'predefinedTopics' | 'shortTopics' | 'latencies' | 'queued'>;
  readonly driver: Pick<Driver, 'writer'>;
  readonly upstream: Pick<TransparentUpstream, 'standing'>;
  readonly observer: Pick<SiteObserver, 'broker' | 'counters' | 'drops' | 'transports'>;
  readonly broker: Pick<BrokerView, 'url' | 'embedded' | 'mode'>;
  readonly transports: readonly Pick<AddressedTransport, 'transport' | 'type' | 'traffic' | 'address'>[];
  /** Sessions outlive the process. */
  readonly isStored: boolean;
}

/** The gateway as it can be shown: everything is read where it is when somebody asks, and nothing before. */
export class SiteView implements Site {
  readonly version = version;
  readonly gwId: number;
  readonly startedAt = Date.now();
  readonly #parts: SiteViewParts;

  constructor(parts: SiteViewParts) {
    this.gwId = parts.gwId;
    this.#parts = parts;
  }

  broker(): BrokerView {
    return { ...this.#parts.broker, ...this.#parts.observer.broker.read() };
  }

  transports(): readonly TransportView[] {
    const { transports } = this.#parts.observer;
    return this.#parts.transports.map(({ transport: { name }, type, traffic, address }) => ({
      name,
      type,
      address: address(),
      ...transports.of(name),
      traffic: traffic.read(),
    }));
  }

  *predefinedTopics(): Iterable<PredefinedTopicView> {
    for (const topic of this.#parts.core.predefinedTopics()) {
      yield { ...topic };
    }
  }

  *shortTopics(): Iterable<ShortTopicView> {
    for (const topic of this.#parts.core.shortTopics()) {
      yield { ...topic };
    }
  }

  counts(): Readonly<Record<string, number>> {
    return this.#parts.observer.counters.snapshot();
  }

  publishLatency(): Readonly<Record<'1' | '2', Distribution>> {
    const { published } = this.#parts.core.latencies;
    return { '1': published[1].read(), '2': published[2].read() };
  }

  deliveryLatency(): Readonly<Record<'0' | '1' | '2', Distribution>> {
    const { delivered } = this.#parts.core.latencies;
    return { '0': delivered[0].read(), '1': delivered[1].read(), '2': delivered[2].read() };
  }

  storeWrites(): Distribution {
    return (this.#parts.driver.writer?.times ?? new Histogram()).read();
  }

  queues(): { readonly messages: number; readonly octets: number } {
    const { messages, octets } = this.#parts.core.queued();
    return { messages, octets };
  }

  drops(): readonly DropCount[] {
    return this.#parts.observer.drops.counts();
  }

  waitingQos0(): number {
    return this.#parts.core.queued().qos0Octets;
  }

  connections(): number {
    return this.#parts.upstream.standing;
  }

  storeStalledFor(): number | undefined {
    return this.#parts.isStored ? this.#parts.driver.writer?.waits : undefined;
  }
}
