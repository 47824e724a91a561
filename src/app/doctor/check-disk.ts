/** The disk of the sessions: whether it can be written, how fast it is safe, how much is free. */
import { open, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from './finding.ts';

/** Flushes that are measured: enough for a median. */
const FLUSHES = 20;
/** As large as a batch of changes mostly is, in octets. */
const BLOCK = 4_096;
/** Milliseconds; a client waits so long for CONNACK, REGACK and SUBACK. */
const SLOW = 100;
const LITTLE_SPACE = 64 * 1024 * 1024;

/** `path`: the setting sessions.path, as the gateway would use it. Leaves nothing behind. */
export async function checkDisk(path: string): Promise<Finding[]> {
  if (path === 'memory') {
    const advice =
      'A restart loses every session, also of sleepers: name a folder (sessions.path) for anything that matters.';
    return [{ what: 'sessions', result: 'warn', found: 'in memory', advice }];
  }
  const what = `sessions in ${path}`;
  try {
    const folder = await nearestFolder(resolve(path));
    const times = await flushTimes(join(folder, `.doctor-${process.pid}`));
    const median = times[times.length >> 1] ?? 0;
    const slowest = times.at(-1) ?? 0;
    const found = `written and flushed in ${median.toFixed(1)} ms (median of ${FLUSHES}, slowest ${slowest.toFixed(1)} ms)`;
    const advice = `Each CONNECT, REGISTER and SUBSCRIBE of a persistent client waits for that: a better SD card, or an SSD.`;
    const speed: Finding = median > SLOW ? { what, result: 'warn', found, advice } : { what, result: 'ok', found };
    return [speed, await space(folder)];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice =
      code === 'EACCES' || code === 'EPERM'
        ? `Let the user of the gateway write there (chown), or name another folder in sessions.path.`
        : `Is ${dirname(path)} there, and is its disk mounted and not full?`;
    return [{ what, result: 'fail', found: message, advice }];
  }
}

/** Where the folder is made at the start: itself, or the one above that is there. */
async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path);
  const isThere = await stat(path).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT',
  );
  return isThere || parent === path ? path : nearestFolder(parent);
}

/** Milliseconds, shortest first. */
async function flushTimes(file: string): Promise<number[]> {
  const handle = await open(file, 'w', 0o600);
  try {
    const block = new Uint8Array(BLOCK);
    const times: number[] = [];
    for (let count = 0; count < FLUSHES; count++) {
      const begun = performance.now();
      await handle.write(block);
      await handle.datasync();
      times.push(performance.now() - begun);
    }
    return times.sort((a, b) => a - b);
  } finally {
    await handle.close();
    await rm(file, { force: true });
  }
}

async function space(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const found = `${Math.floor(free / 1024 / 1024).toLocaleString('en')} MiB free`;
  return free < LITTLE_SPACE
    ? {
        what: 'disk',
        result: 'warn',
        found,
        advice: 'On a full disk persistent clients wait without an answer: make room.',
      }
    : { what: 'disk', result: 'ok', found };
}
