import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench } from '../../support/hub-bench.ts';

const NAMES = ['a', 'b', 'c', 'd'];

/** Four persistent clients with one shared subscription, which have its messages in turn. */
function group(): HubBench {
  const bench = new HubBench();
  for (const name of NAMES) {
    bench.client(name, { clean: false });
    bench.subscribe(name, '$share/g/tp', 1);
  }
  return bench;
}

function comes(bench: HubBench, messages: number): void {
  for (let n = 1; n <= messages; n++) {
    bench.comes('tp', `m${n}`, { qos: 1, packetId: n, identifiers: [65] });
  }
}

/** How many each of them got. */
function shares(bench: HubBench): number[] {
  return NAMES.map((name) => bench.got(name).filter((line) => line.startsWith('qos')).length);
}

describe('a message for a group of clients (I-94) goes to each in turn', () => {
  it('also where all of them sleep', () => {
    const bench = group();
    for (const name of NAMES) {
      bench.says(name, '04 18 0E 10');
    }
    comes(bench, 8);
    for (const name of NAMES) {
      bench.says(name, frame('16', name));
    }
    expect(shares(bench)).toEqual([2, 2, 2, 2]);
  });

  it('of those that sleep, where others are away', () => {
    const bench = group();
    bench.says('a', '02 18');
    bench.says('b', '04 18 0E 10');
    bench.says('c', '02 18');
    bench.says('d', '04 18 0E 10');
    comes(bench, 8);
    bench.says('b', frame('16', 'b'));
    bench.says('d', frame('16', 'd'));
    expect(shares(bench)).toEqual([0, 4, 0, 4]);
  });

  it('also where all of them are away', () => {
    const bench = group();
    for (const name of NAMES) {
      bench.says(name, '02 18');
    }
    comes(bench, 8);
    for (const name of NAMES) {
      bench.client(name, { clean: false });
    }
    expect(shares(bench)).toEqual([2, 2, 2, 2]);
  });

  it('also where all of them are there and busy', () => {
    const bench = group();
    for (const name of NAMES) {
      bench.of(name).isMute = true;
    }
    comes(bench, 4 * 16 + 8); // as many as the sessions take, and two more for each
    for (const name of NAMES) {
      expect(bench.core.session(name)?.waiting).toBe(18);
    }
  });
});

describe('a message for a group in which one has QoS 0, whose turn it is (I-93, I-94)', () => {
  function mixed(): HubBench {
    const bench = new HubBench();
    for (const [name, qos] of [
      ['a', 0],
      ['b', 1],
    ] as const) {
      bench.client(name, { clean: false });
      bench.subscribe(name, '$share/g/tp', qos);
      bench.got(name);
    }
    return bench;
  }

  it('is for one with QoS 1 where the broker had sent it before: that one may have it again, the other one may not', () => {
    const bench = mixed();
    bench.comes('tp', 'm', { qos: 1, packetId: 1, identifiers: [65], dup: true });
    expect([bench.got('a'), bench.got('b')]).toEqual([[], ['qos1 tp "m"']]);
  });

  it('waits for one with QoS 1 where both are away', () => {
    const bench = mixed();
    bench.says('a', '02 18');
    bench.says('b', '02 18');
    bench.comes('tp', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    bench.client('b', { clean: false });
    expect(bench.got('b')).toContain('qos1 tp "m"');
  });

  it('goes to the one with QoS 0 where it comes for the first time', () => {
    const bench = mixed();
    bench.comes('tp', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    expect([bench.got('a'), bench.got('b')]).toEqual([['qos0 tp "m"'], []]);
  });
});
