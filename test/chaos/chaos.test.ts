import { describe, expect, it } from '@jest/globals';
import { DEADLINE, TEST_DEADLINE } from '../support/deadline.ts';
import { MODES } from '../support/modes.ts';
import { chaosRun, type Over } from './chaos-run.ts';
import { LANES, longPlan, planText, shortPlan } from './plan.ts';

/** README.md beside this file says how the long form is run. 0: the short form. */
const MINUTES = Number(process.env.CHAOS_MINUTES ?? 0);
const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));

const CHAOS_MODES = MODES.filter((mode) => mode === (process.env.CHAOS_MODE ?? mode));

const OVER: Over = process.env.CHAOS_OVER === 'dtls' ? 'dtls' : 'udp';

/** Seconds: shorter than the pauses of the long form, so that a gateway which counts them loses its clients. A DTLS handshake may wait longer (RFC 6347 4.2.4.1). */
const KEEP_ALIVE = MINUTES > 0 && OVER === 'udp' ? 10 : 60;

/** So many differences are told; the first ones say what is wrong. */
const MOST_DIFFERENCES = 50;

describe('a gateway with a bad medium, a bad broker and a bad machine', () => {
  it.each(CHAOS_MODES)(
    `loses nothing that was acknowledged and delivers QoS 2 exactly once: %s, ${MINUTES} min, CHAOS_SEED=${SEED}`,
    async (mode) => {
      const plan = MINUTES > 0 ? longPlan(SEED, MINUTES * 60_000) : shortPlan(SEED);
      const story = `npm run test:chaos -- ${MINUTES} --seed ${SEED} --mode ${mode} --over ${OVER}\n${planText(plan)}`;
      process.stdout.write(`${story}\n`);
      const { differences, ...figures } = await chaosRun(plan, SEED, KEEP_ALIVE, mode, OVER).catch((error: Error) => {
        error.message += `\n${story}`;
        throw error;
      });
      process.stdout.write(`${JSON.stringify({ ...figures, differences: differences.length }, null, 2)}\n`);
      expect({ story, differences: differences.slice(0, MOST_DIFFERENCES) }).toEqual({ story, differences: [] });
      // Books without entries always balance, and a fault that was not there proves nothing.
      expect(Math.min(figures.up.arrived, figures.down.arrived, figures.radio.lost)).toBeGreaterThan(0);
      expect(figures.diskTroubles).toBeGreaterThan(0);
      expect(figures.dtls.handshakes > 0).toBe(OVER === 'dtls');
      if (MINUTES >= 5) {
        expect(Object.keys(figures.faults).sort()).toEqual(Object.values(LANES).flat().sort());
      }
    },
    TEST_DEADLINE + DEADLINE + MINUTES * 2 * 60_000,
  );
});
