import { describe, expect, it } from '@jest/globals';
import { TEST_DEADLINE } from '../support/deadline.ts';
import { fuzzRun } from './fuzz-run.ts';

/** README.md beside this file says how the long form is run. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 3);
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** So many differences are told; the first ones say what is wrong. */
const MOST_DIFFERENCES = 50;

describe('a gateway that is sent hostile input on all its transports', () => {
  it(
    `goes on for those who keep to the rules: ${SECONDS} s, FUZZ_SEED=${SEED}`,
    async () => {
      const { differences, ...figures } = await fuzzRun(SECONDS, SEED);
      process.stdout.write(`${JSON.stringify({ seed: SEED, ...figures, differences: differences.length }, null, 2)}\n`);
      expect(differences.slice(0, MOST_DIFFERENCES)).toEqual([]);
      expect(figures.bystanders.acknowledged).toBeGreaterThan(0);
    },
    TEST_DEADLINE + SECONDS * 1_000,
  );
});
