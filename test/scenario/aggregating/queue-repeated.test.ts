import { describe, expect, it } from '@jest/globals';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

const BACK = { connack: { sessionPresent: true } } as const;

type Queue = Readonly<Record<string, number>>;

/** `a` is persistent and sleeps, the clean `m` is awake and does not answer: both have `tp`, QoS 2. */
function waits(queue: Queue, options: HubBenchOptions = {}): HubBench {
  const bench = new HubBench({ ...options, settings: { ...options.settings, sessions: { queue } } });
  for (const [name, clean] of [
    ['a', false],
    ['m', true],
  ] as const) {
    bench.client(name, { clean });
    bench.subscribe(name, 'tp', 2);
    bench.got(name);
  }
  sleeps(bench);
  bench.of('m').isMute = true;
  return bench;
}

function comes(bench: HubBench, text: string, packetId: number, { qos = 1, dup = false, topic = 'tp' } = {}): string[] {
  const identifiers = [...bench.disk.values()].flatMap((one) => (one.kind === 'filter' ? one.identifier : []));
  return bench.comes(topic, text, { qos: qos === 2 ? 2 : 1, packetId, dup, identifiers: identifiers.slice(-1) });
}

function sleeps(bench: HubBench): void {
  bench.says('a', '04 18 0E 10');
  bench.got('a');
}

function wakes(bench: HubBench): string[] {
  bench.says('a', '03 16 61');
  return bench.got('a').slice(0, -1);
}

/** So many were told to be dropped so far. */
const drops = (bench: HubBench): object[] =>
  bench.turns.flat().filter((effect) => effect.type === 'note' && effect.note.type === 'delivery-dropped');

describe('a QoS 1 message that the broker sends again, and that waits for a client already (I-161)', () => {
  it('pushes nothing out after a kill: the stored one stands for it, in its place', () => {
    const bench = waits({ messages: 3 });
    comes(bench, 'o1', 1);
    comes(bench, 't2', 2, { qos: 2 });
    comes(bench, 'n1', 3);
    const next = hubRestarted(bench, BACK);
    expect(comes(next, 'o1', 1, { dup: true })).toEqual([`#${next.shared} PUBACK id1`]);
    comes(next, 't2', 2, { qos: 2, dup: true });
    expect(comes(next, 'n1', 3, { dup: true })).toEqual([`#${next.shared} PUBACK id3`]);
    expect(drops(next)).toEqual([]);
    expect(wakes(next)).toEqual(['qos1 tp "o1"', 'qos2 tp "t2"', 'qos1 tp "n1"']);
    expect([...next.disk.keys()].filter((key) => key.startsWith('parcel'))).toEqual([]);
  });

  it('nor later, for a new one, where there was room for it', () => {
    const bench = waits({ messages: 4 });
    comes(bench, 'o1', 1);
    comes(bench, 't2', 2, { qos: 2 });
    comes(bench, 'n1', 3);
    const next = hubRestarted(bench, BACK);
    comes(next, 'o1', 1, { dup: true });
    comes(next, 'n1', 3, { dup: true });
    comes(next, 'new', 4);
    expect(drops(next)).toEqual([]);
    expect(wakes(next)).toEqual(['qos1 tp "o1"', 'qos2 tp "t2"', 'qos1 tp "n1"', 'qos1 tp "new"']);
  });

  it('goes before the oldest where it is too much of a new one that comes', () => {
    const bench = waits({ messages: 2 });
    comes(bench, 'o1', 1);
    const next = hubRestarted(bench, BACK);
    comes(next, 'o1', 1, { dup: true });
    comes(next, 'new', 2);
    expect(drops(next)).toEqual([]);
    comes(next, 'newer', 3);
    expect(drops(next)).toHaveLength(1);
    expect(wakes(next)).toEqual(['qos1 tp "new"', 'qos1 tp "newer"']);
  });

  it.each([
    ['octets', { octets: 12 }],
    ['octets of all clients', { octetsInAll: 12 }],
  ])('nor where the limit is one of %s', (_what, queue) => {
    const bench = waits(queue);
    for (const [at, text] of ['o1', 'o2', 'o3'].entries()) {
      comes(bench, text, at + 1);
    }
    const next = hubRestarted(bench, BACK);
    for (const [at, text] of ['o1', 'o2', 'o3'].entries()) {
      comes(next, text, at + 1, { dup: true });
    }
    expect(drops(next)).toEqual([]);
    expect(wakes(next)).toEqual(['qos1 tp "o1"', 'qos1 tp "o2"', 'qos1 tp "o3"']);
  });

  it('comes once more where there is room: it may be another one that says the same, under a packet id that was free again', () => {
    const bench = waits({ messages: 3 });
    bench.of('m').isMute = false;
    expect(comes(bench, 'on', 1)).toEqual(['#2 PUBACK id1']);
    const next = hubRestarted(bench, BACK); // the second one had gone out, and was not written
    comes(next, 'on', 1, { dup: true });
    expect(wakes(next)).toEqual(['qos1 tp "on"', 'qos1 tp "on"']);
  });

  it.each([
    ['says something else', 'xx', 1, 'tp', true],
    ['comes under another packet id', 'o1', 9, 'tp', true],
    ['was not sent before', 'o1', 1, 'tp', false],
  ] as const)(
    'is another message where it %s: the oldest goes, and that is told',
    (_what, text, packetId, topic, dup) => {
      const bench = waits({ messages: 2 });
      comes(bench, 'o1', 1);
      comes(bench, 'o2', 2);
      const next = hubRestarted(bench, BACK);
      comes(next, text, packetId, { dup, topic });
      expect(drops(next)).toHaveLength(1);
      expect(wakes(next)).toEqual(['qos1 tp "o2"', `qos1 tp "${text}"`]);
    },
  );

  it('is none any more when its packet id has meant another message since', () => {
    const bench = waits({ messages: 2 });
    comes(bench, 'o1', 1);
    comes(bench, 'o2', 2);
    const next = hubRestarted(bench, BACK);
    comes(next, 'xx', 1);
    next.breaks();
    next.wait(5_000);
    next.stands({ sessionPresent: true });
    comes(next, 'o1', 1, { dup: true });
    expect(drops(next)).toHaveLength(2);
    expect(wakes(next)).toEqual(['qos1 tp "xx"', 'qos1 tp "o1"']);
  });

  it('pushes nothing out where the connection broke, and PUBACK with it', () => {
    const bench = waits({ messages: 2 });
    bench.of('m').isMute = false;
    comes(bench, 'o1', 1);
    expect(comes(bench, 'o2', 2)).toEqual(['#2 PUBACK id2']);
    bench.breaks();
    bench.wait(5_000);
    bench.stands({ sessionPresent: true });
    comes(bench, 'o1', 1, { dup: true });
    comes(bench, 'o2', 2, { dup: true });
    expect(drops(bench)).toEqual([]);
    expect(wakes(bench)).toEqual(['qos1 tp "o1"', 'qos1 tp "o2"']);
  });

  it('pushes nothing out however often it comes', () => {
    let bench = waits({ messages: 3 });
    comes(bench, 'o1', 1);
    comes(bench, 'o2', 2);
    for (let times = 0; times < 4; times++) {
      bench = hubRestarted(bench, BACK);
      comes(bench, 'o1', 1, { dup: true });
      comes(bench, 'o2', 2, { dup: true });
      bench.breaks();
      bench.wait(5_000);
      bench.stands({ sessionPresent: true });
      comes(bench, 'o1', 1, { dup: true });
      comes(bench, 'o2', 2, { dup: true });
    }
    expect(drops(bench)).toEqual([]);
    const got = wakes(bench);
    expect(got.slice(0, 2)).toEqual(['qos1 tp "o1"', 'qos1 tp "o2"']);
    expect(got.length).toBeLessThanOrEqual(3);
  });
});
