import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CaptureFile } from '../../../src/app/capture/capture-file.ts';
import { captureTexts } from '../../../src/cli/decode/capture-text.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { eventually, within } from '../../support/eventually.ts';
import { octetsOf } from '../../support/raw-sensor.ts';

/** PUBLISH with a payload of two octets. */
const PUBLISH = octetsOf('09 0c 00 00 01 00 00 6f 6e');

let folder: string;
let path: string;
let now: number;
const notes: Note[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capture-'));
  path = join(folder, 'frames.pcapng');
  now = 0;
  notes.length = 0;
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function capture(some: Partial<ConstructorParameters<typeof CaptureFile>[0]> = {}): CaptureFile {
  return new CaptureFile({
    ...{ path, maxSize: 1_000_000, maxFiles: 3, frames: {}, application: 'test' },
    ...{ clock: { now: () => now }, wall: () => 1_000, tell: (note: Note) => notes.push(note) },
    ...some,
  });
}

async function textsIn(file: string): Promise<string[]> {
  return [...captureTexts(await readFile(file), { ports: [1884], verbose: false })].map(({ text }) => text.slice(26));
}

describe('the capture of a gateway', () => {
  it('has every frame, with zeros for payloads, nodes behind a forwarder by themselves, and broadcasts', async () => {
    const file = capture();
    file.start();
    file.frame('received', 'udp:192.0.2.7:4711', PUBLISH);
    file.frame('sent', 'serial:line', octetsOf('05 fe 00 0a 0b 02 17'));
    file.frame('broadcast', 'udp', octetsOf('05 00 01 03 84'));
    await file.stop();
    expect(await textsIn(path)).toEqual([
      expect.stringMatching(/^192\.0\.2\.7:4711 > 192\.0\.2\.1:1884 {2}PUBLISH qos=0 .* 2 octets 0000$/),
      '192.0.2.1:1884 > 198.18.0.1:50000  ENCAPSULATED radius=0 wirelessNodeId=0a0b: PINGRESP',
      '192.0.2.1:1884 > 198.18.0.2:50000  ADVERTISE gwId=1 duration=900',
    ]);
    expect((await readFile(path)).toString('latin1')).toContain('serial:line/0a0b');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(notes).toEqual([]);
  });

  it('has payloads where that is wanted', async () => {
    const file = capture({ frames: { payloads: true } });
    file.frame('received', 'serial:line', PUBLISH);
    await file.stop();
    expect((await textsIn(path))[0]).toMatch(/2 octets 6f6e "on"$/);
  });

  it('begins another file when one is full, keeps so many, and the one of the start before', async () => {
    for (let start = 0; start < 2; start += 1) {
      const file = capture({ maxSize: 1_000 });
      for (let number = 0; number < 30; number += 1) {
        file.frame('received', 'serial:line', PUBLISH);
        await eventually('the file', async () => (await stat(path).catch(() => undefined)) !== undefined);
      }
      await file.stop();
    }
    expect((await readdir(folder)).sort()).toEqual(['frames.pcapng', 'frames.pcapng.1', 'frames.pcapng.2']);
    for (const name of await readdir(folder)) {
      const { size } = await stat(join(folder, name));
      expect(size).toBeLessThan(5_000); // one batch at most behind what fits
      expect((await textsIn(join(folder, name))).length).toBeGreaterThan(0);
      expect((await readFile(join(folder, name))).toString('latin1')).toContain('serial:line');
    }
  });

  it('that cannot be written is told, costs nothing meanwhile, and is tried again in a minute', async () => {
    await rm(folder, { recursive: true });
    const file = capture();
    file.start();
    await eventually('a note', () => notes.length === 1);
    expect(notes[0]).toMatchObject({ type: 'capture-problem', path, code: 'ENOENT' });
    expect(file.wantsFrames).toBe(false);
    now = 60_000;
    expect(file.wantsFrames).toBe(true);
    await mkdir(folder);
    file.frame('received', 'serial:line', PUBLISH);
    await file.stop();
    expect(await textsIn(path)).toHaveLength(1);
    expect(file.wantsFrames).toBe(false);
  });

  it('leaves no file open that a full disk did not let begin', async () => {
    const open = async (): Promise<string[]> => {
      const names = await readdir('/proc/self/fd');
      const files = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
      return files.filter((name) => name === '/dev/full');
    };
    const file = capture({ path: '/dev/full' });
    file.start();
    await eventually('a note', () => notes.length === 1);
    expect(notes[0]).toMatchObject({ type: 'capture-problem', code: 'ENOSPC' });
    expect(await open()).toEqual([]);
    await file.stop();
  });

  it('ends where the disk hangs: what it has not taken by then is not in the file', async () => {
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // that reads nothing
    const file = capture();
    try {
      for (let number = 0; number < 2_000; number += 1) {
        file.frame('received', 'serial:line', PUBLISH);
      }
      await eventually('a frame in the pipe', async () => readSync(reader, Buffer.alloc(1)) > 0);
      expect(await within('the end', file.stop())).toBe(false);
    } finally {
      closeSync(reader);
    }
  });
});
