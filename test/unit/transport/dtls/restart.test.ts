import fs, {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AssociationStore, AssociationStoreOptions } from '../../../../src/store/association-store.ts';
import { type Disk, whyOf } from '../../../../src/store/disk.ts';
import type { DtlsServerOptions } from '../../../../src/transport/dtls/server/dtls-server.ts';
import { IDENTITY } from '../../../support/dtls-bench.ts';
import { eventually } from '../../../support/eventually.ts';
import { ROAMER_HOME as HOME, KeptServer, Roamer } from '../../../support/kept-dtls.ts';

let folder: string;
/** For receive marks: a folder, or none. */
let memory: string;
let problems: string[];
let stores: AssociationStore[];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'associations-')), 'store');
  memory = 'none';
  problems = [];
  stores = [];
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  rmSync(join(folder, '..'), { recursive: true });
});

/** A server with the associations that are in the folder. */
class Run extends KeptServer {
  constructor(options: Partial<AssociationStoreOptions> = {}, server: Partial<DtlsServerOptions> = {}) {
    super({ path: folder, memory, onProblem: (problem) => void problems.push(problem), ...options }, server);
    stores.push(this.store);
  }
}

/** A folder for receive marks, as `/dev/shm` is one. */
function makeMemory(): void {
  memory = join(folder, '..', 'memory');
  mkdirSync(memory);
}

describe.each([
  ['on the disk', () => undefined],
  ['in memory', makeMemory],
])('an association whose client has a connection id, with its receive mark %s', (_where, prepare) => {
  beforeEach(prepare);

  it('goes on when the process was stopped and is started again, in another boot as well', async () => {
    const first = new Run();
    const roamer = new Roamer(first);
    roamer.client.say('one');
    roamer.down(3);
    await first.stop();
    expect(first.bench.story).toEqual(['associations-resumed', 'association-opened']); // nobody was told that it is over
    roamer.run = new Run({ boot: () => 'another boot' });
    roamer.client.say('two');
    await roamer.run.written();
    expect(roamer.run.texts).toEqual(['two']);
    expect(roamer.run.bench.frames[0]?.link).toBe(roamer.link);
    expect(roamer.run.bench.frames[0]?.peer.identity).toBe(IDENTITY);
    expect(roamer.down(3)).toBe(3);
    expect(new Set(roamer.numbers).size).toBe(6);
    expect(roamer.client.heard).toHaveLength(6);
    expect(roamer.run.bench.notes[0]).toEqual({
      type: 'associations-resumed',
      transport: 'dtls',
      count: 1,
      dropped: 0,
    });
  });

  it('goes on when the process was killed, within one boot: no number twice, no record twice', async () => {
    const first = new Run();
    const roamer = new Roamer(first);
    const records = ['a', 'b', 'c'].map((text) => roamer.client.frame(text));
    for (const record of records) {
      first.bench.deliver(HOME, record);
    }
    roamer.down(7);
    await first.written();
    expect(first.texts).toEqual(['a', 'b', 'c']);
    const second = new Run(); // the first one has not stopped
    roamer.run = second;
    for (const record of records) {
      second.bench.deliver(HOME, record);
    }
    expect(second.texts).toEqual([]);
    expect(second.bench.story.filter((line) => line === 'record-dropped: replayed')).toHaveLength(3);
    roamer.client.say('new');
    await second.written();
    expect(second.texts).toEqual(['new']);
    roamer.down(7);
    expect(new Set(roamer.numbers).size).toBe(14);
    expect(Math.min(...roamer.numbers.slice(7))).toBe(1_000); // at the end of the block
  });

  it('still takes what was late within the window, once', async () => {
    const roamer = new Roamer(new Run());
    const late = roamer.client.frame('late');
    for (const record of [roamer.client.frame('a'), roamer.client.frame('b')]) {
      roamer.run.bench.deliver(HOME, record);
    }
    await roamer.run.written();
    const second = new Run();
    second.bench.deliver(HOME, late);
    second.bench.deliver(HOME, late);
    await second.written();
    expect(second.texts).toEqual(['late']);
  });

  it('is dropped when the machine was started anew and the process had not been stopped', async () => {
    const roamer = new Roamer(new Run());
    await roamer.run.written();
    const second = new Run({ boot: () => 'another boot' });
    expect(second.store.refusal).toBe('unclean-stop');
    roamer.run = second;
    roamer.client.say('lost');
    await second.written();
    expect(second.texts).toEqual([]);
    expect(second.bench.story).toContain('record-dropped: unknown-association');
  });

  it('is dropped where the system does not say which boot it is, but for a clean stop', async () => {
    const roamer = new Roamer(new Run({ boot: () => undefined }));
    await roamer.run.written();
    expect(new Run({ boot: () => undefined }).store.refusal).toBe('unclean-stop');
    expect(roamer.link).toMatch(/^dtls:/);
  });

  it.each(['stopped', 'killed'] as const)(
    'is dropped where the folder was copied, used, and put back, with a gateway that was %s: no number twice, no replay',
    async (how) => {
      const first = new Run();
      const roamer = new Roamer(first);
      roamer.client.say('one');
      roamer.down(3);
      await first.written();
      if (how === 'stopped') {
        await first.stop();
      }
      const copy = `${folder}.copy`;
      cpSync(folder, copy, { recursive: true, preserveTimestamps: true });

      const second = new Run();
      roamer.run = second;
      const record = roamer.client.frame('two');
      second.bench.deliver(HOME, record);
      roamer.down(1_200);
      await second.written();
      expect(second.texts).toEqual(['two']);
      if (how === 'stopped') {
        await second.stop();
      }
      rmSync(folder, { recursive: true });
      cpSync(copy, folder, { recursive: true, preserveTimestamps: true });

      const third = new Run();
      expect(third.store.refusal).toBe('copied');
      expect(third.store.refused).toBe(1);
      roamer.run = third;
      third.bench.deliver(HOME, record);
      await third.written();
      expect(third.texts).toEqual([]);
      roamer.down(10);
      expect(new Set(roamer.numbers).size).toBe(roamer.numbers.length);
      rmSync(copy, { recursive: true });
    },
  );

  it('is dropped where the copy was written over what is there', async () => {
    const roamer = new Roamer(new Run());
    await roamer.run.written();
    const copy = `${folder}.copy`;
    cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
    expect(new Run().store.refusal).toBeUndefined();
    cpSync(copy, folder, { recursive: true, preserveTimestamps: true, force: true });
    expect(new Run().store.refusal).toBe('copied');
    expect(roamer.link).not.toBe('');
  });

  it('is dropped where an octet of what is stored has changed, or the sessions are not all there', async () => {
    await new Roamer(new Run()).run.written();
    expect(new Run({ isTrusted: false }).store.refusal).toBe('sessions-damaged');
    const file = join(folder, 'associations');
    const slot = 2_048 + 2 ** 17 * 32;
    // An octet of the receive mark, of a key, of what is reserved.
    for (const at of [2_048 + 7, slot + 100, slot + 2_016 + 7]) {
      await new Roamer(new Run()).run.written();
      const [marks = ''] = memory === 'none' ? [] : readdirSync(memory).map((name) => join(memory, name));
      const changed = at < slot && marks !== '' ? { file: marks, at: at - 2_048 } : { file, at };
      const octets = readFileSync(changed.file);
      octets[changed.at] = (octets[changed.at] ?? 0) ^ 1;
      writeFileSync(changed.file, octets);
      expect(new Run().store.refusal).toBe('damaged');
    }
    const octets = readFileSync(file);
    writeFileSync(file, octets.subarray(0, 100));
    expect(new Run().store.refusal).toBe('unreadable');
  });

  it('is dropped with its key, another key, its suite, its time', async () => {
    const cases: [Partial<DtlsServerOptions>, Partial<AssociationStoreOptions>][] = [
      [{ keys: new Map() }, {}],
      [{ keys: new Map([[IDENTITY, new Uint8Array(16)]]) }, {}],
      [{ suites: ['TLS_PSK_WITH_AES_128_CCM'] }, {}],
      [{ idle: 60_000 }, { now: () => Date.now() + 60_001 }],
    ];
    for (const [server, store] of cases) {
      await new Roamer(new Run()).run.written();
      const second = new Run(store, server);
      expect(second.bench.notes).toEqual([{ type: 'associations-resumed', transport: 'dtls', count: 0, dropped: 1 }]);
      await second.written();
      expect(new Run().bench.notes[0]).toMatchObject({ count: 0, dropped: 0 });
    }
  });

  it('is dropped where there is room for fewer: the one that was silent the longest', async () => {
    const first = new Run();
    const quiet = new Roamer(first);
    const loud = new Roamer(first);
    // They are behind one address; the ids tell them apart.
    await first.written();
    await new Promise((resolve) => setTimeout(resolve, 5)); // a later millisecond
    loud.client.say('here');
    await first.written();
    const second = new Run({ now: () => Date.now() + 5 }, { maxAssociations: 1 });
    loud.run = second;
    quiet.run = second;
    loud.client.say('still here');
    quiet.client.say('lost');
    await second.written();
    expect(second.texts).toEqual(['still here']);
  });

  it('is gone from the disk with its end', async () => {
    const first = new Run();
    const roamer = new Roamer(first);
    roamer.client.say('one');
    await first.written();
    const key = Buffer.from(roamer.link);
    expect(readFileSync(join(folder, 'associations')).includes(key)).toBe(true);
    first.bench.server.changeKeys(new Map());
    await first.written();
    expect(readFileSync(join(folder, 'associations')).includes(key)).toBe(false);
    expect(new Run().bench.notes[0]).toMatchObject({ count: 0 });
  });

  it('follows its client to another address over the restart', async () => {
    const roamer = new Roamer(new Run());
    roamer.address = '198.51.100.7:7';
    roamer.client.say('moved');
    await roamer.run.written(); // that it has come; then it counts
    await roamer.run.written();
    roamer.run = new Run();
    expect(roamer.down()).toBe(1);
    expect(roamer.client.heard).toEqual(['down']);
  });

  it('goes on over many restarts, with as many messages as there may be in each', async () => {
    let run = new Run();
    const roamer = new Roamer(run);
    for (let n = 0; n < 5; n++) {
      await eventually('2,500 messages', () => roamer.down(250) < 250 || roamer.got.length >= 2_500 * (n + 1));
      roamer.client.say(`${n}`);
      await run.stop();
      run = new Run();
      roamer.run = run;
    }
    expect(new Set(roamer.numbers).size).toBe(roamer.numbers.length);
    expect(roamer.client.heard).toHaveLength(roamer.got.length);
  });

  it('sends no number that is not reserved on the disk, and goes on when it is', async () => {
    const roamer = new Roamer(new Run());
    const went = roamer.down(1_500); // the disk has no time to take anything in between
    expect(went).toBeGreaterThanOrEqual(998);
    expect(went).toBeLessThan(1_000);
    expect(roamer.run.bench.story).toContain('record-dropped: unreserved');
    await eventually('the next block', () => roamer.down() === 1);
    expect(Math.max(...roamer.numbers)).toBe(1_000);
  });
});

describe('receive marks in memory', () => {
  beforeEach(makeMemory);

  /** A process that was killed, with a record that it has taken; its files in memory. */
  async function killed(): Promise<{ roamer: Roamer; record: Uint8Array; marks: string[] }> {
    const first = new Run();
    const roamer = new Roamer(first);
    const record = roamer.client.frame('one');
    first.bench.deliver(HOME, record);
    await first.written();
    expect(first.texts).toEqual(['one']);
    return { roamer, record, marks: readdirSync(memory) };
  }

  it('are in one file that only its owner can read, which is another one with each process, and away after a stop', async () => {
    const { marks } = await killed();
    expect(marks).toEqual([expect.stringMatching(/^mqtt-sn-gateway-[0-9a-f]{16}-[0-9a-f]{16}$/)]);
    expect(statSync(join(memory, marks[0] ?? '')).mode & 0o777).toBe(0o600);
    const second = new Run();
    expect(second.store.refusal).toBeUndefined();
    const now = readdirSync(memory);
    expect([now.length, now[0] === marks[0]]).toEqual([1, false]);
    await second.stop();
    expect(readdirSync(memory)).toEqual([]);
    expect(new Run().bench.notes[0]).toMatchObject({ type: 'associations-resumed', count: 1 });
  });

  it('leave the files of other stores alone, but for those of a week ago', async () => {
    const [other, old, foreign] = ['mqtt-sn-gateway-0000-0000', 'mqtt-sn-gateway-1111-1111', 'another-program'];
    const weekAgo = Date.now() / 1000 - 7 * 86_400 - 60;
    for (const name of [other, old, foreign]) {
      writeFileSync(join(memory, name), '');
      utimesSync(join(memory, name), weekAgo, name === other ? Date.now() / 1000 : weekAgo);
    }
    await killed();
    await new Run().stop();
    expect(readdirSync(memory).toSorted()).toEqual([foreign, other]);
  });

  it.each([
    ['are away', (file: string) => rmSync(file), 'unclean-stop'],
    ['are cut off', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 20)), 'damaged'],
    [
      'are reached by a link only',
      (file: string) => {
        renameSync(file, `${file}x`);
        symlinkSync(`${file}x`, file);
      },
      'unclean-stop',
    ],
  ] as const)(
    'that %s after a kill: nothing is loaded, and no record is taken twice',
    async (_what, spoil, refusal) => {
      const { record, marks } = await killed();
      spoil(join(memory, marks[0] ?? ''));
      const second = new Run();
      expect([second.store.refusal, second.store.refused]).toEqual([refusal, refusal === 'damaged' ? 0 : 1]);
      second.bench.deliver(HOME, record);
      await second.written();
      expect(second.texts).toEqual([]);
    },
  );

  it('are in the file itself after a stop: no record is taken twice', async () => {
    const { roamer, record } = await killed();
    await roamer.run.stop();
    rmSync(memory, { recursive: true });
    const second = new Run();
    expect(second.store.refusal).toBeUndefined();
    second.bench.deliver(HOME, record);
    await second.written();
    expect(second.texts).toEqual([]);
    expect(second.bench.story).toContain('record-dropped: replayed');
  });

  it('count for nothing any more once the stop has begun', async () => {
    const { roamer } = await killed();
    const { run } = roamer;
    const record = roamer.client.frame('late');
    const stopped = run.store.close();
    run.bench.deliver(HOME, record);
    await stopped;
    const isTaken = run.texts.includes('late');
    const second = new Run();
    second.bench.deliver(HOME, record);
    await second.written();
    expect([isTaken, second.texts.includes('late')].filter(Boolean)).toHaveLength(1);
  });

  it('do not wait for a disk that hangs', async () => {
    const hanging = { ...fs, write: () => undefined, fdatasync: (() => undefined) as unknown as typeof fs.fdatasync };
    const run = new KeptServer({ path: folder, memory, disk: hanging, onProblem: () => undefined });
    const roamer = new Roamer(run);
    roamer.client.say('one');
    await eventually('what has come', () => run.texts.length > 0);
    expect(run.texts).toEqual(['one']);
  });

  it('that cannot be written any more: the file goes away, and all goes on', async () => {
    const { roamer } = await killed();
    const isFull = jest.spyOn(fs, 'writeSync').mockImplementation(() => 0);
    try {
      roamer.client.say('two');
      await eventually('what has come', () => roamer.run.texts.length > 1);
    } finally {
      isFull.mockRestore();
    }
    expect(roamer.run.texts).toEqual(['one', 'two']);
    expect(readdirSync(memory)).toEqual([]);
    expect(new Run().store.refusal).toBe('unclean-stop');
  });
});

describe('what is stored', () => {
  it('is in a folder that only its owner can look into, in a file that only its owner can read', async () => {
    await new Roamer(new Run()).run.written();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'associations')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).toSorted()).toEqual(['associations', 'witness']);
  });

  it('takes a slot for each association, again and again', async () => {
    const run = new Run({}, { maxAssociations: 5 });
    for (let n = 0; n < 40; n++) {
      new Roamer(run).client.say('here');
      await run.written();
    }
    expect(statSync(join(folder, 'associations')).size - 2 ** 17 * 32).toBeLessThanOrEqual(8 * 2_048);
    expect(statSync(join(folder, 'associations')).blocks * 512).toBeLessThan(2 ** 17); // a file with a hole
  });

  it('is nothing, and is told of, where it cannot be written at the start; associations work without', async () => {
    const roamer = new Roamer(new Run());
    await roamer.run.written();
    mkdirSync(join(folder, 'associations.new'));
    const second = new Run();
    expect(problems).toEqual([expect.stringMatching(/^DTLS associations are not stored, and end with this process: /)]);
    new Roamer(second).client.say('here');
    expect(second.texts).toEqual(['here']);
    rmSync(join(folder, 'associations.new'), { recursive: true });
    expect(new Run().store.refusal).toBe('copied'); // what was there before is not the last that was true
  });

  it('calls a full disk by its name', () => {
    expect(whyOf(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))).toBe(
      'the disk is full',
    );
  });

  it('is thrown away where the disk fails, and the associations go on in memory, beyond what was reserved', async () => {
    let isFull = false;
    const disk = {
      ...fs,
      write: ((fd, octets, from, length, at, done) => {
        if (isFull) {
          setImmediate(done, Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }), 0);
        } else {
          fs.write(fd, octets, from, length, at, done);
        }
      }) satisfies Disk['write'],
    };
    const run = new Run({ disk });
    const roamer = new Roamer(run);
    await run.written();
    isFull = true;
    roamer.client.say('still here');
    expect(run.texts).toEqual([]);
    await run.written();
    expect(run.texts).toEqual(['still here']);
    expect(problems).toEqual([
      expect.stringMatching(/not stored any more, and end with this process: the disk is full/),
    ]);
    expect(readdirSync(folder)).toEqual(['witness']);
    expect(roamer.down(3_000)).toBe(3_000);
    expect(new Run().store.refused).toBe(0);
  });

  it('is thrown away where the disk does not take what is to be reserved', async () => {
    const disk = {
      ...fs,
      fdatasync: ((_: number, done: (error: Error) => void) => {
        setImmediate(() => done(new Error('EIO: i/o error')));
      }) as typeof fs.fdatasync,
    };
    const run = new Run({ disk });
    const roamer = new Roamer(run);
    roamer.down(600);
    await eventually('the end of the store', () => problems.length > 0);
    await run.written();
    expect(readdirSync(folder)).toEqual(['witness']);
    expect(roamer.down(3_000)).toBe(3_000);
  });
});
