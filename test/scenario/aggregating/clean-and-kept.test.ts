import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { DiskBench } from '../../support/core-bench-restart.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const SLEEPS = '04 18 0E 10';
const WAKES = '03 16 61';

/** Client `a` connected clean, and has `tp`. */
function serving(qos: 1 | 2): HubBench {
  const bench = new HubBench();
  bench.client('a');
  bench.subscribe('a', 'tp', qos);
  bench.got('a');
  return bench;
}

/** It gets a will while it is connected. */
function getsWill(bench: HubBench): void {
  bench.says('a', frame('1a 20', 'will'));
  bench.says('a', frame('1c', 'off'));
  bench.got('a');
}

const texts = (bench: HubBench): string[] => bench.got('a').flatMap((line) => /"(.*)"/.exec(line)?.[1] ?? []);

/** More than the session takes comes for it, of which it acknowledges nothing; the broker is told that it may forget all. */
function isBusy(bench: HubBench): string[] {
  bench.of('a').isMute = true;
  const all = Array.from({ length: 18 }, (_, n) => `m${n + 1}`);
  for (const [n, text] of all.entries()) {
    bench.comes('tp', text, { qos: 1, packetId: n + 1, identifiers: [65] });
  }
  bench.wait(1_000);
  bench.got('a');
  return all;
}

describe('a clean client of the shared connection that outlives the process from a certain moment on', () => {
  it('falling asleep: what was in memory for it is on the disk before it is told so', () => {
    const bench = serving(1);
    const all = isBusy(bench);
    bench.says('a', SLEEPS);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.says('a', WAKES);
    expect(texts(next)).toEqual(all);
  });

  it('falling asleep: the broker is told at once what it may forget', () => {
    const bench = serving(1);
    bench.of('a').isMute = true;
    expect(bench.comes('tp', 'm', { qos: 1, packetId: 7, identifiers: [65] })).toEqual([]);
    expect(bench.says('a', SLEEPS)).toEqual(['#2 PUBACK id7']);
  });

  it('by a will that it sets: what was in memory for it, and what comes from then on', () => {
    const bench = serving(1);
    const all = isBusy(bench);
    getsWill(bench);
    bench.comes('tp', 'm19', { qos: 1, packetId: 19, identifiers: [65] });
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(texts(next)).toEqual([...all, 'm19']);
  });

  it('by a will that it sets: its QoS 2 publish that is half-way goes on under its packet id, and is not made twice', () => {
    const bench = serving(1);
    expect(bench.publishes('a', 2, 9, 'x')).toEqual(['#2 PUBLISH qos2 id2 tp "x"']);
    getsWill(bench);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect([...next.disk.values()].filter(({ kind }) => kind === 'relay')).toMatchObject([{ packetId: 2 }]);
    expect(next.publishes('a', 2, 9, 'x')).toEqual([]);
    expect(next.acks('PUBREC', 2)).toEqual([`#${next.shared} PUBREL id2`]);
    expect(next.got('a')).toEqual(['040f0009']);
  });

  it('falling asleep: a QoS 2 message of the broker is on the disk for everybody then, for its repetition is none', () => {
    const bench = serving(2);
    bench.client('b', { clean: false });
    bench.subscribe('b', 'tp', 1);
    bench.of('a').isMute = true;
    bench.of('b').isMute = true;
    bench.got('b');
    bench.comes('tp', 'm', { qos: 2, packetId: 7, identifiers: [66] });
    bench.says('a', SLEEPS);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.comes('tp', 'm', { qos: 2, packetId: 7, identifiers: [66], dup: true });
    expect(texts(next)).toEqual([]);
    expect(next.got('b').filter((line) => line.includes('"m"'))).toHaveLength(1);
  });
});

describe('a QoS 2 message for a clean client that is kept over a restart (T-19)', () => {
  const msgIds = (bench: HubBench): string[] =>
    bench.turns.flat().flatMap((effect) => {
      const hex = effect.type === 'send' ? Buffer.from(effect.frame).toString('hex') : '';
      return /^..0c/.test(hex) ? [hex.slice(10, 14)] : [];
    });

  it.each([
    ['it sleeps', [SLEEPS], [WAKES], []],
    ['it fell asleep when it had got it', [], [], [SLEEPS]],
  ])('comes again under the same MsgId: %s', (_, before, wakes, behind) => {
    const bench = serving(2);
    for (const hex of before) {
      bench.says('a', hex);
    }
    bench.of('a').isMute = true;
    bench.comes('tp', 'm', { qos: 2, packetId: 5, identifiers: [65] });
    for (const hex of [...wakes, ...behind]) {
      bench.says('a', hex);
    }
    expect(msgIds(bench)).toEqual(['0001']);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.says('a', WAKES);
    expect(msgIds(next)).toEqual(['0001']);
    next.wait(1_000);
    expect([...next.disk.keys()].filter((key) => key.startsWith('delivery'))).toEqual([]);
  });

  it('comes again under the same MsgId: it has a will', () => {
    const bench = new HubBench();
    bench.client('a', { will: 'off' });
    bench.subscribe('a', 'tp', 2);
    bench.of('a').isMute = true;
    bench.comes('tp', 'm', { qos: 2, packetId: 5, identifiers: [65] });
    expect(msgIds(bench)).toEqual(['0001']);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(msgIds(next)).toEqual(['0001']);
    expect([...next.disk.keys()].filter((key) => key.startsWith('delivery'))).toEqual([]);
  });

  it('leaves nothing on the disk where the client is awake for good again, and the process ends', () => {
    const bench = serving(2);
    bench.of('a').isMute = true;
    bench.comes('tp', 'm', { qos: 2, packetId: 5, identifiers: [65] });
    bench.says('a', SLEEPS);
    bench.client('a', { clean: false });
    bench.client('a');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.wait(1_000);
    expect([...next.disk.keys()].filter((key) => /^(delivery|parcel)/.test(key))).toEqual([]);
  });
});

describe('what goes to the disk for one client, since it comes before another message', () => {
  it('is there for everybody, where a repetition of it is none', () => {
    const bench = new HubBench();
    for (const name of ['a', 'b']) {
      bench.client(name, { clean: false });
      bench.subscribe(name, 'tp', 1);
      bench.of(name).isMute = true;
    }
    bench.subscribe('a', 'xx', 1);
    for (let n = 1; n <= 16; n++) {
      bench.comes('tp', `m${n}`, { qos: 2, packetId: n, identifiers: [66] });
    }
    bench.comes('xx', 'next', { qos: 1, packetId: 17, identifiers: [129] }); // it waits: 16 are with the client
    bench.got('b');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    for (let n = 1; n <= 16; n++) {
      next.comes('tp', `m${n}`, { qos: 2, packetId: n, identifiers: [66], dup: true });
    }
    expect(next.got('b').flatMap((line) => /"(.*)"/.exec(line)?.[1] ?? [])).toEqual(
      Array.from({ length: 16 }, (_, n) => `m${n + 1}`),
    );
  });
});

describe('a clean client that is kept in one mode and not in the other', () => {
  it('takes no room for publishes after a restart', () => {
    const bench = new HubBench();
    bench.client('a', { will: 'off' });
    bench.publishes('a', 2, 9, 'x');
    const next = new DiskBench({}, bench.disk);
    next.feed({ type: 'sessions-restored', records: [...structuredClone(bench.disk).values()] });
    expect([next.core.session('a'), next.core.openPublishes.size]).toEqual([undefined, 0]);
  });
});
