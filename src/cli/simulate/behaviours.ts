/** What sensors of each kind do, until the signal or until they have said all. */
import type { Qos } from '../../codec/message.ts';
import { pause } from './pause.ts';
import type { Sensor } from './sensor.ts';
import type { Tally } from './tally.ts';

/** What a publisher, or a sleeper, says. */
export interface Readings {
  readonly topic: string;
  readonly qos: Qos;
  /** Octets of each. */
  readonly payload: number;
  /** Milliseconds from one to the next. */
  readonly interval: number;
  /** Of them in all. */
  readonly count: number;
}

/** Part of its Duration after which a sleeper wakes up. */
const WAKE_AFTER = 0.9;
/** How far intervals differ from each other. */
const JITTER = 0.1;
/** Milliseconds between two commands at least. */
const SHORTEST = 1;

/** Publishes readings at their interval; the first comes some time within one. */
export async function publish(sensor: Sensor, readings: Readings, ending: AbortSignal): Promise<void> {
  const { topic, qos, payload, interval, count } = readings;
  const { random } = sensor.parts;
  await sensor.session(ending);
  await pause(random.next() * interval, ending);
  for (let number = 1; number <= count && !ending.aborted; number += 1) {
    await sensor.deliver(topic, reading(number, payload), qos, ending);
    if (number < count) {
      await pause(interval * (1 + JITTER * (2 * random.next() - 1)), ending);
    }
  }
}

/** Is subscribed, and connects again when it is let go. */
export async function listen(sensor: Sensor, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    const client = await sensor.session(ending);
    if (client === undefined) {
      return;
    }
    await sensor.untilGone(ending);
  }
}

/** Publishes a reading, sleeps, wakes up and fetches what there is, again and again (§6.14). `duration`: seconds. */
export async function sleepAndWake(
  sensor: Sensor,
  readings: Readings,
  duration: number,
  ending: AbortSignal,
): Promise<void> {
  const { topic, qos, payload, count } = readings;
  const { random } = sensor.parts;
  for (let number = 1; number <= count && !ending.aborted; number += 1) {
    await sensor.deliver(topic, reading(number, payload), qos, ending);
    await asleep(sensor, duration, ending);
    // Sensors that were switched on together shall not stay in step.
    await pause(duration * 1000 * WAKE_AFTER * (1 - JITTER * random.next()), ending);
    await fetched(sensor, ending);
  }
}

/** Fetches what there is for a sleeper; one that is awake has it when its ping is answered. */
export async function fetched(sensor: Sensor, ending: AbortSignal): Promise<void> {
  try {
    const { sleeping } = sensor;
    await (sleeping === undefined ? (await sensor.session(ending))?.ping() : sleeping.wake());
  } catch {
    // SL-8: it sleeps on.
  }
}

async function asleep(sensor: Sensor, duration: number, ending: AbortSignal): Promise<void> {
  try {
    await (await sensor.session(ending))?.sleep(duration);
  } catch {
    // the connection is lost: the next reading makes another one
  }
}

/** Sends commands to sleepers, to one of them by chance each time. Resolves at the signal. */
export async function command(
  commander: Sensor,
  sleepers: readonly { readonly topic: string; readonly isSubscribed: boolean }[],
  interval: number,
  tally: Tally,
  ending: AbortSignal,
): Promise<void> {
  const { random } = commander.parts;
  for (let number = 1; !ending.aborted; number += 1) {
    await pause(Math.max(interval, SHORTEST), ending);
    const ready = sleepers.filter(({ isSubscribed }) => isSubscribed);
    const sleeper = ready[Math.floor(random.next() * ready.length)];
    if (sleeper === undefined || ending.aborted) {
      continue;
    }
    try {
      const client = await commander.session(ending);
      await client?.publish({ name: sleeper.topic }, String(number), { qos: 1 });
      if (client !== undefined) {
        tally.commands += 1;
      }
    } catch {
      // not taken: nobody has to get it
    }
  }
}

/** A number, and as many octets as it is to have. */
function reading(number: number, octets: number): Uint8Array {
  return Buffer.alloc(octets, ' ').fill(String(number).slice(0, octets), 0, Math.min(String(number).length, octets));
}
