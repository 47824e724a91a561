import { describe, expect, it } from '@jest/globals';
import { Driver } from '../../../src/app/driver.ts';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';
import { GatewayCore } from '../../../src/core/gateway-core.ts';
import type { Clock, Millis } from '../../../src/ports/clock.ts';
import type { Note, Observer } from '../../../src/ports/observer.ts';
import type { Store, StoreWrite } from '../../../src/ports/store.ts';
import type { Transport, TransportEffect } from '../../../src/ports/transport.ts';
import type { Upstream, UpstreamEffect } from '../../../src/ports/upstream.ts';
import { connectFrame, effectLine, frame, octets } from '../../support/core-bench.ts';
import { peerOf } from '../../support/peer-of.ts';

/** Time that stands until the test moves it. Timers may fire early, as Node's do. */
class StandingClock implements Clock {
  time: Millis = 1_000;
  wakeUps: { at: Millis; wake: () => void }[] = [];
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
  fire(): void {
    const [entry] = this.wakeUps.splice(0, 1);
    entry?.wake();
  }
}

/** A store whose writes end when the test says so. */
class SlowStore implements Store {
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
  async close(): Promise<void> {}
}

function bench(store?: Store) {
  const performed: string[] = [];
  const notes: Note[] = [];
  const clock = new StandingClock();
  const observer: Observer = { note: (note) => notes.push(note), wantsFrames: false, frame: () => undefined };
  const core = new GatewayCore({ settings: DEFAULT_CORE_SETTINGS, predefinedTopics: new Map(), random: () => 1 });
  const driver = new Driver({ core, clock, observer });
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
  return { driver, clock, notes, from, news };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the driver', () => {
  it('handles nothing before it is started, then its first input before all others', () => {
    const { driver, from, news } = bench();
    from('s', connectFrame('s'));
    expect(news()).toEqual([]);
    const session = {
      kind: 'session',
      clientId: 's',
      protocolVersion: '1.2',
      link: 'udp:old',
      transport: 'udp',
      host: 'old',
      nodeId: undefined,
      state: 'disconnected',
      cleanSession: false,
    } as const;
    const empty = {
      keepAlive: 0,
      sleepDuration: undefined,
      lastHeard: 0,
      nextTopicId: 1,
      epoch: 1,
    };
    driver.start({
      type: 'sessions-restored',
      records: [{ ...session, ...empty }],
    });
    expect(news()).toEqual(['#1 CONNECT s clean']);
  });

  it('wakes the core at its deadline, also where the timer fires early', () => {
    const { driver, clock, from, news } = bench();
    driver.start({ type: 'tick' });
    from('s', frame('04 0c 01 003c', 's'));
    expect(news()).toEqual(['s < 0206']);
    expect(clock.wakeUps.map(({ at }) => at)).toEqual([11_000]);
    clock.time = 10_999.2;
    clock.fire();
    expect(news()).toEqual(['s < 0206']);
    expect(clock.wakeUps.map(({ at }) => at)).toEqual([21_000]);
  });

  it('sets no timer any more when it has been stopped', () => {
    const { driver, clock, from } = bench();
    driver.start({ type: 'tick' });
    from('s', frame('04 0c 01 003c', 's'));
    driver.stop();
    driver.feed({ type: 'transport-closed', transport: 'udp' });
    from('t', frame('04 0c 01 003c', 't'));
    expect(clock.wakeUps).toEqual([]);
  });

  it('goes on with the other clients where an invariant breaks', () => {
    const { driver, notes, from, news } = bench();
    driver.start({ type: 'tick' });
    from('s', connectFrame('s'));
    driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    news();
    driver.feed({
      type: 'upstream-message',
      connection: 1,
      topic: 'a',
      payload: undefined as never,
      packetId: 0,
      qos: 0,
      retain: false,
      dup: false,
    });
    expect(notes.map(({ type }) => type)).toContain('session-failed');
    expect(news()).toEqual(['s < 0218', '#1 DISCONNECT']);
    from('t', connectFrame('t'));
    expect(news()).toEqual(['#2 CONNECT t clean']);
  });
});

describe('the driver and the store', () => {
  /** A persistent client whose CONNACK is on disk. */
  async function connected() {
    const store = new SlowStore();
    const all = { ...bench(store), store };
    all.driver.start({ type: 'tick' });
    all.from('s', connectFrame('s', false));
    all.driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    return all;
  }

  it('sends no answer before what it promises is on disk', async () => {
    const { store, news } = await connected();
    expect(news()).toEqual(['#1 CONNECT s']);
    expect(store.pending.map(({ durable, writes }) => [durable, writes[0]?.key])).toEqual([[true, 'session/s']]);
    store.pending[0]?.done();
    await settled();
    expect(news()).toEqual(['s < 030500']);
  });

  it('keeps the order of everything behind a write that is under way', async () => {
    const { store, from, news } = await connected();
    from('t', '03 01 00');
    from('s', frame('0a 0000 0001', 'a/b'));
    expect(news()).toEqual(['#1 CONNECT s']);
    store.pending[1]?.done();
    await settled();
    expect(news()).toEqual([]);
    store.pending[0]?.done();
    await settled();
    expect(news()).toEqual(['s < 030500', 't < 030201', 's < 070b0001000100']);
  });

  it('withholds the answers of what could not be written, says so, and goes on (I-23)', async () => {
    const { store, notes, from, news } = await connected();
    news();
    store.pending[0]?.fail(new Error('no space left on device'));
    await settled();
    expect(news()).toEqual([]);
    expect(notes).toContainEqual({ type: 'store-problem', reason: 'no space left on device' });
    from('t', '03 01 00');
    expect(news()).toEqual(['t < 030201']);
  });

  it('waits for nothing where nothing is promised', async () => {
    const { store, from, news } = await connected();
    store.pending[0]?.done();
    await settled();
    news();
    from('s', '04 18 00 3c');
    store.pending[1]?.done();
    await settled();
    expect(news()).toEqual(['s < 0218']);
    from('u', frame('16', 's')); // a new address
    expect(store.pending[2]?.durable).toBe(false);
    expect(news()).toEqual(['u < 0217']);
  });

  it('is drained when nothing waits any more', async () => {
    const { driver, store } = await connected();
    let drained = false;
    const wait = driver.drained().then(() => {
      drained = true;
    });
    await settled();
    expect(drained).toBe(false);
    store.pending[0]?.done();
    await wait;
    expect(drained).toBe(true);
  });
});
