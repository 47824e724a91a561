/**
 * Runs the core: feeds it inputs one at a time, performs the effects in order, and keeps one timer for the next deadline. Inputs that come up while effects
 * are performed wait their turn. Effects that promise what is not on disk yet wait, and with them all that comes behind them for the same client (lanes.ts).
 */
import type { Core } from '../core/contract/core.ts';
import type { Effect } from '../core/contract/effect.ts';
import type { Input } from '../core/contract/input.ts';
import { InvariantError } from '../core/contract/invariant-error.ts';
import { RUNTIME_KEY, type StoreWrite, storeKey } from '../core/contract/stored-records.ts';
import type { Clock, Millis } from '../ports/clock.ts';
import type { Observer } from '../ports/observer.ts';
import type { Store } from '../ports/store.ts';
import type { Transport } from '../ports/transport.ts';
import type { Upstream } from '../ports/upstream.ts';
import { CoreClock } from './core-clock.ts';
import type { DriverParts } from './driver-parts.ts';
import type { LaneEffect } from './lane-effect.ts';
import { Lanes } from './lanes.ts';
import { latestTime } from './latest-time.ts';
import { RecordReader } from './record-reader.ts';
import { StoreWriter } from './store-writer.ts';

/** How often the running time is stored (I-36). */
const RUNTIME_INTERVAL: Millis = 60_000;

export class Driver {
  readonly #core: Core;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #told: NonNullable<DriverParts['told']>;
  readonly #coreClock: CoreClock;
  readonly #lanes: Lanes;
  readonly #transports = new Map<string, Transport>();
  readonly #waiting: Input[] = [];
  #drained: (() => void) | undefined;
  #writer: StoreWriter | undefined;
  #reader: RecordReader | undefined;
  #upstream: Upstream | undefined;
  /** An input is being handled, or the driver has not been started: further ones wait. */
  #running = true;
  /** Before that the time of the core is none: it goes on with what the store has of it (I-36). */
  #isStarted = false;
  /** When the running time was stored last. */
  #runtimeAt: Millis = 0;

  constructor(parts: DriverParts) {
    this.#core = parts.core;
    this.#clock = parts.clock;
    this.#observer = parts.observer;
    this.#told = parts.told ?? (() => undefined);
    this.#coreClock = new CoreClock({
      clock: parts.clock,
      due: (now) => this.#tick(now),
      looked: () => this.#schedule(),
      paused: (milliseconds) => this.#observer.note({ type: 'process-paused', milliseconds }),
    });
    this.#lanes = new Lanes({
      perform: (effect) => this.#performOne(effect),
      hold: (clientId, held) => this.feed({ type: held ? 'client-held' : 'client-released', clientId }),
    });
  }

  /** Sets the upstream adapter; before the first input. */
  set upstream(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /** Sets the store; before the first input. Without one nothing outlives the process. */
  set store(store: Store) {
    this.#writer = new StoreWriter({
      store,
      clock: this.#clock,
      observer: this.#observer,
      onSlow: (slow) => {
        this.#lanes.holding = slow;
      },
      onDefect: (owners) => {
        this.#lanes.discard(owners);
        for (const clientId of owners) {
          this.feed({ type: 'session-failed', clientId });
        }
      },
    });
    this.#reader = new RecordReader({
      writer: this.#writer,
      clock: this.#clock,
      observer: this.#observer,
      loaded: (records) => this.#coreClock.isStopped || this.feed({ type: 'records-loaded', records }),
    });
  }

  /** Now, on the clock of the core: the time that gateways with this store have run. */
  now(): Millis {
    return this.#coreClock.now();
  }

  /** Changes that are not in the store yet. */
  get unwritten(): number {
    return this.#writer?.unwritten ?? 0;
  }

  /** Undefined: there is no store. */
  get writer(): Pick<StoreWriter, 'times' | 'waits'> | undefined {
    return this.#writer;
  }

  /** Resolves when no effect waits for the store any more, and all is written. */
  drained(): Promise<void> {
    if (this.#isDrained) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Adds a transport, known by its name. */
  addTransport(transport: Transport): void {
    this.#transports.set(transport.name, transport);
  }

  get #isDrained(): boolean {
    return this.#lanes.size === 0 && this.unwritten === 0;
  }

  /** Begins with `first`, before everything that has come in so far. With the records of a store its time goes on, too (I-36). */
  start(first: Input): void {
    if (first.type === 'sessions-restored') {
      this.#runtimeAt = latestTime(first.records);
      this.#coreClock.continueFrom(this.#runtimeAt);
    }
    this.#isStarted = true;
    this.#running = false;
    this.#waiting.unshift(first);
    this.#work();
  }

  /** Takes one input; returns when its effects have been performed or wait for the store, or at once where it is called from inside one. */
  readonly feed = (input: Input): void => {
    this.#waiting.push(input);
    if (!this.#running) {
      this.#work();
    }
  };

  #work(tick?: Millis): void {
    this.#running = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        const now = this.#coreClock.now();
        this.#handle(next, next.type === 'tick' && tick !== undefined ? Math.max(tick, now) : now);
      }
    } finally {
      this.#running = false;
    }
    this.#schedule();
  }

  /** Lets go of the timer for good: inputs that come after that, of sockets that are being closed, set none. */
  stop(): void {
    if (this.#isStarted) {
      this.#saveRuntime(this.#coreClock.now());
    }
    this.#coreClock.stop();
  }

  /** The store is about to be closed: what it could not write or read by now is not tried again. */
  releaseStore(): void {
    this.#writer?.stop();
    this.#reader?.stop();
  }

  #tick(now: Millis): void {
    this.#waiting.push({ type: 'tick' });
    if (!this.#running) {
      this.#work(now);
    }
  }

  #handle(input: Input, now: Millis): void {
    if (this.#lanes.size > 0 && this.#isTooMuch(input)) {
      return;
    }
    if (input.type === 'frame-received' && this.#observer.wantsFrames) {
      this.#observer.frame?.('received', input.link, input.frame);
    }
    let effects: readonly Effect[];
    try {
      effects = this.#core.handle(this.#lanes.told(input), now);
    } catch (error) {
      if (!(error instanceof InvariantError)) {
        throw error;
      }
      effects = error.effects;
      const { clientId, message } = error;
      const cause = error.cause instanceof Error ? error.cause.stack : undefined;
      this.#observer.note({ type: 'session-failed', clientId, reason: cause ?? message });
      if (input.type !== 'session-failed') {
        this.#waiting.unshift({ type: 'session-failed', clientId });
      }
    }
    this.#perform(effects);
  }

  /**
   * What waits for the disk is bounded: what a client repeats by itself, and what has no promise, is not taken any more. Messages of the broker
   * with a promise are: the broker's window bounds them.
   */
  #isTooMuch(input: Input): boolean {
    if (input.type !== 'frame-received' && !(input.type === 'upstream-message' && input.qos === 0)) {
      return false;
    }
    const clientId = this.#core.clientOf(input);
    if (!this.#lanes.isFull(clientId)) {
      return false;
    }
    const message = input.type === 'frame-received' ? 'frame' : 'PUBLISH';
    this.#observer.note({ type: 'message-not-taken', clientId, message });
    return true;
  }

  /** Performs the effects of one turn, or lets them wait for the disk; writes that come while one is under way share the next one. */
  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'store') {
        const { writes, durable, syncs = false, owners } = effect;
        this.#outdate(writes, owners);
        this.#writer?.write(writes, durable || syncs, owners, durable ? this.#blocked(owners) : this.#settled);
      } else if (effect.type === 'load') {
        this.#reader?.load(effect.keys);
      } else {
        this.#lanes.add(effect);
      }
    }
  }

  #outdate(writes: readonly StoreWrite[], owners: Iterable<string>): void {
    if (this.#lanes.size === 0) {
      return;
    }
    for (const clientId of owners) {
      const session = storeKey('session', clientId);
      if (writes.some(({ key }) => key === session)) {
        this.#lanes.outdate(clientId);
      }
    }
  }

  #blocked(owners: Iterable<string>): () => void {
    const open = this.#lanes.block(owners);
    return () => {
      open();
      this.#settled();
    };
  }

  readonly #settled = (): void => {
    if (this.#isDrained) {
      this.#drained?.();
    }
  };

  #performOne(effect: LaneEffect): void {
    switch (effect.type) {
      case 'note':
        this.#observer.note(effect.note);
        return;
      case 'send':
      case 'broadcast':
        if (this.#observer.wantsFrames) {
          const to = effect.type === 'send' ? effect.link : `${effect.transport}:`;
          this.#observer.frame?.(effect.type === 'send' ? 'sent' : 'broadcast', to, effect.frame);
        }
        this.#transports.get(effect.transport)?.perform(effect);
        return;
      case 'tell-operator':
        this.#told(effect);
        return;
      case 'show-message':
        this.#observer.message?.(effect.message);
        return;
      default:
        this.#upstream?.perform(effect);
    }
  }

  #schedule(): void {
    this.#coreClock.waitUntil(this.#core.nextDeadline);
    const now = this.#coreClock.now();
    if (now - this.#runtimeAt >= RUNTIME_INTERVAL) {
      this.#saveRuntime(now);
    }
  }

  #saveRuntime(now: Millis): void {
    this.#runtimeAt = now;
    this.#writer?.write([{ key: RUNTIME_KEY, record: { kind: 'runtime', millis: now } }], false, [], this.#settled);
  }
}
