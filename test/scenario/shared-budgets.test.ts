import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame, hex16 } from '../support/core-bench.ts';
import { openOwnConnection, S1 } from '../support/core-bench-frames.ts';

const PUBLISH = S1.publishQos0;

/** Runs for so many seconds, a step each 2 ms: 500 in a second of whatever floods. */
function flooded(
  bench: CoreBench,
  seconds: number,
  flood: (step: number) => void,
  others: (step: number) => void,
): void {
  for (let step = 0; step < seconds * 500; step++) {
    flood(step);
    others(step);
    bench.now += 2;
  }
}

describe('unasked DISCONNECTs under a flood from unknown senders (T-10, I-50)', () => {
  const sources: readonly [string, (bench: CoreBench, step: number) => void][] = [
    ['ever new nodes behind one forwarder', (bench, step) => bench.from('f:1', `05 FE 00 ${hex16(step)} ${PUBLISH}`)],
    ['ever new ports of one host', (bench, step) => bench.from(`192.0.2.9:${step}`, PUBLISH)],
    [
      'nodes behind a forwarder on the host of the clients',
      (bench, step) => bench.from('192.0.2.1:1', `05 FE 00 ${hex16(step)} ${PUBLISH}`),
    ],
  ];

  it.each(sources)('%s: each of 20 clients that lost their session is told at its first message', (_what, flood) => {
    const bench = new CoreBench();
    const told: string[] = [];
    flooded(
      bench,
      4,
      (step) => flood(bench, step),
      (step) => {
        if (step >= 600 && step % 50 === 0 && told.length < 20) {
          told.push(...bench.from(`192.0.2.1:${5000 + step}`, PUBLISH));
        }
      },
    );
    expect(told).toHaveLength(20);
  });

  it('one source alone gets all that there is, and no more', () => {
    const bench = new CoreBench();
    let answers = 0;
    flooded(
      bench,
      10,
      (step) => {
        answers += bench.from('f:1', `05 FE 00 ${hex16(step)} ${PUBLISH}`).length;
      },
      () => undefined,
    );
    expect(answers).toBeGreaterThan(950);
    expect(answers).toBeLessThanOrEqual(1_100);
  });
});

describe('publishes with QoS −1 under a flood (Q-7, T-12 g, I-50)', () => {
  const shortPublish = (topic: string) => frame(`0c 62 ${Buffer.from(topic).toString('hex')} 0000`, 'x');

  function published(flood: string): { readonly others: number; readonly flood: number } {
    const bench = new CoreBench({ settings: { clients: { qosMinus1PerSecond: 100 } } });
    openOwnConnection(bench);
    const count = { others: 0, flood: 0 };
    flooded(
      bench,
      10,
      (step) => {
        count.flood += bench.from(
          flood,
          step % 2 ? shortPublish('fl') : `05 FE 00 ${hex16(step)} ${shortPublish('fl')}`,
        ).length;
      },
      (step) => {
        if (step % 25 === 0) {
          count.others += bench.from(`192.0.2.${(step / 25) % 10}:1`, shortPublish('ok')).length; // 20 in a second
        }
      },
    );
    return count;
  }

  it('those of others all pass; the flood gets what they leave', () => {
    const { others, flood } = published('192.0.2.200:1');
    expect(others).toBe(200);
    expect(flood).toBeGreaterThan(700);
    expect(flood).toBeLessThanOrEqual(900); // a burst at the beginning, then 80 in a second
  });

  it('so do those of another port of the very host that floods', () => {
    const { others } = published('192.0.2.1:9');
    expect(others).toBe(200);
  });
});

describe('what waits while the broker is away, under a flood (3.5 item 3, I-50)', () => {
  const VICTIMS = ['v0', 'v1', 'v2', 'v3', 'v4'];

  /** The texts that reach the broker when it is back. */
  function arrives(bench: CoreBench, connection: number): string[] {
    return bench.up(connection).flatMap((line) => /PUBLISH qos0 \S+ "(v\d)"/.exec(line)?.[1] ?? []);
  }

  it.each([
    ['another host', 'h2:1'],
    ['another port of the very host', 'h1:2'],
  ])('publishes with QoS −1 of %s are not lost for those of one that floods', (_whose, victim) => {
    const bench = new CoreBench();
    const flood = (): void => {
      for (let step = 0; step < 150; step++) {
        bench.from('h1:1', frame('0c 62 6666 0000', 'f'));
      }
    };
    flood();
    for (const text of VICTIMS) {
      bench.from(victim, frame('0c 62 7676 0000', text));
    }
    flood();
    expect(arrives(bench, 1)).toEqual(VICTIMS);
  });

  it('publishes with QoS 0 of clients are not lost for those of one that floods', () => {
    const bench = new CoreBench();
    const clients = [...VICTIMS, 'flood'];
    for (const [index, client] of clients.entries()) {
      bench.connect(client, client, { duration: 1000 });
      expect(bench.down(index + 1)).not.toContain(`${client} < 0218`);
    }
    for (const text of VICTIMS) {
      bench.from(text, frame('0c 02 7676 0000', text));
    }
    for (let step = 0; step < 300; step++) {
      bench.from('flood', frame('0c 02 6666 0000', 'f'));
    }
    const connections = bench.pass(2_000).flatMap((line) => Number(/^#(\d+) CONNECT v/.exec(line)?.[1] ?? 0) || []);
    expect(connections.flatMap((connection) => arrives(bench, connection))).toEqual(VICTIMS);
  });
});

describe('publishes under way to a broker that stalls (T-36, P-3, I-50)', () => {
  it('of a flood of clients with large payloads are bounded, and leave room for a client elsewhere', () => {
    const bench = new CoreBench();
    const big = Buffer.alloc(60_000, 0x78).toString('hex');
    const publish = (flags: string, msgId: number, hex: string): string => {
      const body = `0c ${flags} 6162 ${hex16(msgId)} ${hex}`;
      return `01 ${hex16(body.replaceAll(' ', '').length / 2 + 3)} ${body}`;
    };
    let out = 0;
    let refused = 0;
    for (let client = 0; client < 100; client++) {
      bench.connect(`f:${client}`, `f${client}`, { duration: 1000 });
      for (let msgId = 1; msgId <= 16; msgId++) {
        const [line = ''] = bench.from(`f:${client}`, publish('22', msgId, big));
        out += line.includes(' PUBLISH ') ? 1 : 0;
        refused += line.endsWith('01') && line.startsWith(`f:${client} < 070d6162`) ? 1 : 0;
      }
    }
    expect(out + refused).toBe(1_600);
    expect(out * 60_000).toBeLessThan(45 << 20);
    const connection = bench.connect('v:1', 'v');
    expect(bench.from('v:1', publish('22', 1, big))).toEqual([expect.stringMatching(/ PUBLISH qos1 id1 ab "x+"$/)]);
    expect(bench.acked(connection, 'PUBACK', 1)).toEqual(['v:1 < 070d6162000100']);
  });

  it('of clients at many hosts that have left keep nobody from a small one at a time', () => {
    const bench = new CoreBench();
    const publish = (msgId: number, size: number): string =>
      `01 ${hex16(size + 9)} 0c 22 6162 ${hex16(msgId)} ${'78'.repeat(size)}`;
    for (let host = 1; host <= 20; host++) {
      for (let client = 0; client < 45; client++) {
        const link = `192.0.2.${host}:${client}`;
        bench.connect(link, `h${host}c${client}`, { clean: false });
        for (let msgId = 1; msgId <= 16; msgId++) {
          bench.from(link, publish(msgId, host <= 6 ? 60_000 : host <= 10 ? 5_000 : 0));
        }
        bench.from(link, '02 18');
      }
    }
    const connection = bench.connect('v:1', 'v');
    const answered = (msgId: number): string => `v:1 < 070d6162${hex16(msgId)}`;
    expect(bench.from('v:1', publish(1, 1_025))).toEqual([`${answered(1)}01`]);
    for (const msgId of [2, 3]) {
      expect(bench.from('v:1', publish(msgId, 1_024))).toEqual([expect.stringContaining(' PUBLISH qos1 ')]);
      expect(bench.from('v:1', publish(9, 1_024))).toEqual([`${answered(9)}01`]);
      expect(bench.acked(connection, 'PUBACK', msgId - 1)).toEqual([`${answered(msgId)}00`]);
    }
  });
});
