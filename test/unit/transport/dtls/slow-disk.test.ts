import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Random } from '../../../../src/cli/simulate/random.ts';
import { readSlots } from '../../../../src/store/association-file.ts';
import type { AssociationStoreOptions } from '../../../../src/store/association-store.ts';
import type { Disk } from '../../../../src/store/disk.ts';
import { SUITES } from '../../../../src/transport/dtls/crypto/suites.ts';
import { BenchClient } from '../../../support/dtls-bench.ts';
import { eventually } from '../../../support/eventually.ts';
import { ROAMER_HOME as HOME, KeptServer, Roamer } from '../../../support/kept-dtls.ts';

let folder: string;
let problems: string[];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'associations-')), 'store');
  problems = [];
});

afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

/** A disk that does nothing until it is let: then what has been asked of it, and what is asked from then on. */
class SlowDisk implements Disk {
  isSlow = false;
  readonly #waiting: (() => void)[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  readonly write: Disk['write'] = (...args) => this.#do(() => fs.write(...args));
  readonly fdatasync = ((...args: Parameters<typeof fs.fdatasync>) => {
    this.#do(() => fs.fdatasync(...args));
  }) as typeof fs.fdatasync;
  readonly rm = fs.rm;
  readonly ftruncate = fs.ftruncate;

  goOn(): void {
    this.isSlow = false;
    for (const work of this.#waiting.splice(0)) {
      work();
    }
  }

  #do(work: () => void): void {
    if (this.isSlow) {
      this.#waiting.push(work);
    } else {
      work();
    }
  }
}

function server(options: Partial<AssociationStoreOptions> = {}): KeptServer {
  return new KeptServer({ path: folder, onProblem: (problem) => void problems.push(problem), ...options });
}

describe('a disk that hangs', () => {
  it('holds up what comes over stored associations, and nothing else; all of it counts when the disk is back', async () => {
    const disk = new SlowDisk();
    const told: string[] = [];
    const onStalled = (): void => void told.push('stalled');
    const onRecovered = (): void => void told.push('recovered');
    const run = server({ disk, stalledAfter: 1_000, onStalled, onRecovered });
    const roamer = new Roamer(run);
    const plain = new BenchClient(run.bench, '192.0.2.9:9').connect();
    await run.written();
    await eventually('a disk that is as fast as this machine', () => told.at(-1) !== 'stalled');
    told.splice(0);
    disk.isSlow = true;
    roamer.client.say('one');
    roamer.client.say('two');
    plain.say('plain');
    await eventually('a disk that has stalled', () => told.length > 0);
    roamer.client.say('three');
    plain.say('plain again');
    new BenchClient(run.bench, '192.0.2.10:9').connect().say('a new one');
    expect(roamer.down(3)).toBe(3); // within what is reserved
    expect(run.texts).toEqual(['plain', 'plain again', 'a new one']);
    expect(told).toEqual(['stalled']);
    disk.goOn();
    await run.written();
    expect(run.texts.slice(3)).toEqual(['one', 'two', 'three']);
    expect(told).toEqual(['stalled', 'recovered']);
    await run.stop();
  });

  it('takes only so much: the newest is dropped, and counted', async () => {
    const disk = new SlowDisk();
    const run = server({ disk });
    const roamer = new Roamer(run);
    await run.written();
    disk.isSlow = true;
    for (let n = 0; n < 4_100; n++) {
      roamer.client.say(`${n}`);
    }
    expect(run.bench.story.filter((line) => line === 'record-dropped: unwritten')).toHaveLength(4);
    disk.goOn();
    await run.written();
    expect(run.texts).toHaveLength(4_096);
    expect(run.texts.at(-1)).toBe('4095');
    for (let n = 0; n < 200; n++) {
      roamer.client.say('x'.repeat(10_000)); // 2 MB
    }
    expect(run.bench.story.filter((line) => line === 'record-dropped: unwritten').length).toBeGreaterThan(90);
    await run.written();
    roamer.client.say('and on');
    await run.written();
    expect(run.texts.at(-1)).toBe('and on');
    await run.stop();
  });

  it('has taken nothing of what waited, where the process is killed: it comes to the next one, once', async () => {
    const disk = new SlowDisk();
    const first = server({ disk });
    const roamer = new Roamer(first);
    await first.written();
    disk.isSlow = true;
    const record = roamer.client.frame('one');
    first.bench.deliver(HOME, record);
    await eventually('a write', () => disk.waiting > 0);
    const second = server();
    second.bench.deliver(HOME, record);
    second.bench.deliver(HOME, record);
    await second.written();
    expect(first.texts).toEqual([]);
    expect(second.texts).toEqual(['one']);
    await second.stop();
    disk.goOn();
  });

  it('delivers nothing over an association that has ended meanwhile, or once it is being stopped', async () => {
    const disk = new SlowDisk();
    const run = server({ disk });
    const roamer = new Roamer(run);
    await run.written();
    disk.isSlow = true;
    roamer.client.say('one');
    run.bench.server.changeKeys(new Map());
    disk.goOn();
    await run.written();
    expect(run.texts).toEqual([]);
    await run.stop();

    const second = server({ disk });
    const another = new Roamer(second);
    await second.written();
    disk.isSlow = true;
    another.client.say('two');
    second.bench.server.close();
    disk.goOn();
    await second.written();
    expect(second.texts).toEqual([]);
    await second.store.close();
  });

  it('is told of nothing any more once the store is closed, so that nothing counts which the file has not', async () => {
    const run = server();
    const roamer = new Roamer(run);
    await run.written();
    await run.store.close();
    roamer.client.say('late');
    expect(run.store.keep({ ...storedLike(roamer), received: { highest: 0, near: 0, far: 0 } })).toBe(false);
    const next = server();
    roamer.run = next;
    roamer.client.say('on');
    await next.written();
    expect(next.texts).toEqual(['on']);
    expect(run.texts).toEqual([]);
    await next.stop();
  });

  it('stores no more associations than it can write; the others work without', async () => {
    const disk = new SlowDisk();
    const run = server({ disk });
    disk.isSlow = true;
    const association = new Roamer(run); // one at the disk
    await eventually('a write', () => disk.waiting > 0);
    const links = Array.from({ length: 4_100 }, (_, n) => `dtls:${n}`);
    const like = { ...storedLike(association), received: { highest: 0, near: 0, far: 0 } };
    expect(links.filter((link) => run.store.keep({ ...like, link }))).toHaveLength(4_096);
    new Roamer(run).client.say('not stored');
    expect(run.texts).toEqual(['not stored']);
    disk.goOn();
    await run.stop();
  });
});

describe('a disk that fails, and lets nothing be thrown away', () => {
  it('keeps waiting what came over stored associations until it is certain that nobody loads them again', async () => {
    const slow = new SlowDisk();
    let isBroken = false;
    let refusals = 0;
    const error = new Error('EIO: i/o error');
    const disk: Disk = {
      write: (...args) => (isBroken ? void setImmediate(args[5], error, 0) : slow.write(...args)),
      fdatasync: slow.fdatasync,
      ftruncate: ((_fd: number, _length: number, done: (error: Error) => void) => {
        refusals += 1;
        setImmediate(done, error);
      }) as typeof fs.ftruncate,
      rm: ((path: string, options: object, done: (error: Error | null) => void) => {
        if (refusals < 2 || !path.endsWith('witness')) {
          setImmediate(done, error);
        } else {
          fs.rm(path, options, done);
        }
      }) as typeof fs.rm,
    };
    const run = server({ disk });
    const roamer = new Roamer(run);
    await run.written();
    isBroken = true;
    const record = roamer.client.frame('one');
    run.bench.deliver(HOME, record);
    await eventually('the end of the store', () => refusals === 1);
    new BenchClient(run.bench, '192.0.2.9:9').connect().say('plain');
    expect(run.texts).toEqual(['plain']);
    await run.written();
    expect(refusals).toBe(2);
    expect(run.texts).toEqual(['plain', 'one']);
    expect(problems).toHaveLength(1);
    const second = server();
    expect(second.store.refusal).toBe('copied');
    second.bench.deliver(HOME, record);
    await second.written();
    expect(second.texts).toEqual([]);
    await second.stop();
  });
});

describe('what is on the disk, whenever the process is killed', () => {
  it.each([1, 2, 3])('is whole, has all that has counted, and no number that may be sent (%i)', async (seed) => {
    const random = new Random(seed);
    const below = (n: number): number => Math.floor(random.next() * n);
    const sent = new Map<string, number>();
    const counted = new Map<string, number>();
    let looks = 0;
    /** A kill here and now. */
    const look = (): void => {
      looks += 1;
      const found = readSlots(join(folder, 'associations'));
      if (found === undefined || found === 'unreadable') {
        throw new Error('nothing to read');
      }
      expect(found.isDamaged).toBe(false);
      for (const { association } of found.contents) {
        const { link, received, sendFrom } = association;
        expect(received.highest).toBeGreaterThanOrEqual(counted.get(link) ?? -1);
        expect(sendFrom).toBeGreaterThan(sent.get(link) ?? -1);
      }
    };
    const disk: Disk = {
      ...fs,
      write: (...args) => {
        look();
        setTimeout(() => fs.write(...args), below(3));
      },
      fdatasync: ((fd: number, done: () => void) => {
        setTimeout(() => fs.fdatasync(fd, done), below(30));
      }) as typeof fs.fdatasync,
    };
    const run = server({ disk });
    const roamers = new Set<Roamer>();
    const numbers = new Map<string, number>(); // of what has been said, by link and text
    for (let step = 0; step < 400 || looks <= 500; step++) {
      const roamer = [...roamers][below(roamers.size)];
      const what = roamer === undefined ? 0 : below(10);
      if (roamer === undefined || what === 0) {
        roamers.add(new Roamer(run, `203.0.113.1:${step + 1}`));
      } else if (what === 1 && roamers.size > 3) {
        run.bench.deliver(roamer.address, roamer.client.record(21, Uint8Array.of(1, 0))); // close_notify
        roamers.delete(roamer);
      } else if (what === 2) {
        roamer.address = `198.51.100.${below(250)}:${step + 1}`;
      } else if (what < 5) {
        roamer.down(below(400));
        sent.set(roamer.link, Math.max(-1, ...roamer.numbers));
      }
      if (roamer !== undefined) {
        numbers.set(`${roamer.link} ${step}`, roamer.client.sequence);
        run.bench.deliver(roamer.address, roamer.client.frame(`${step}`));
      }
      if (below(3) === 0) {
        await new Promise((resolve) => setTimeout(resolve, below(4)));
      }
      for (const { link, text } of run.bench.frames.splice(0)) {
        counted.set(link, numbers.get(`${link} ${text}`) ?? Number.POSITIVE_INFINITY);
      }
      look();
    }
    await run.written();
    expect(counted.size).toBeGreaterThan(10);
    expect(looks).toBeGreaterThan(500);
    await run.stop();
    const next = server();
    expect(next.store.refusal).toBeUndefined();
    for (const roamer of roamers) {
      roamer.run = next;
      roamer.client.say('on');
      expect(roamer.down(1)).toBe(1);
      expect(new Set(roamer.numbers).size).toBe(roamer.numbers.length);
    }
    await next.written();
    expect(next.texts).toHaveLength(roamers.size);
    await next.stop();
  });

  it('is nothing of a folder that was damaged on purpose', async () => {
    const run = server();
    new Roamer(run);
    await run.written();
    const file = join(folder, 'associations');
    const octets = readFileSync(file);
    octets.fill(0, 2_048, 2_048 + 32); // the receive mark
    writeFileSync(file, octets);
    expect(server().store.refusal).toBe('damaged');
    await run.stop();
  });
});

function storedLike({ client, link }: Roamer) {
  const key = new Uint8Array(16);
  return {
    link,
    transport: 'dtls',
    ownCid: client.serverCid,
    peerCid: new Uint8Array(2),
    identity: 'meter 7',
    keyProof: key,
    suite: SUITES[1].name,
    secrets: { clientKey: key, clientIv: key, serverKey: key, serverIv: key },
    remote: { key: HOME, host: '192.0.2.1', address: HOME },
    sendFrom: 1_000,
  };
}
