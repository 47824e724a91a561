import { describe, expect, it } from '@jest/globals';
import { StatusBench } from './status-bench.ts';
import type { Said } from './virtual-broker.ts';

/** The most messages in any second. */
function mostInASecond(said: readonly Said[]): number {
  const times = said.map(({ at }) => at);
  return Math.max(...times.map((time) => times.filter((other) => other >= time && other < time + 1_000).length));
}

describe('the pace of the status', () => {
  it('a storm of 1,000 clients: 100 messages a second, the newest wins, nothing is lost in the end', () => {
    const bench = new StatusBench();
    bench.pass(20_000);
    bench.broker.said.splice(0);
    const clients = Array.from({ length: 1_000 }, (_, i) => `c${i}`);
    const states = ['active', 'asleep', 'awake', 'lost'] as const;
    let last: string | undefined;
    for (let round = 0; round < 40; round++) {
      for (const clientId of clients) {
        const state = states[(round + clientId.length) % states.length] ?? 'active';
        bench.connects(clientId, { state });
      }
      last = states[round % states.length];
      bench.pass(250);
    }
    bench.pass(20_000);
    expect(last).toBeDefined();
    expect(mostInASecond(bench.broker.said)).toBe(100);
    for (const clientId of clients) {
      expect(bench.json(`gw/clients/${clientId}/state`)?.state).toBe(bench.views.get(clientId)?.state);
    }
    // 10 s of storm at 100 a second, and each once more at most
    expect(bench.broker.said.length).toBeLessThanOrEqual(1_000 + 1_000 + 10);
    expect(bench.broker.mostOnTheWay).toBeLessThanOrEqual(20);
  });

  it('changes come before what is only told again, and do not keep that from being told', () => {
    const bench = new StatusBench({ isUp: false });
    for (let i = 0; i < 1_000; i++) {
      bench.view(`old${i}`);
    }
    bench.own(true);
    bench.settle();
    bench.pass(1_000);
    bench.said();
    for (let i = 0; i < 1_000; i++) {
      bench.connects(`new${i}`);
    }
    bench.pass(1_000);
    const told = bench.said();
    const count = (name: string): number => told.filter((line) => line.startsWith(`gw/clients/${name}`)).length;
    expect(count('new')).toBe(75);
    expect(count('old')).toBe(25);
    bench.pass(60_000);
    expect([...bench.broker.retained.keys()].filter((topic) => topic.startsWith('gw/clients'))).toHaveLength(2_000);
  });

  it('clients that come and go without end take no memory, and what stays is told in the end', () => {
    const bench = new StatusBench();
    bench.pass(20_000);
    for (let i = 0; i < 50_000; i++) {
      const clientId = `x${i}`;
      bench.connects(clientId);
      if (i % 1_000 !== 7) {
        bench.views.delete(clientId);
      }
      if (i % 100 === 0) {
        bench.pass(1);
      }
    }
    bench.pass(60_000);
    const told = [...bench.broker.retained.keys()].filter((topic) => topic.startsWith('gw/clients'));
    expect(told).toHaveLength(50);
  });

  it('notes cost no look at a session', () => {
    const bench = new StatusBench();
    const { looks } = bench;
    for (let i = 0; i < 100; i++) {
      bench.connects(`c${i}`);
    }
    expect(bench.looks).toBe(looks);
  });

  it('a broker that answers nothing gets 20 messages, and after a minute a new connection', () => {
    const bench = new StatusBench();
    bench.pass(20_000);
    bench.broker.said.splice(0);
    bench.broker.acknowledges = false;
    for (let i = 0; i < 100; i++) {
      bench.connects(`c${i}`);
    }
    bench.pass(59_000);
    expect(bench.broker.said).toHaveLength(20);
    bench.broker.acknowledges = true;
    bench.pass(3_000);
    expect(bench.notesOf('status-down')).toEqual([
      expect.objectContaining({ reason: 'no answer to a packet within 60 s' }),
    ]);
    bench.pass(3_000);
    expect([...bench.broker.retained.keys()].filter((topic) => topic.startsWith('gw/clients'))).toHaveLength(100);
  });

  it('a broker that takes less at a time gets less', () => {
    const bench = new StatusBench({ isUp: false });
    bench.broker.limits = { receiveMaximum: 3 };
    for (let i = 0; i < 50; i++) {
      bench.view(`c${i}`);
    }
    bench.own(true);
    bench.settle();
    expect(bench.broker.mostOnTheWay).toBe(3);
  });

  it('a packet that is larger than the broker takes is left out, with a warning', () => {
    const bench = new StatusBench({ isUp: false });
    bench.broker.limits = { maximumPacketSize: 600 };
    bench.view('a');
    bench.view('x'.repeat(600));
    bench.own(true);
    bench.settle();
    expect(bench.notesOf('status-problem').map(({ reason }) => reason)).toEqual([
      expect.stringContaining('packets of at most 600 octets: gw/clients/xxx'),
    ]);
    expect(bench.json('gw/clients/a/state')).toBeDefined();
  });

  it('while the broker does not read nothing is written', () => {
    const bench = new StatusBench();
    bench.said();
    bench.teller.hear({ type: 'upstream-blocked', connection: 1 }, bench.now);
    bench.connects('a');
    bench.settle();
    expect(bench.said()).toEqual([]);
    bench.teller.hear({ type: 'upstream-drained', connection: 1 }, bench.now);
    bench.settle();
    expect(bench.said()).toHaveLength(1);
  });
});
