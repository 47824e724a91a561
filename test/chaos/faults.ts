import { writeFile } from 'node:fs/promises';
import type { Journal } from '../crash/journal.ts';
import type { SlowLine } from '../crash/slow-line.ts';
import { pause } from '../crash/station.ts';
import { eventually } from '../support/eventually.ts';
import type { Mosquitto } from '../support/mosquitto.ts';
import type { Lives } from './lives.ts';
import type { Fault, Kind, Plan } from './plan.ts';
import { SlowFsync } from './slow-fsync.ts';
import type { SmallDisk } from './small-disk.ts';

/** Milliseconds between two looks at a disk that has to be full: what the gateway gives back in the meantime is taken again. */
const FILL_AGAIN = 100;

/** What is hit. */
export interface Targets {
  readonly broker: Mosquitto;
  /** The line between the gateway and the broker. */
  readonly line: SlowLine;
  readonly lives: Lives;
  readonly disk: SmallDisk;
  /** File with the difference between the gateway's clock and the right one. */
  readonly clock: string;
  readonly journal: Journal;
}

/** Carries out all lanes of a plan side by side. Returns how many faults of each kind there were. */
export async function carryOut(plan: Plan, targets: Targets): Promise<Partial<Record<Kind, number>>> {
  const counts: Partial<Record<Kind, number>> = {};
  let failed = false;
  const lane = async (faults: readonly Fault[]): Promise<void> => {
    for (const fault of faults) {
      await pause(failed ? 0 : fault.after);
      if (failed) {
        return;
      }
      targets.journal.add('run', () => `FAULT ${fault.kind} ${fault.lasts} ms, ${fault.amount}`);
      await FAULTS[fault.kind](targets, fault);
      targets.journal.add('run', () => `END OF ${fault.kind}`);
      counts[fault.kind] = (counts[fault.kind] ?? 0) + 1;
    }
  };
  const ends = Object.values(plan).map((faults) =>
    lane(faults).catch((error: Error) => {
      failed = true;
      throw error;
    }),
  );
  // A lane that is not over could bring to life what is cleared away.
  await Promise.allSettled(ends);
  await Promise.all(ends);
  return counts;
}

const FAULTS: Readonly<Record<Kind, (targets: Targets, fault: Fault) => Promise<void>>> = {
  // SIGTERM: a broker that is killed loses what it has acknowledged, unless it writes everything at once.
  'broker-stop': async ({ broker }, { lasts }) => {
    await broker.stop('SIGTERM');
    await pause(lasts);
    await broker.start();
  },
  'broker-stall': async ({ broker }, { lasts }) => {
    broker.freeze();
    await pause(lasts);
    broker.resume();
  },
  'black-hole': async ({ line }, { lasts }) => {
    line.swallow(true);
    await pause(lasts);
    line.swallow(false);
  },
  'late-connack': async ({ line }, { lasts, amount }) => {
    line.answersLate(amount);
    line.cut();
    await pause(lasts);
    line.answersLate(0);
  },
  cut: async ({ line }) => line.cut(),
  kill: ({ lives }) => lives.kill(),
  pause: ({ lives }, { lasts }) => lives.stand(lasts),
  'clock-step': ({ clock }, { amount }) => writeFile(clock, `${amount < 0 ? '' : '+'}${amount}d\n`),
  'full-disk': async ({ disk, lives }, { lasts }) => {
    const filled = async (): Promise<true> => {
      await disk.fill();
      await pause(FILL_AGAIN);
      return true;
    };
    for (const end = performance.now() + lasts; performance.now() < end; ) {
      await filled();
    }
    // At least once in a run it lasts until it is felt.
    await eventually('the gateway to feel the full disk', async () => (await filled()) && lives.diskTroubles > 0);
    await disk.free();
  },
  'slow-fsync': async ({ lives, journal }, { lasts, amount }) => {
    // A gateway that has ended in this moment cannot be slowed down; that it can be at all was tried before.
    const slow = await SlowFsync.attach(lives.pid, amount).catch(
      (error: Error) => void journal.add('run', () => `NO slow-fsync: ${error.message.trim()}`),
    );
    await pause(lasts);
    await slow?.end();
  },
};
