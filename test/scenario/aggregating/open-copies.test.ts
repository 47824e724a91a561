/** 3.7 item 1: copies of one message on their way while the filters of a client change: it gets the message, and gets it once (I-137). */
import { describe, expect, it } from '@jest/globals';
import type { UpstreamMessage } from '../../../src/core/contract/input.ts';
import { HubBench } from '../../support/hub-bench.ts';

const WIDE = 65;
const NARROW = 129;

/** `a` has `x/#` with QoS 1, and `x/+` with QoS 2; the broker has both, nothing is left of before, and it answers no PINGREQ from then on. */
function both(wide: 0 | 1 | 2 = 1, narrow: 0 | 1 | 2 = 2, clean = true): HubBench {
  const bench = new HubBench({ answersPings: false });
  bench.client('a', { clean });
  bench.subscribe('a', 'x/#', wide);
  bench.subscribe('a', 'x/+', narrow);
  bench.pongs();
  bench.pongs();
  bench.got('a');
  return bench;
}

let packetId = 0;

/** A copy for one of them. */
function copy(bench: HubBench, identifier: number, qos: 0 | 1 | 2, more: Partial<UpstreamMessage> = {}): string[] {
  packetId++;
  return bench.comes('x/y', 'm', { qos, packetId: qos && packetId, identifiers: [identifier], ...more });
}

const messages = (bench: HubBench): string[] => bench.got('a').filter((line) => line.startsWith('qos'));

type Change = readonly [string, (bench: HubBench) => unknown];

const CHANGES: readonly Change[] = [
  ['the better filter ends', (bench) => bench.unsubscribe('a', 'x/+')],
  ['the better filter is lowered', (bench) => bench.subscribe('a', 'x/+', 0)],
  ['the other one is raised', (bench) => bench.subscribe('a', 'x/#', 2)],
];

describe.each(CHANGES)('%s between two copies of a message', (_what, change) => {
  it('the better one comes behind that: it is the one that the client gets', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    expect(messages(bench)).toEqual([]);
    change(bench);
    copy(bench, NARROW, 2);
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
  });

  it('the better one came before: the client has it', () => {
    const bench = both();
    copy(bench, NARROW, 2);
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
    change(bench);
    copy(bench, WIDE, 1);
    expect(messages(bench)).toEqual([]);
  });

  it('the other one has QoS 0, and overtook it', () => {
    const bench = both(0, 1);
    copy(bench, WIDE, 0);
    bench.comes('x/y', 'another', { qos: 1, packetId: 40_000, identifiers: [NARROW] });
    expect(messages(bench)).toEqual(['qos1 x/y "another"']);
    change(bench);
    copy(bench, NARROW, 1);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
  });

  it('and more than that: another message, and a connection that breaks', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    change(bench);
    bench.comes('z', 'of nobody', { qos: 1, packetId: 40_000, identifiers: [WIDE] });
    bench.comes('x/0', 'qos 0', { identifiers: [WIDE] });
    bench.breaks();
    bench.wait(5_000);
    bench.grants(bench.stands({ sessionPresent: true }));
    messages(bench);
    copy(bench, NARROW, 2);
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
  });

  it('the same message is published once more before that: it comes twice', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    change(bench);
    copy(bench, NARROW, 2);
    copy(bench, WIDE, 1);
    copy(bench, NARROW, 2);
    expect(messages(bench)).toHaveLength(2);
  });

  it('a client that has left waits for it, with the QoS that was granted', () => {
    const bench = both(1, 2, false);
    copy(bench, WIDE, 1);
    change(bench);
    bench.says('a', '02 18');
    copy(bench, NARROW, 2);
    bench.client('a', { clean: false });
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
  });

  it('the broker loses its session: nothing is left of it', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    change(bench);
    bench.breaks();
    bench.wait(5_000);
    bench.grants(bench.stands());
    copy(bench, WIDE, 1);
    expect(messages(bench)).toHaveLength(1);
  });
});

describe.each([1, 2] as const)('the QoS of a message: %i', (qos) => {
  it('where nothing is left at the broker, nothing is waited for: what looks the same is another message', () => {
    const bench = both(1, qos);
    copy(bench, NARROW, qos);
    if (qos === 2) {
      bench.act(bench.released(bench.shared, packetId));
    }
    bench.unsubscribe('a', 'x/+');
    bench.subscribe('a', 'z', 1);
    bench.subscribe('a', 'z/z', 1);
    bench.pongs();
    bench.pongs();
    messages(bench);
    copy(bench, WIDE, 1);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
  });
});

describe('copies of a message whose better one is to come', () => {
  it('are three, and the better filter ends: it comes once', () => {
    const bench = both();
    bench.subscribe('a', '+/y', 1);
    bench.got('a');
    copy(bench, WIDE, 1);
    bench.unsubscribe('a', 'x/+');
    copy(bench, 193, 1);
    copy(bench, NARROW, 2);
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
  });

  it('are three, and another message comes between them: it comes once', () => {
    const bench = both();
    bench.subscribe('a', '+/y', 1);
    bench.got('a');
    copy(bench, WIDE, 1);
    bench.unsubscribe('a', 'x/+');
    bench.unsubscribe('a', 'x/#');
    bench.comes('z/y', 'another', { qos: 1, packetId: 40_000, identifiers: [193] });
    copy(bench, NARROW, 2);
    copy(bench, 193, 1);
    expect(messages(bench)).toEqual(['qos1 z/y "another"', 'qos2 x/y "m"']);
  });

  it('comes behind another message, and the same is published once more for the lesser filter alone: it comes twice', () => {
    const bench = both();
    copy(bench, WIDE, 1);
    bench.unsubscribe('a', 'x/+');
    bench.comes('x/z/z', 'another', { qos: 1, packetId: 40_000, identifiers: [WIDE] });
    copy(bench, NARROW, 2);
    copy(bench, WIDE, 1);
    expect(messages(bench).slice(1)).toEqual(['qos2 x/y "m"', 'qos1 x/y "m"']);
  });

  it('are for nobody who has given up all filters that match, nor for a later session, nor a later SUBSCRIBE', () => {
    for (const clean of [true, false]) {
      const bench = both();
      copy(bench, WIDE, 1);
      if (clean) {
        bench.client('a');
      } else {
        bench.unsubscribe('a', 'x/+');
        bench.unsubscribe('a', 'x/#');
      }
      bench.subscribe('a', 'x/#', 1);
      copy(bench, NARROW, 2);
      expect(messages(bench)).toEqual([]);
    }
  });

  it('are judged for each client by its own filters', () => {
    const bench = both();
    bench.client('b');
    bench.subscribe('b', 'x/+', 1);
    bench.got('b');
    copy(bench, WIDE, 1);
    bench.unsubscribe('a', 'x/+');
    copy(bench, NARROW + 1, 2);
    expect([messages(bench), bench.got('b')]).toEqual([['qos2 x/y "m"'], ['qos1 x/y "m"']]);
  });

  it('name all subscriptions in one message of another broker: nothing more is waited for', () => {
    const bench = both();
    bench.comes('x/y', 'm', { qos: 2, packetId: 1, identifiers: [WIDE, NARROW] });
    bench.unsubscribe('a', 'x/+');
    bench.comes('x/y', 'm', { qos: 1, packetId: 2, identifiers: [WIDE] });
    expect(messages(bench)).toEqual(['qos2 x/y "m"', 'qos1 x/y "m"']);
  });
});

describe('a better filter is granted, and whether the broker had it by then is not known', () => {
  /** `a` has `x/#`, and then SUBACK for `x/+` with QoS 2; PINGREQ is out. */
  function newly(wide: 0 | 1 = 1): HubBench {
    const bench = new HubBench({ answersPings: false });
    bench.client('a', { clean: false });
    bench.client('b');
    bench.subscribe('a', 'x/#', wide);
    bench.subscribe('b', 'x/#', 1);
    bench.subscribe('a', 'x/+', 2);
    bench.got('a');
    return bench;
  }

  it('copies that are further apart than a moment come once, with the higher QoS', () => {
    const bench = newly();
    copy(bench, WIDE, 1);
    bench.wait(900);
    bench.pongs(); // to a PINGREQ of before
    expect(messages(bench)).toEqual([]);
    copy(bench, NARROW, 2);
    bench.wait(5_000);
    expect(messages(bench)).toEqual(['qos2 x/y "m"']);
  });

  it('one alone comes as soon as the broker has nothing more of before', () => {
    const bench = newly();
    copy(bench, WIDE, 1);
    bench.pongs();
    bench.wait(900);
    expect(messages(bench)).toEqual([]);
    bench.pongs();
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
  });

  it('one alone comes after four seconds if the broker does not say so, and a better one behind that is no second message', () => {
    const bench = newly();
    copy(bench, WIDE, 1);
    bench.wait(3_999);
    expect(messages(bench)).toEqual([]);
    bench.wait(1);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
    copy(bench, NARROW, 2);
    expect(messages(bench)).toEqual([]);
  });

  it('one alone is no QoS 0 for a client that was granted more, whatever its other filter was granted', () => {
    const bench = newly(0);
    copy(bench, WIDE + 1, 1);
    bench.wait(4_000);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
  });

  it('two messages that look the same are two, though the better copy of the first one never was, and comes before the other one of the second', () => {
    const bench = newly();
    copy(bench, WIDE, 1);
    bench.wait(4_000);
    copy(bench, NARROW, 2);
    copy(bench, WIDE, 1);
    bench.wait(4_000);
    expect(messages(bench)).toHaveLength(2);
  });

  it('its SUBACK is on its way, and its copy comes behind that: it is no second message', () => {
    const bench = new HubBench({ answersPings: false });
    bench.client('a');
    bench.subscribe('a', 'x/#', 1);
    const told = bench.asks('a', 'x/+', 2);
    copy(bench, WIDE, 1);
    bench.grants(told);
    copy(bench, NARROW, 2);
    expect(messages(bench)).toEqual(['qos1 x/y "m"']);
  });
});

describe('a filter with QoS 0 is raised', () => {
  it('what the broker had taken before it was there at all has one copy alone, though QoS 0 has come for it', () => {
    const bench = new HubBench({ answersPings: false });
    bench.client('a');
    bench.subscribe('a', 'x/#', 1);
    bench.pongs();
    bench.subscribe('a', 'x/+', 0);
    bench.comes('x/y', 'later', { identifiers: [NARROW] }); // it overtakes what waits at the broker
    bench.subscribe('a', 'x/+', 2);
    messages(bench);
    copy(bench, WIDE, 1);
    bench.wait(5_000);
    expect(messages(bench)).toHaveLength(1);
  });
});
