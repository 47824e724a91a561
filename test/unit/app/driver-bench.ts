import { Driver } from '../../../src/app/driver.ts';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';
import { GatewayCore } from '../../../src/core/gateway-core.ts';
import type { Clock, Millis } from '../../../src/ports/clock.ts';
import type { Note, Observer } from '../../../src/ports/observer.ts';
import type { Store, StoredRecord, StoreWrite } from '../../../src/ports/store.ts';
import type { Transport, TransportEffect } from '../../../src/ports/transport.ts';
import type { Upstream, UpstreamEffect } from '../../../src/ports/upstream.ts';
import { effectLine, octets } from '../../support/core-bench.ts';
import { peerOf } from '../../support/peer-of.ts';

/** Time that stands until the test moves it. Timers may fire early, as Node's do. */
export class StandingClock implements Clock {
  time: Millis;
  wakeUps: { at: Millis; wake: () => void }[] = [];

  constructor(time: Millis = 1_000) {
    this.time = time;
  }

  now(): Millis {
    return this.time;
  }

  wakeAt(at: Millis, wake: () => void): () => void {
    const entry = { at, wake };
    this.wakeUps.push(entry);
    return () => {
      this.wakeUps = this.wakeUps.filter((other) => other !== entry);
    };
  }

  /** Fires the timer that is due first, whatever time it is. */
  fire(): void {
    const first = this.wakeUps.reduce((one, other) => (other.at < one.at ? other : one));
    this.wakeUps = this.wakeUps.filter((other) => other !== first);
    first.wake();
  }

  /** Lets time pass; every timer fires when it is due. */
  async pass(milliseconds: Millis): Promise<void> {
    const end = this.time + milliseconds;
    while (this.wakeUps.some(({ at }) => at <= end)) {
      this.time = Math.max(this.time, Math.min(...this.wakeUps.map(({ at }) => at)));
      this.fire();
      await settled();
    }
    this.time = end;
  }
}

/** A store whose writes end when the test says so. */
export class SlowStore implements Store {
  readonly pending: {
    writes: readonly StoreWrite[];
    durable: boolean;
    done: () => void;
    fail: (error: Error) => void;
  }[] = [];
  async open(): Promise<[]> {
    return [];
  }
  write(writes: readonly StoreWrite[], durable: boolean): Promise<void> {
    return new Promise((done, fail) => this.pending.push({ writes, durable, done, fail }));
  }
  /** What a read finds; an error: the disk does not answer. */
  readonly found = new Map<string, StoredRecord | Error>();
  async read(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    return keys.map((key) => {
      const found = this.found.get(key);
      if (found instanceof Error) {
        throw found;
      }
      return found;
    });
  }
  async close(): Promise<void> {}
}

export function bench(store?: Store, clock = new StandingClock()) {
  const performed: string[] = [];
  const notes: Note[] = [];
  const observer: Observer = { note: (note) => notes.push(note), wantsFrames: false, frame: () => undefined };
  const core = new GatewayCore({ settings: DEFAULT_CORE_SETTINGS, predefinedTopics: new Map(), random: () => 1 });
  const driver = new Driver({ core, clock, observer, told: (effect) => performed.push(effectLine(effect)) });
  const log = (effect: TransportEffect | UpstreamEffect): unknown => performed.push(effectLine(effect));
  const transport: Transport = { name: 'udp', open: async () => undefined, perform: log, close: async () => undefined };
  const upstream: Upstream = { perform: log, close: async () => undefined };
  driver.upstream = upstream;
  driver.addTransport(transport);
  if (store) {
    driver.store = store;
  }
  const from = (client: string, hex: string): void =>
    driver.feed({
      ...{ type: 'frame-received', link: `udp:${client}`, peer: peerOf(`udp:${client}`), frame: octets(hex) },
    });
  /** What has been performed since the last call. */
  const news = (): string[] => performed.splice(0);
  return { core, driver, clock, notes, from, news };
}

export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
