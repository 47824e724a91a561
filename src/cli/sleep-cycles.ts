/** The life of a sleeping client (§6.14): sleep, wake up in time, fetch what there is, sleep on. */
import { setTimeout as delay } from 'node:timers/promises';
import { NoAnswerError } from '../client/client-error.ts';
import type { MqttSnClient } from '../client/mqtt-sn-client.ts';
import { parseDuration } from '../config/duration.ts';
import { OptionProblem } from './option-table.ts';
import type { SleepDiary } from './sleep-diary.ts';

/** How long a sleep is, and how many there are. */
export interface SleepPlan {
  /** Seconds; what DISCONNECT says. */
  readonly duration: number;
  /** Wake-ups until the end; infinite unless told. */
  readonly cycles: number;
}

const MAX_SECONDS = 65_535;

/** Part of its Duration after which a sleeper wakes up: whoever comes later than the gateway's tolerance is lost to it. */
const WAKE_AFTER = 0.9;

/** The plan of --sleep and --cycles. Throws `OptionProblem`. */
export function sleepPlan(sleep: string | undefined, cycles: number | undefined): SleepPlan | undefined {
  if (sleep === undefined) {
    if (cycles !== undefined) {
      throw new OptionProblem('--cycles counts the times that a sleeper wakes up: add --sleep');
    }
    return undefined;
  }
  const duration = (parseDuration(/^\d+$/.test(sleep) ? `${sleep}s` : sleep) ?? 0) / 1000;
  if (!Number.isInteger(duration) || duration < 1 || duration > MAX_SECONDS) {
    throw new OptionProblem(
      `--sleep must be whole seconds, such as 30s or 5m, up to ${MAX_SECONDS}s, found "${sleep}"`,
    );
  }
  return { duration, cycles: cycles ?? Number.POSITIVE_INFINITY };
}

/** Sleeps and wakes. Resolves after the last cycle with the number of wake-ups that the gateway did not answer. `signal` ends it with an `AbortError`. */
export async function sleepCycles(
  client: MqttSnClient,
  { duration, cycles }: SleepPlan,
  diary: SleepDiary,
  signal: AbortSignal,
): Promise<number> {
  let unanswered = 0;
  await client.sleep(duration);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    diary.asleep(duration);
    await delay(duration * 1000 * WAKE_AFTER, undefined, { signal });
    diary.waking();
    try {
      await client.wake();
      diary.slept(true);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) {
        throw error;
      }
      // SL-8: it sleeps on.
      unanswered += 1;
      diary.slept(false);
    }
  }
  return unanswered;
}
