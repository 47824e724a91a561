import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const CLEAN_WITH_WILL = frame('04 0c 01 2711', 'a');
const CLEAN = frame('04 04 01 2711', 'a');
const KEPT = frame('04 00 01 2711', 'a');
const connack = { sessionPresent: true };

/** A clean client of the shared connection, which has published. */
function published(qos: 1 | 2, will = ''): HubBench {
  const bench = new HubBench();
  bench.client('a', { will });
  expect(bench.publishes('a', qos, 9, 'x')).toEqual([`#2 PUBLISH qos${qos} id1 tp "x"`]);
  bench.got('a');
  return bench;
}

function received(bench: HubBench): void {
  bench.acks('PUBREC', 1);
}

function completed(bench: HubBench): void {
  bench.acks('PUBREC', 1);
  bench.acks('PUBCOMP', 1);
}

/** How the message went to the broker, and what of it was released, since the gateway was started. */
function toldOf(next: HubBench): string[] {
  return next.turns.flat().flatMap((effect) => {
    if (effect.type === 'upstream-publish' && effect.topic === 'tp') {
      return [`PUBLISH id${effect.packetId}${effect.dup ? ' dup' : ''}`];
    }
    return effect.type === 'upstream-release' ? [`PUBREL id${effect.packetId}`] : [];
  });
}

const left = (bench: HubBench): string[] => [...bench.disk.keys()].filter((key) => /^(?:relay|exchange)/.test(key));

describe('a QoS 2 publish of a clean client that the store knows, and that begins a will dialogue (S-4, C-12)', () => {
  it.each([
    ['the broker has not answered', () => {}, ['PUBLISH id1 dup']],
    ['the broker has it', received, ['PUBREL id1']],
    ['it is over at the broker', completed, []],
  ])('a restart in the dialogue makes it no second time: %s', (_, happens, told) => {
    const bench = published(2, 'gone');
    bench.says('a', CLEAN_WITH_WILL);
    happens(bench);
    expect(toldOf(hubRestarted(bench, { connack }))).toEqual(told);
  });

  it.each([
    ['the broker has it', received, ['PUBREL id1']],
    ['it is over at the broker', completed, []],
  ])('nor does one before it begins: %s', (_, happens, told) => {
    const bench = published(2, 'gone');
    happens(bench);
    bench.says('a', CLEAN_WITH_WILL);
    expect(toldOf(hubRestarted(bench, { connack }))).toEqual(told);
  });

  it.each([
    ['after all', ['0720 77696c6c', '09 676f6e65']],
    ['as it was before, for the dialogue came to nothing', []],
  ])('nothing of it is left when the client is served, or gone: %s', (_, answers) => {
    const bench = published(2, 'gone');
    bench.says('a', CLEAN_WITH_WILL);
    for (const answer of answers) {
      bench.says('a', frame(answer));
    }
    bench.wait(answers.length > 0 ? 0 : 60_000);
    completed(bench);
    expect(left(bench)).toEqual([]);
  });
});

describe('a publish of a clean client that connects once more, and is to be kept from now on (S-1)', () => {
  it('with QoS 2 is the one that is at the broker already', () => {
    const bench = published(2);
    expect(bench.says('a', KEPT)).toEqual([]);
    bench.got('a');
    expect(bench.acks('PUBREC', 1)).toEqual(['#2 PUBREL id1']);
    expect(bench.publishes('a', 2, 9, 'x')).toEqual([]);
    expect(bench.got('a')).toEqual(['040f0009']);
  });

  it('with QoS 1 as well', () => {
    const bench = published(1);
    expect(bench.says('a', KEPT)).toEqual([]);
    bench.got('a');
    expect(bench.publishes('a', 1, 9, 'x')).toEqual([]);
    bench.acks('PUBACK', 1);
    expect(bench.got('a')).toEqual(['070d7470000900']);
  });

  it.each([
    ['the broker has not answered', () => {}, ['PUBLISH id1 dup']],
    ['the broker has it', received, []],
    ['it is over at the broker', completed, []],
  ])('with QoS 2 is made no second time by a restart, nor by the client behind it: %s', (_, happens, told) => {
    const bench = published(2);
    bench.says('a', KEPT);
    happens(bench);
    const next = hubRestarted(bench, { connack });
    expect(toldOf(next).filter((line) => line.startsWith('PUBLISH'))).toEqual(told);
    expect(next.publishes('a', 2, 9, 'x')).toEqual([]);
  });
});

describe('a publish of a clean client that begins anew at once', () => {
  it('comes to its end, and the same once more is another one (S-4)', () => {
    const bench = published(2);
    expect(bench.says('a', CLEAN)).toEqual([]);
    expect(bench.publishes('a', 2, 9, 'x')).toEqual(['#2 PUBLISH qos2 id2 tp "x"']);
    expect(bench.acks('PUBREC', 1)).toEqual(['#2 PUBREL id1']);
  });
});
