/** I-38: what waits for a disk that is slow or full takes no place on the shared connection that others need. */
import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench } from '../../support/hub-bench.ts';

/** What owners have waits for the disk from here on; what is taken back of it. */
function holds(bench: HubBench, clientId: string, packetIds: readonly number[] = []): string[] {
  const takenBack = packetIds.map((packetId) => ({ connection: bench.shared, packetId }));
  return bench.act(bench.feed({ type: 'client-held', clientId, takenBack }));
}

const letsGo = (bench: HubBench, clientId: string): string[] =>
  bench.act(bench.feed({ type: 'client-released', clientId }));

const packetIdsOf = (lines: readonly string[]): number[] => lines.map((line) => Number(/id(\d+)/.exec(line)?.[1]));

const topics = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /PUBLISH .*"(.*)"/.exec(line)?.[1] ?? []);

/** The broker has few messages of the gateway out at a time. */
function narrow(receiveMaximum = 4): HubBench {
  const bench = new HubBench({ connack: { receiveMaximum } });
  bench.client('a', { clean: false });
  bench.client('b');
  return bench;
}

describe('publishes of a client whose records wait for the disk', () => {
  it('leave their place to others, and go out in their order when the disk has answered', () => {
    const bench = narrow();
    const told = [1, 2, 3, 4, 5].flatMap((msgId) => bench.publishes('a', 1, msgId, `a${msgId}`));
    expect(topics(told)).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(bench.publishes('b', 1, 1, 'b1')).toEqual([]);
    expect(topics(holds(bench, 'a', packetIdsOf(told).slice(1)))).toEqual(['b1']);
    expect(topics(bench.publishes('b', 1, 2, 'b2'))).toEqual(['b2']);
    expect(bench.publishes('a', 1, 6, 'a6')).toEqual([]);
    const again = letsGo(bench, 'a');
    expect(topics(again)).toEqual(['a2']);
    expect(again.join()).not.toContain('dup');
    const rest = packetIdsOf(told).flatMap((packetId) => bench.acks('PUBACK', packetId));
    expect(topics(rest)).toEqual(['a3', 'a4', 'a5', 'a6']);
  });

  it('are over where the client begins anew meanwhile', () => {
    const bench = narrow();
    const told = bench.publishes('a', 2, 1, 'a1');
    holds(bench, 'a', packetIdsOf(told));
    bench.client('a');
    expect(letsGo(bench, 'a')).toEqual([]);
    expect(topics(bench.publishes('a', 2, 1, 'anew'))).toEqual(['anew']);
  });

  it('go out on the next connection not before that either', () => {
    const bench = narrow();
    bench.publishes('a', 1, 1, 'a1');
    holds(bench, 'a');
    bench.breaks({ ours: true }); // which accuses no packet
    bench.wait(5_000);
    bench.stands({ sessionPresent: true, receiveMaximum: 4 });
    expect(topics(bench.wait(20_000))).toEqual([]);
    expect(letsGo(bench, 'a').join()).toContain('"a1" dup');
  });
});

describe('what waits with the records of the connection itself', () => {
  /** `a` has the filters with QoS 2, and lowers all but the first; nothing is answered. */
  function lowering(many: number): { readonly bench: HubBench; readonly told: readonly string[] } {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.client('b');
    for (let count = 0; count < many; count++) {
      bench.subscribe('a', `f/${count}`, 2);
    }
    const told = Array.from({ length: many - 1 }, (_, count) => bench.subscribe('a', `f/${count + 1}`, 0)).flat();
    return { bench, told: told.filter((line) => line.includes('qos0')) };
  }

  it('are filters that are to be lowered: others are subscribed to meanwhile, and these with what they had', () => {
    const { bench, told } = lowering(70);
    holds(bench, '', packetIdsOf(told));
    expect(bench.subscribe('b', 'new', 1)[0]).toContain(' new ');
    expect(bench.asks('b', 'f/1', 1).join()).toContain('f/1 qos2');
    const after = letsGo(bench, '');
    expect(after.filter((line) => line.includes(' qos0')).length).toBeGreaterThan(60);
  });

  it('are filters that have ended: another client may have them at once', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.client('b');
    bench.subscribe('a', 'f/#', 1);
    bench.subscribe('a', 'f/1', 1);
    const told = bench.unsubscribe('a', 'f/1');
    holds(bench, '', packetIdsOf(told));
    bench.subscribe('a', 'f/2', 1);
    expect(bench.unsubscribe('a', 'f/2')).toEqual([]);
    expect(bench.asks('b', 'f/1', 1).join()).toMatch(/^#\d+ SUBSCRIBE .* f\/1 /);
    expect(letsGo(bench, '')).toEqual([expect.stringMatching(/UNSUBSCRIBE .* f\/2$/)]);
  });

  it('is PINGREQ behind an acknowledgement: without names of subscriptions the next newcomer waits half a second for that, not ten', () => {
    const bench = new HubBench({ answersPings: false, connack: { identifiersAvailable: false } });
    bench.client('b');
    holds(bench, '');
    bench.subscribe('b', 'f/1', 1);
    expect(bench.asks('b', 'f/2', 1)).toEqual([]);
    expect(bench.wait(400)).toEqual([]);
    expect(bench.wait(200).join()).toContain('f/2');
  });

  it('is no will with QoS 0 or 1 (I-62)', () => {
    const bench = new HubBench();
    for (const hex of [frame('04 0c 01 000a', 'w'), frame('07 20', 'wills/w'), frame('09', 'gone')]) {
      bench.says('w', hex); // with a keep-alive of 10 s
    }
    const before = bench.turns.length;
    bench.wait(60_000);
    const wills = bench.turns
      .slice(before)
      .flat()
      .filter((effect) => effect.type === 'upstream-publish' && effect.topic === 'wills/w');
    expect(wills).toHaveLength(1);
    expect(wills[0]).not.toHaveProperty('owner');
  });
});
