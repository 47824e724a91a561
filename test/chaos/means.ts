import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Kind } from './plan.ts';

const run = promisify(execFile);

/** What a machine has to allow for a fault, tried in a few words of shell. */
const TRIALS: Partial<Record<Kind, { readonly means: string; readonly command: readonly string[] }>> = {
  'full-disk': {
    means: 'a small file system of its own for the gateway (unshare -rm, mount -t tmpfs)',
    command: [
      'unshare',
      '-rm',
      'sh',
      '-c',
      'mount -t tmpfs -o size=1m none /mnt && exec nsenter -U -m --preserve-credentials -t $$ true',
    ],
  },
  'slow-fsync': {
    means: 'fdatasync that takes longer (strace -p)',
    command: [
      'sh',
      '-c',
      'sleep 60 & trap "kill $!" EXIT; timeout -k 1 1 strace -f -e trace=fdatasync -e inject=fdatasync:delay_enter=1 -o /dev/null -p $! 2>&1 | grep attached',
    ],
  },
  'clock-step': {
    means: 'a wrong clock (libfaketime)',
    command: ['sh', '-c', 'test "$(faketime -m -f -30d date +%Y-%m)" != "$(date +%Y-%m)"'],
  },
};

/** Tries the means of these faults. Error with all that this machine does not have or does not allow: a run without them would prove less than it says. */
export async function needMeans(kinds: ReadonlySet<Kind>): Promise<void> {
  const refusals: string[] = [];
  for (const [kind, { means, command }] of Object.entries(TRIALS)) {
    if (kinds.has(kind as Kind)) {
      const [file = '', ...args] = command;
      await run(file, args).catch((error: Error) => refusals.push(`${kind} needs ${means}: ${error.message.trim()}`));
    }
  }
  if (refusals.length > 0) {
    throw new Error(`this machine refuses what the chaos test needs:\n${refusals.join('\n')}`);
  }
}

/** Variables of a process whose clock is that of a file with a difference to the right time, e.g. `-14d`; intervals are as they are. */
export async function fakeClock(file: string): Promise<Record<string, string>> {
  const { stdout } = await run('faketime', ['-m', '-f', '+0d', 'printenv', 'LD_PRELOAD']);
  return {
    LD_PRELOAD: stdout.trim(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}
