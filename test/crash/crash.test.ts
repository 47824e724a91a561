import { describe, expect, it } from '@jest/globals';
import { DEADLINE, TEST_DEADLINE } from '../support/deadline.ts';
import { MODES } from '../support/modes.ts';
import { crashRun } from './crash-run.ts';

/** README.md beside this file says how the long form is run. */
const KILLS = Number(process.env.CRASH_KILLS ?? 10);
const SEED = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));

const CRASH_MODES = MODES.filter((mode) => mode === (process.env.CRASH_MODE ?? mode));

/** So many differences are told; the first ones say what is wrong. */
const MOST_DIFFERENCES = 50;

describe('a gateway that is killed again and again', () => {
  it.each(CRASH_MODES)(
    `loses nothing that was acknowledged and delivers QoS 2 exactly once: %s, ${KILLS} kills, CRASH_SEED=${SEED}`,
    async (mode) => {
      const { differences, ...figures } = await crashRun(KILLS, SEED, mode);
      process.stdout.write(
        `${JSON.stringify({ mode, seed: SEED, ...figures, differences: differences.length }, null, 2)}\n`,
      );
      expect(differences.slice(0, MOST_DIFFERENCES)).toEqual([]);
      // Books without entries always balance.
      expect(Math.min(figures.up.arrived, figures.down.arrived)).toBeGreaterThan(0);
    },
    TEST_DEADLINE + KILLS * DEADLINE,
  );
});
