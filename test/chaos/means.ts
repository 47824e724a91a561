import { execFile, spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Kind } from './plan.ts';
import { SlowFsync } from './slow-fsync.ts';
import { SmallDisk } from './small-disk.ts';

const run = promisify(execFile);

/** What a machine has to allow for a fault, and how that is tried. */
const TRIALS: Partial<Record<Kind, { readonly means: string; readonly attempt: () => Promise<unknown> }>> = {
  'full-disk': {
    means: 'a small file system of its own for the gateway (unshare -rm, mount -t tmpfs, nsenter)',
    attempt: trySmallDisk,
  },
  'slow-fsync': {
    means: 'fdatasync that takes longer (strace -p)',
    attempt: trySlowFsync,
  },
  'clock-step': {
    means: 'a wrong clock (libfaketime)',
    attempt: () => shell('test "$(faketime -m -f -90d date +%Y-%m)" != "$(date +%Y-%m)"'),
  },
};

/** Tries the means of these faults. Error with all that this machine does not have or does not allow: a run without them would prove less than it says. */
export async function needMeans(kinds: ReadonlySet<Kind>): Promise<void> {
  const refusals: string[] = [];
  for (const [kind, { means, attempt }] of Object.entries(TRIALS)) {
    if (kinds.has(kind as Kind)) {
      await attempt().catch((error: Error) => refusals.push(`${kind} needs ${means}: ${error.message.trim()}`));
    }
  }
  if (refusals.length > 0) {
    throw new Error(`this machine refuses what the chaos test needs:\n${refusals.join('\n')}`);
  }
}

function shell(command: string): Promise<unknown> {
  return run('sh', ['-c', command]);
}

async function trySlowFsync(): Promise<void> {
  const process = spawn('sleep', ['600'], { stdio: 'ignore' });
  try {
    const slow = await SlowFsync.attach(process.pid ?? 0, 1);
    await slow.end();
  } finally {
    process.kill('SIGKILL');
  }
}

async function trySmallDisk(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-disk-'));
  try {
    const disk = await SmallDisk.mount(join(folder, 'disk'));
    try {
      const [file = '', ...args] = disk.through(folder);
      await run(file, [...args, 'touch', 'disk/seen']);
      await access(join(folder, 'disk/seen')).then(
        () => Promise.reject(new Error('the file system is seen from outside')),
        () => undefined,
      );
    } finally {
      await disk.unmount();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Variables (`name=value`) of a process whose clock is that of a file with a difference to the right time, e.g. `-14d`; intervals are as they are. */
export async function fakeClock(file: string): Promise<string[]> {
  const { stdout } = await run('faketime', ['-m', '-f', '+0d', 'printenv', 'LD_PRELOAD']);
  return [
    `LD_PRELOAD=${stdout.trim()}`,
    `FAKETIME_TIMESTAMP_FILE=${file}`,
    'FAKETIME_CACHE_DURATION=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1',
    'DONT_FAKE_MONOTONIC=1',
  ];
}
