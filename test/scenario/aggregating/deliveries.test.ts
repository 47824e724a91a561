import { describe, expect, it } from '@jest/globals';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

/** Persistent clients that have `tp` (identifiers from 65 on, one for each), clean ones behind `!`. */
function serving(names: readonly string[], qos: 0 | 1 | 2 = 1, options: HubBenchOptions = {}): HubBench {
  const bench = new HubBench(options);
  for (const name of names) {
    bench.client(name.replace('!', ''), { clean: name.endsWith('!') });
    bench.subscribe(name.replace('!', ''), 'tp', qos);
    bench.got(name.replace('!', ''));
  }
  return bench;
}

function last(bench: HubBench): number {
  return Math.max(0, ...[...bench.disk.values()].map((record) => (record.kind === 'filter' ? record.identifier : 0)));
}

function comes(bench: HubBench, text: string, packetId: number, qos: 1 | 2 = 1, dup = false): string[] {
  return bench.comes('tp', text, { qos, packetId, dup, identifiers: [last(bench)] });
}

function sleeps(bench: HubBench, name: string): void {
  bench.says(name, '04 18 0E 10');
  bench.got(name);
}

function wakes(bench: HubBench, name: string): string[] {
  bench.says(name, `${(name.length + 2).toString(16).padStart(2, '0')} 16 ${Buffer.from(name).toString('hex')}`);
  return bench.got(name);
}

function kinds(bench: HubBench): string[] {
  return [...bench.disk.keys()].filter((key) => /^(?:message|parcel)/.test(key));
}

const SYNCED = (bench: HubBench): boolean => bench.stored.some(({ durable, owners }) => durable && owners.has(''));

describe('a message of the broker with QoS 1 is acknowledged (3.7 item 8)', () => {
  it('when the clients that are there have acknowledged it', () => {
    const bench = serving(['a', 'b!']);
    bench.of('a').isMute = true;
    expect(comes(bench, 'm', 1)).toEqual([]);
    expect(kinds(bench)).toEqual([]);
    expect(bench.says('a', '07 0d 0001 0001 00')).toEqual(['#2 PUBACK id1']);
  });

  it('at once where it is for a sleeper, an absent or a busy client: it is on the disk before', () => {
    const bench = serving(['a', 'b']);
    sleeps(bench, 'a');
    bench.says('b', '02 18');
    bench.got('b');
    expect(comes(bench, 'm', 1)).toEqual(['#2 PUBACK id1']);
    expect(SYNCED(bench)).toBe(true);
    expect(kinds(bench)).toEqual(['message/1', 'parcel/a/1', 'parcel/b/1']);
    expect(wakes(bench, 'a')).toEqual(['qos1 tp "m"', '0217']);
    expect(kinds(bench)).toEqual(['message/1', 'parcel/b/1']);
    bench.client('b', { clean: false });
    expect(bench.got('b')).toEqual(['030500', 'qos1 tp "m"']);
    expect(kinds(bench)).toEqual([]);
  });

  it('after a second where one that is there says nothing: then it is on the disk', () => {
    const bench = serving(['a']);
    bench.of('a').isMute = true;
    expect(comes(bench, 'm', 1)).toEqual([]);
    expect(bench.wait(999)).toEqual([]);
    expect(kinds(bench)).toEqual([]);
    expect(bench.wait(1)).toEqual(['#2 PUBACK id1']);
    expect(kinds(bench)).toEqual(['message/1', 'parcel/a/1']);
    bench.says('a', '07 0d 0001 0001 00');
    expect(kinds(bench)).toEqual([]);
  });

  it('at once where half of the window waits for clients', () => {
    const bench = serving(['a'], 1, { settings: { upstream: { receiveMaximum: 4 } } });
    bench.of('a').isMute = true;
    expect(comes(bench, '1', 1)).toEqual([]);
    expect(comes(bench, '2', 2)).toEqual(['#2 PUBACK id1']);
    expect(comes(bench, '3', 3)).toEqual(['#2 PUBACK id2']);
  });

  it('at once where a busy client has as many as it takes', () => {
    const bench = serving(['a']);
    bench.of('a').isMute = true;
    for (let packetId = 1; packetId <= 16; packetId++) {
      comes(bench, `${packetId}`, packetId);
    }
    bench.wait(1_000);
    expect(comes(bench, '17', 17)).toEqual(['#2 PUBACK id17']);
  });

  it('for clean ones from memory: nothing is stored', () => {
    const bench = serving(['a!']);
    bench.of('a').isMute = true;
    comes(bench, 'm', 1);
    expect(bench.wait(1_000)).toEqual(['#2 PUBACK id1']);
    expect(kinds(bench)).toEqual([]);
  });

  it('once, however often the broker repeats it before', () => {
    const bench = serving(['a']);
    bench.of('a').isMute = true;
    comes(bench, 'm', 1);
    expect(bench.got('a')).toEqual(['qos1 tp "m"']);
    bench.breaks();
    bench.wait(2_000);
    expect(bench.stands({ sessionPresent: true }).filter((line) => line.includes('ACK'))).toEqual([]);
    expect(comes(bench, 'm', 1, 1, true)).toEqual([`#${bench.shared} PUBACK id1`]);
    expect(bench.got('a')).toEqual([]);
  });

  it('where a QoS 0 subscription of a sleeper is all that it is for: no disk, no second', () => {
    const bench = serving(['a'], 0);
    sleeps(bench, 'a');
    expect(comes(bench, 'm', 1)).toEqual(['#2 PUBACK id1']);
    expect(kinds(bench)).toEqual([]);
    expect(wakes(bench, 'a')).toEqual(['qos0 tp "m"', '0217']);
  });

  it('stored once for many', () => {
    const names = Array.from({ length: 50 }, (_, at) => `s${at}`);
    const bench = serving(names);
    for (const name of names) {
      sleeps(bench, name);
    }
    comes(bench, 'm', 1);
    expect(kinds(bench).filter((key) => key.startsWith('message'))).toEqual(['message/1']);
    expect(kinds(bench)).toHaveLength(51);
    for (const name of names) {
      expect(wakes(bench, name)).toEqual(['qos1 tp "m"', '0217']);
    }
    expect(kinds(bench)).toEqual([]);
  });
});

describe('a message of the broker with QoS 2', () => {
  it('for a persistent client is on the disk with its packet id until PUBREL, and until the client has it', () => {
    const bench = serving(['a'], 2);
    sleeps(bench, 'a');
    expect(comes(bench, 'm', 1, 2)).toEqual(['#2 PUBREC id1']);
    expect(bench.disk.get('message/1')).toMatchObject({ packetId: 1 });
    expect(bench.act(bench.released(2, 1))).toEqual(['#2 PUBCOMP id1']);
    expect(bench.disk.get('message/1')).toMatchObject({ packetId: undefined });
    expect(wakes(bench, 'a')).toEqual(['qos2 tp "m"', '0217']);
    expect(kinds(bench)).toEqual([]);
  });

  it('that the client has before PUBREL leaves nothing behind', () => {
    const bench = serving(['a'], 2);
    expect(comes(bench, 'm', 1, 2)).toEqual(['#2 PUBREC id1']);
    expect(kinds(bench)).toEqual(['message/1']);
    expect(bench.act(bench.released(2, 1))).toEqual(['#2 PUBCOMP id1']);
    expect(kinds(bench)).toEqual([]);
  });

  it.each(['disk', 'synced'] as const)('repeated with DUP after a crash is no second message (%s)', (left) => {
    const bench = serving(['a'], 2);
    comes(bench, 'm', 1, 2);
    expect(bench.got('a')).toEqual(['qos2 tp "m"']);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } }, bench[left]);
    next.client('a', { clean: false });
    next.got('a');
    expect(comes(next, 'm', 1, 2, true)).toEqual([`#${next.shared} PUBREC id1`]);
    expect(next.got('a')).toEqual([]);
    next.act(next.released(next.shared, 1));
    expect(kinds(next)).toEqual([]);
  });

  it('without DUP is another one', () => {
    const bench = serving(['a'], 2);
    comes(bench, 'm', 1, 2);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.client('a', { clean: false });
    next.got('a');
    expect(comes(next, 'n', 1, 2)).toEqual([`#${next.shared} PUBREC id1`]);
    expect(next.got('a')).toEqual(['qos2 tp "n"']);
  });

  it('is forgotten where the broker has no session, and what is for clients is not', () => {
    const bench = serving(['a'], 2);
    sleeps(bench, 'a');
    comes(bench, 'm', 1, 2);
    bench.breaks();
    bench.wait(2_000);
    bench.stands();
    expect(bench.disk.get('message/1')).toMatchObject({ packetId: undefined });
    bench.grants(['SUBSCRIBE id2 tp qos2']);
    expect(wakes(bench, 'a')).toEqual(['qos2 tp "m"', '0217']);
  });

  it('half way through with a client when the process ends is ended, and comes once', () => {
    const bench = serving(['a'], 2);
    bench.of('a').isMute = true;
    comes(bench, 'm', 1, 2);
    bench.says('a', '04 0f 0001');
    bench.of('a').received.add(1);
    bench.got('a');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.client('a', { clean: false });
    expect(next.got('a')).toEqual(['030500']);
    next.act(next.released(next.shared, 1));
    expect(kinds(next)).toEqual([]);
  });
});

describe('what waits for a client', () => {
  it('keeps its order through sleep, absence and restart, 100 messages long', () => {
    const bench = serving(['a']);
    sleeps(bench, 'a');
    for (let number = 1; number <= 50; number++) {
      comes(bench, `${number}`, number);
    }
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    for (let number = 51; number <= 100; number++) {
      comes(next, `${number}`, number);
    }
    expect(wakes(next, 'a')).toEqual([...Array.from({ length: 100 }, (_, at) => `qos1 tp "${at + 1}"`), '0217']);
    expect(kinds(next)).toEqual([]);
  });

  it('is bounded in number, oldest first, told', () => {
    const bench = serving(['a'], 1, {
      settings: { sessions: { queue: { messages: 3, octets: 1_000, octetsInAll: 10_000, age: 1_000_000 } } },
    });
    sleeps(bench, 'a');
    const notes = Array.from({ length: 5 }, (_, at) => {
      comes(bench, `${at}`, at + 1);
      return bench.notes.filter(({ type }) => type === 'delivery-dropped').length;
    });
    expect(notes).toEqual([0, 0, 0, 1, 1]);
    expect(wakes(bench, 'a')).toEqual(['qos1 tp "2"', 'qos1 tp "3"', 'qos1 tp "4"', '0217']);
    expect(kinds(bench)).toEqual([]);
  });

  it('and in octets', () => {
    const bench = serving(['a'], 1, {
      settings: { sessions: { queue: { messages: 30, octets: 100, octetsInAll: 10_000, age: 1_000_000 } } },
    });
    sleeps(bench, 'a');
    comes(bench, 'x'.repeat(60), 1);
    comes(bench, 'y'.repeat(60), 2);
    expect(wakes(bench, 'a')).toEqual([`qos1 tp "${'y'.repeat(60)}"`, '0217']);
  });

  it('and in octets over all clients: the one gives way that has most', () => {
    const queue = { messages: 1_000, octets: 10_000, octetsInAll: 1_000, age: 1_000_000 };
    const bench = new HubBench({ settings: { sessions: { queue } } });
    for (const [name, filter] of [
      ['a', 'aa'],
      ['b', 'bb'],
    ] as const) {
      bench.client(name, { clean: false });
      bench.subscribe(name, filter, 1);
      sleeps(bench, name);
    }
    bench.comes('bb', 'small', { qos: 1, packetId: 1, identifiers: [129] });
    for (let packetId = 2; packetId < 30; packetId++) {
      bench.comes('aa', 'x'.repeat(98), { qos: 1, packetId, identifiers: [65] });
    }
    bench.comes('bb', 'small', { qos: 1, packetId: 30, identifiers: [129] });
    expect(wakes(bench, 'b')).toEqual(['qos1 bb "small"', 'qos1 bb "small"', '0217']);
    expect(wakes(bench, 'a')).toHaveLength(10);
    expect(kinds(bench)).toEqual([]);
  });

  it('and in age', () => {
    const queue = { messages: 1_000, octets: 10_000, octetsInAll: 1_000, age: 60_000 };
    const bench = serving(['a'], 1, { settings: { sessions: { queue } } });
    sleeps(bench, 'a');
    comes(bench, 'old', 1);
    bench.wait(30_000);
    comes(bench, 'new', 2);
    bench.wait(30_001);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'delivery-dropped', topic: 'tp', qos: 1 }));
    expect(kinds(bench)).toEqual(['message/2', 'parcel/a/2']);
    expect(wakes(bench, 'a')).toEqual(['qos1 tp "new"', '0217']);
  });

  it('QoS 0 waits for a sleeper in its place, and not for one that is absent', () => {
    const bench = serving(['a', 'b']);
    sleeps(bench, 'a');
    bench.says('b', '02 18');
    bench.got('b');
    comes(bench, '1', 1);
    bench.comes('tp', '2', { identifiers: [66] });
    comes(bench, '3', 3);
    expect(wakes(bench, 'a')).toEqual(['qos1 tp "1"', 'qos0 tp "2"', 'qos1 tp "3"', '0217']);
    bench.client('b', { clean: false });
    expect(bench.got('b').slice(1)).toEqual(['qos1 tp "1"', 'qos1 tp "3"']);
  });

  it('QoS 0 of all clients together is bounded, the one gives way that has most', () => {
    const settings = { sessions: { sleepBufferOctetsInAll: 100 } };
    const bench = new HubBench({ settings });
    for (const [name, filter] of [
      ['a', 'aa'],
      ['b', 'bb'],
    ] as const) {
      bench.client(name);
      bench.subscribe(name, filter, 0);
      sleeps(bench, name);
    }
    bench.comes('bb', 'small', { identifiers: [129] });
    for (let number = 0; number < 5; number++) {
      bench.comes('aa', 'x'.repeat(38), { identifiers: [65] });
    }
    expect(wakes(bench, 'b')).toEqual(['qos0 bb "small"', '0217']);
    expect(wakes(bench, 'a')).toHaveLength(3);
  });

  it('a retained flood for one sleeper is bounded, and leaves nothing on the disk that nobody waits for', () => {
    const bench = serving(['a'], 1, { settings: { sessions: { queue: { messages: 200 } } } });
    sleeps(bench, 'a');
    for (let number = 1; number <= 250; number++) {
      comes(bench, `${number}`, (number % 60_000) + 1);
    }
    expect(kinds(bench)).toHaveLength(400);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(wakes(next, 'a')).toHaveLength(201);
    expect(kinds(next)).toEqual([]);
  });

  it('a client that comes back clean gets nothing of it', () => {
    const bench = serving(['a']);
    sleeps(bench, 'a');
    comes(bench, 'm', 1);
    bench.client('a');
    expect(bench.got('a')).toEqual(['030500']);
    expect(kinds(bench)).toEqual([]);
  });

  it('a queue record whose message is damaged costs that message alone', () => {
    const bench = serving(['a']);
    sleeps(bench, 'a');
    comes(bench, '1', 1);
    comes(bench, '2', 2);
    bench.disk.delete('message/1');
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    expect(wakes(next, 'a')).toEqual(['qos1 tp "2"', '0217']);
    expect(kinds(next)).toEqual([]);
  });
});

describe('hundreds of clients with one filter', () => {
  it('each get one message, whatever order they leave in', () => {
    const bench = new HubBench();
    const count = 300;
    for (let number = 0; number < count; number++) {
      bench.client(`c${number}`);
      bench.subscribe(`c${number}`, 'tp', 1);
    }
    expect(comes(bench, 'm', 1)).toEqual(['#2 PUBACK id1']);
    for (let number = 0; number < count; number++) {
      expect(bench.got(`c${number}`).at(-1)).toBe('qos1 tp "m"');
      bench.says(`c${number}`, '02 18');
    }
    expect([...bench.disk.keys()]).toEqual(['slots', 'filter/tp']);
  });
});
