import { describe, expect, it } from '@jest/globals';
import { StatusBench } from './status-bench.ts';
import { VirtualBroker } from './virtual-broker.ts';

/** A bench whose broker closes the connection on some topics. */
function facing(...topics: string[]): StatusBench {
  const broker = new VirtualBroker();
  for (const topic of topics) {
    broker.fells.add(topic);
  }
  return new StatusBench({ broker });
}

describe('a broker that closes the connection on a status topic (I-107)', () => {
  it('is left for good after it has closed it on the same topic alone for the second time, with a warning', () => {
    const bench = facing();
    for (let i = 0; i < 30; i++) {
      bench.connects(`c${i}`);
    }
    bench.broker.fells.add('gw/clients/c11/state');
    bench.settle();
    expect(bench.broker.stands).toBe(false);
    bench.pass(600_000);
    expect(bench.notesOf('status-off')).toEqual([
      { type: 'status-off', topic: 'gw/clients/c11/state', reason: 'the broker closes the connection on it' },
    ]);
    expect(bench.broker.stands).toBe(false);
    const { length } = bench.broker.connects;
    expect(length).toBe(3); // several on the way, then one at a time twice
    bench.connects('d');
    bench.own(false);
    bench.own(true);
    bench.pass(3_600_000);
    expect(bench.broker.connects).toHaveLength(length);
    expect(bench.teller.deadline).toBeUndefined();
    expect(bench.broker.retained.get('gw/state')).toBe('offline');
  });

  it('is found out on its own topics, too', () => {
    const bench = facing('gw/info');
    bench.pass(600_000);
    expect(bench.notesOf('status-off')).toEqual([expect.objectContaining({ topic: 'gw/info' })]);
  });

  it('is not blamed where it was away', () => {
    const bench = facing();
    bench.pass(20_000);
    for (let outage = 0; outage < 10; outage++) {
      bench.connects('a', { state: outage % 2 === 0 ? 'active' : 'asleep' });
      bench.broker.acknowledges = false;
      bench.settle();
      bench.broker.breaks();
      bench.settle();
      bench.pass(20); // the own connection is noticed to have broken a little later
      bench.own(false);
      bench.pass(30_000);
      bench.broker.acknowledges = true;
      bench.own(true);
      bench.pass(30_000);
      expect(bench.broker.stands).toBe(true);
    }
    expect(bench.notesOf('status-off')).toEqual([]);
    expect(bench.json('gw/clients/a/state')).toMatchObject({ state: 'asleep' });
  });

  it.each([
    ['with another topic each time', undefined, {}],
    ['because somebody else has its client id', 'gw/info', { takenOver: true }],
    ['because it gave no sign of life', 'gw/info', { ours: true as const }],
    ['because it goes away', 'gw/info', { reasonCode: 0x8b }],
  ])('is not blamed where the connection breaks %s', (_, topic, more) => {
    const bench = facing();
    for (let i = 0; i < 20; i++) {
      bench.broker.acknowledges = false;
      if (topic === undefined) {
        bench.connects(`c${i}`);
      } else {
        bench.note({ type: 'settings-reloaded', trigger: 'SIGHUP', changed: 0, needsRestart: 1 });
      }
      bench.pass(6_000);
      bench.broker.breaks(more);
      bench.broker.acknowledges = true;
      bench.pass(90_000);
    }
    expect(bench.notesOf('status-off')).toEqual([]);
    expect(bench.broker.stands).toBe(true);
  });

  it('somebody else who has its client id is told of', () => {
    const bench = facing();
    bench.broker.breaks({ takenOver: true });
    bench.settle();
    expect(bench.notesOf('status-problem')).toEqual([
      {
        type: 'status-problem',
        reason:
          'another client has taken over the client id of this connection at the broker (that of the gateway with -status behind it); set upstream.gatewayClientId to an id that nobody else has',
      },
    ]);
  });

  it('with nothing on the way it is connected to again, after ever longer pauses', () => {
    const bench = facing();
    const pauses: number[] = [];
    for (let i = 0; i < 9; i++) {
      bench.broker.breaks();
      bench.settle();
      pauses.push(bench.notesOf('status-down').at(-1)?.retryIn ?? 0);
      bench.pass(61_000 - 1_500);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    bench.pass(61_000);
    bench.pass(61_000);
    bench.broker.breaks();
    bench.settle();
    expect(bench.notesOf('status-down').at(-1)?.retryIn).toBe(1_000);
  });

  it('is told everything else where it closes it on what can be done without', () => {
    const broker = new VirtualBroker();
    broker.fells.add('ha/status');
    broker.fells.add('gw/request/+');
    const bench = new StatusBench({ broker, settings: { discoveryPrefix: 'ha', requests: true } });
    bench.view('a');
    bench.pass(600_000);
    expect(bench.notesOf('status-off')).toEqual([]);
    expect(bench.notesOf('status-problem').map(({ reason }) => reason)).toEqual([
      'the broker closes the connection on gw/request/+: what is said there is not heard until the next start',
      'the broker closes the connection on ha/status: what is said there is not heard until the next start',
    ]);
    expect(broker.stands).toBe(true);
    expect(bench.json('gw/clients/a/state')).toBeDefined();
  });

  it('five attempts in a row that it ends are enough; while it has no time they do not count', () => {
    const bench = new StatusBench({ isUp: false });
    bench.broker.answer = (connection) => ({
      ...{ type: 'upstream-lost', connection, reason: 'closed by the broker before CONNACK', takenOver: false },
    });
    bench.own(true);
    bench.pass(3_600_000);
    expect(bench.broker.connects).toHaveLength(5);
    expect(bench.notesOf('status-off')).toEqual([
      { type: 'status-off', topic: 'gw/state', reason: 'closed by the broker before CONNACK' },
    ]);
  });

  it.each([
    [5, 0x87, 5, 'the broker refuses the connection: Not authorized (0x87)'],
    [4, 0x05, 5, 'the broker refuses the connection: not authorized (0x05)'],
    [5, 0x9a, 5, 'the broker refuses the connection: Retain not supported (0x9a)'],
    [5, 0x89, 66, undefined],
    [4, 0x03, 66, undefined],
  ] as const)('MQTT %d, CONNACK %d: %d attempts in an hour', (protocolVersion, reasonCode, attempts, reason) => {
    const bench = new StatusBench({ isUp: false });
    bench.broker.answer = (connection) => ({ type: 'upstream-refused', connection, protocolVersion, reasonCode });
    bench.own(true);
    bench.pass(3_600_000);
    expect(bench.broker.connects.length).toBeGreaterThanOrEqual(attempts - 3);
    expect(bench.broker.connects.length).toBeLessThanOrEqual(attempts);
    expect(bench.notesOf('status-off').map((note) => note.reason)).toEqual(reason === undefined ? [] : [reason]);
  });

  it.each([
    ['retained messages', { retainAvailable: false }],
    ['QoS 1', { maximumQos: 0 as const }],
  ])('a broker without %s is told nothing', (what, limits) => {
    const bench = new StatusBench({ isUp: false });
    bench.broker.limits = limits;
    bench.own(true);
    bench.pass(600_000);
    expect(bench.broker.said).toEqual([]);
    expect(bench.notesOf('status-off')).toEqual([
      { type: 'status-off', topic: 'gw/state', reason: `the broker has no ${what}` },
    ]);
  });

  it('one that refuses a topic without closing is warned of once for each reason, and goes on', () => {
    const bench = facing();
    bench.broker.pubacks.set('gw/clients/a/state', 0x87).set('gw/clients/b/state', 0x87);
    bench.connects('a');
    bench.connects('b');
    bench.connects('c');
    bench.settle();
    expect(bench.notesOf('status-problem')).toEqual([
      { type: 'status-problem', reason: 'the broker does not take gw/clients/a/state: Not authorized (0x87)' },
    ]);
    expect(bench.json('gw/clients/c/state')).toBeDefined();
  });
});
