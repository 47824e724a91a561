import { describe, expect, it } from '@jest/globals';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { bareSession } from '../store/records.ts';
import { bench, StandingClock, settled } from './driver-bench.ts';

const DAY = 86_400_000;
const { expiry } = DEFAULT_CORE_SETTINGS.sessions;

/**
 * A gateway with a clock that shows `time`, on a store that has been there before or not. The broker accepts its own connection, which is opened
 * behind those of `restored` sessions.
 */
async function started(store: MemoryStore, time: number, restored: readonly string[] = []) {
  const records = await store.open();
  const all = bench(store, new StandingClock(time));
  all.driver.start({ type: 'sessions-restored', records });
  await settled();
  const own = restored.length + 1;
  expect(all.news()).toEqual([...restored, `#${own} CONNECT (gateway) clean`]);
  all.driver.feed({ type: 'upstream-connected', connection: own, sessionPresent: false });
  return all;
}

type Started = Awaited<ReturnType<typeof started>>;

/** A persistent client that connects, and then says `last`. */
async function client(gateway: Started, clientId: string, last: string): Promise<void> {
  gateway.from(clientId, connectFrame(clientId, false));
  const connection = Number(/#(\d+) CONNECT/.exec(gateway.news().join())?.[1]);
  gateway.driver.feed({ type: 'upstream-connected', connection, sessionPresent: false });
  await settled();
  gateway.from(clientId, last);
  await settled();
}

const states = (gateway: Started) =>
  Object.fromEntries([...gateway.core.sessions()].map(({ clientId, state }) => [clientId, state]));

describe.each([
  ['14 days back', 20 * DAY, 6 * DAY],
  ['14 days forward', 6 * DAY, 20 * DAY],
  ['where it was', 6 * DAY, 6 * DAY],
])('a gateway that is killed and starts again with its clock %s (I-36)', (_, first, second) => {
  async function restarted() {
    const store = new MemoryStore();
    const killed = await started(store, first);
    await client(killed, 'sleeper', '04 18 02 58'); // for 600 s
    await client(killed, 'absent', '02 18');
    await killed.clock.pass(120_000);
    const gateway = await started(store, second, ['#1 CONNECT sleeper']);
    gateway.driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: true });
    return gateway;
  }

  it('has its sleeper, whose time begins anew, and its absent client, both with nothing said', async () => {
    const gateway = await restarted();
    expect(states(gateway)).toEqual({ sleeper: 'asleep', absent: 'disconnected' });
    await gateway.clock.pass(600_000);
    expect(states(gateway)).toEqual({ sleeper: 'asleep', absent: 'disconnected' });
    gateway.from('sleeper', frame('16', 'sleeper'));
    for (let answer = 1; answer <= 3; answer++) {
      gateway.driver.feed({ type: 'upstream-ponged', connection: 1 });
    }
    await settled();
    expect(gateway.news()).toEqual(['#1 PINGREQ', '#1 PINGREQ', '#1 PINGREQ', 'sleeper < 0217']); // I-18
  });

  it('keeps the absent client for what is left of the time, which it counted while it ran', async () => {
    const gateway = await restarted();
    gateway.from('sleeper', '02 18');
    gateway.clock.time += 1; // within a second
    await passQuickly(gateway, expiry - 180_000 - 5_000);
    expect(states(gateway)).toHaveProperty('absent');
    await passQuickly(gateway, 150_000);
    expect(states(gateway)).not.toHaveProperty('absent');
  });
});

/** Days in a moment: each timer is 900 ms late, which is no pause yet. */
async function passQuickly(gateway: Started, milliseconds: number): Promise<void> {
  const { clock } = gateway;
  const end = clock.time + milliseconds;
  while (clock.time < end) {
    clock.time = Math.min(end, Math.min(...clock.wakeUps.map(({ at }) => at)) + 900);
    while (clock.wakeUps.some(({ at }) => at <= clock.time)) {
      clock.fire();
    }
  }
  await settled();
}

describe('the running time', () => {
  it('is stored each minute, and goes on from there', async () => {
    const store = new MemoryStore();
    const killed = await started(store, 5 * DAY);
    await client(killed, 's', '02 18');
    await killed.clock.pass(300_000);
    const records = await store.open();
    const runtime = records.flatMap((record) => (record.kind === 'runtime' ? [record.millis] : []));
    expect(runtime).toHaveLength(1);
    expect(runtime[0]).toBeGreaterThan(240_000);
    expect(runtime[0]).toBeLessThanOrEqual(300_000);
    const gateway = await started(store, 0);
    await client(gateway, 't', '02 18');
    const [lastHeard] = [...gateway.core.sessions()].flatMap((view) => (view.clientId === 't' ? [view.lastHeard] : []));
    expect(lastHeard).toBe(runtime[0]);
  });
});

describe('the time at which a client was lost', () => {
  it('is past after a restart, although the running time was stored before it', async () => {
    const store = new MemoryStore();
    await store.open();
    await store.write([
      { key: 'session/gone', record: { ...bareSession('gone'), state: 'lost', lastHeard: 1_000, goneSince: 59_000 } },
    ]);
    const gateway = await started(store, 5 * DAY);
    await client(gateway, 's', '02 18');
    const [lastHeard] = [...gateway.core.sessions()].flatMap((view) => (view.clientId === 's' ? [view.lastHeard] : []));
    expect(lastHeard).toBe(59_000);
  });
});

describe('the time at which a message came', () => {
  it('is past after a restart, although the running time was stored before it', async () => {
    const store = new MemoryStore();
    await store.open();
    const message = {
      kind: 'message',
      number: 1,
      topic: 't',
      payload: new Uint8Array(),
      qos: 1,
      retain: false,
    } as const;
    await store.write([{ key: 'message/1', record: { ...message, at: 59_000 } }]);
    const gateway = await started(store, 5 * DAY);
    await client(gateway, 's', '02 18');
    const [view] = gateway.core.sessions();
    expect(view?.lastHeard).toBe(59_000);
  });
});

describe('a process that stood still (I-37)', () => {
  /** An active client (keep-alive 10 s), one that sleeps for 10 s, and one that is asked for its will. */
  async function busy() {
    const gateway = await started(new MemoryStore(), 1_000);
    gateway.from('active', connectFrame('active', false, 10));
    gateway.driver.feed({ type: 'upstream-connected', connection: 2, sessionPresent: false });
    gateway.news();
    await client(gateway, 'sleeper', '04 18 00 0a');
    gateway.from('will', frame('04 0c 01 003c', 'will'));
    await settled();
    await gateway.clock.pass(2_000);
    gateway.news();
    return gateway;
  }

  it('for 15 s has lost nobody when its timer comes first: a second has passed', async () => {
    const gateway = await busy();
    gateway.clock.time += 15_000;
    gateway.clock.fire();
    expect(gateway.news()).toEqual([]);
    expect(gateway.notes).toContainEqual({ type: 'process-paused', milliseconds: expect.closeTo(14_000, -3.5) });
    await gateway.clock.pass(5_500); // T_retry is 10 s: 2 were over, and 1 to 2 by the pause
    expect(gateway.news()).toEqual([]);
    await gateway.clock.pass(3_000);
    expect(gateway.news()).toEqual(['will < 0206']);
    expect(states(gateway)).toMatchObject({ active: 'active', sleeper: 'asleep' });
    await gateway.clock.pass(6_000);
    expect(states(gateway)).toMatchObject({ active: 'lost', sleeper: 'lost' });
  });

  it('nor when a datagram comes first', async () => {
    const gateway = await busy();
    gateway.clock.time += 15_000;
    gateway.from('active', '02 16');
    expect(gateway.news()).toEqual(['active < 0217']);
    expect(gateway.notes.filter(({ type }) => type === 'process-paused')).toHaveLength(1);
    gateway.clock.time += 1;
    gateway.clock.fire();
    await gateway.clock.pass(9_000);
    expect(states(gateway)).toMatchObject({ active: 'active', sleeper: 'asleep' });
    expect(gateway.notes.filter(({ type }) => type === 'process-paused')).toHaveLength(1);
  });

  it('reads what came meanwhile before any time is over', async () => {
    const gateway = await busy();
    await gateway.clock.pass(11_800); // the active client has 1.2 s left
    gateway.news();
    gateway.clock.time += 60_000;
    gateway.clock.fire();
    gateway.from('active', '02 16');
    await gateway.clock.pass(5_000);
    expect(states(gateway)).toMatchObject({ active: 'active' });
  });

  it('for less than a second has not stood still', async () => {
    const gateway = await busy();
    gateway.clock.time += 1_900;
    gateway.clock.fire();
    expect(gateway.notes.map(({ type }) => type)).not.toContain('process-paused');
  });
});

describe('a gateway that is stopped before it has begun', () => {
  it('leaves the running time alone: its clock is that of the process as yet (I-36)', async () => {
    const store = new MemoryStore();
    await store.open();
    await store.write([{ key: 'runtime', record: { kind: 'runtime', millis: 20 * DAY } }]);
    const { driver } = bench(store, new StandingClock(3_000));
    driver.stop();
    await settled();
    expect(await store.read(['runtime'])).toEqual([{ kind: 'runtime', millis: 20 * DAY }]);
  });
});
