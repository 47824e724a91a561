import { describe, expect, it } from '@jest/globals';
import { DEADLINE, TEST_DEADLINE } from '../support/deadline.ts';
import { VARIANTS, variantOf } from './variants.ts';
import { runWorld } from './world.ts';

/** README.md beside this file says how the long form is run. 0: the short form. */
const MINUTES = Number(process.env.MODEL_MINUTES ?? 0);
/** The short form is the same worlds each time; the long one draws new ones. */
const SEED = Number(process.env.MODEL_SEED ?? (MINUTES > 0 ? Math.floor(Math.random() * 2 ** 31) : 1));
const ROUNDS = Number(process.env.MODEL_ROUNDS ?? (MINUTES > 0 ? 8 : 2));
const CLIENTS = Number(process.env.MODEL_CLIENTS ?? 12);
const CHOSEN = process.env.MODEL_VARIANT === undefined ? VARIANTS : [variantOf(process.env.MODEL_VARIANT)];

/** So many differences are told; the first ones say what is wrong. */
const MOST_DIFFERENCES = 40;

describe('the clients of a gateway and their twins at the broker', () => {
  it.each(CHOSEN)(
    `get the same: $name, MODEL_SEED=${SEED}`,
    async (variant) => {
      const end = performance.now() + (MINUTES * 60_000) / CHOSEN.length;
      for (let seed = SEED; seed === SEED || performance.now() < end; seed += 1) {
        const repeat = `npm run test:model -- --variant ${variant.name} --seed ${seed} --rounds ${ROUNDS} --clients ${CLIENTS}`;
        const { differences, ...figures } = await runWorld({ variant, seed, rounds: ROUNDS, clients: CLIENTS }).catch(
          (error: Error) => {
            error.message += `\n${repeat}`;
            throw error;
          },
        );
        process.stdout.write(`${variant.name} ${seed} ${JSON.stringify(figures)}\n`);
        const told = [repeat, ...differences.slice(0, MOST_DIFFERENCES)].join('\n');
        expect(differences.length === 0 ? '' : told).toBe('');
        // A world in which nothing happens always agrees.
        expect(figures.delivered).toBeGreaterThan(0);
      }
    },
    TEST_DEADLINE + DEADLINE + MINUTES * 2 * 60_000,
  );
});
