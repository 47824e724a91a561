/** The profile of a simulation: how many sensors of which kind there are, and how bad their radio is. YAML. */
import * as z from 'zod';
import type { Millis } from '../core/contract/units.ts';
import { formatDuration } from '../core/contract/units.ts';
import { parseDuration } from './duration.ts';
import { ConfigError, type Problem } from './problem.ts';
import { didYouMean, nearest } from './suggestion.ts';
import { readTextFile } from './text-file.ts';
import { YamlSource } from './yaml-source.ts';

/** Longest profile, in octets. */
const MAX_OCTETS = 1_048_576;

/** Sensors of one simulation. */
export const MAX_SENSORS = 10_000;

const WEEK: Millis = 604_800_000;

function custom<T>(expected: string, read: (written: unknown) => T | undefined) {
  return z.unknown().transform((written, context): T => {
    const value = read(written);
    if (value === undefined) {
      const found = typeof written === 'object' ? 'something else' : JSON.stringify(written);
      context.issues.push({ code: 'custom', message: `expected ${expected}, found ${found}`, input: written });
      return z.NEVER;
    }
    return value;
  });
}

const span = (min: Millis, max: Millis) =>
  custom(`a duration from ${formatDuration(min)} to ${formatDuration(max)}, such as 10s`, (written) => {
    const millis = parseDuration(written);
    return millis !== undefined && millis >= min && millis <= max ? millis : undefined;
  });

const whole = (min: number, max: number) =>
  custom(`a whole number from ${min} to ${max}`, (written) =>
    typeof written === 'number' && Number.isInteger(written) && written >= min && written <= max ? written : undefined,
  );

/** `5%`, or 0.05. */
const part = () =>
  custom('a part such as 5%, at most 100%', (written) => {
    const percent = typeof written === 'string' ? /^(\d+(?:\.\d+)?)%$/.exec(written)?.[1] : undefined;
    const value = percent === undefined ? written : Number(percent) / 100;
    return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
  });

const choice = <const T>(...values: readonly T[]) =>
  custom(`one of ${values.join(', ')}`, (written) => values.find((value) => value === written));

const topic = () =>
  custom('a topic name', (written) => (typeof written === 'string' && written !== '' ? written : undefined));

/** What a group of sensors has; a profile has it for all, and each group may say otherwise. */
const SHARED = {
  /** Between two messages of a publisher, or two commands to a sleeper. */
  interval: span(10, 86_400_000).optional(),
  /** What DISCONNECT says, of a sleeper. */
  sleep: span(1_000, 65_535_000).optional(),
  qos: choice(0, 1, 2).optional(),
  /** Octets. */
  payload: whole(0, 60_000).optional(),
  /** With `%c` for the client id. */
  topic: topic().optional(),
  /** Of frames that are lost, in each direction. */
  loss: part().optional(),
  /** Of frames that come twice. */
  duplicate: part().optional(),
  /** Each frame is late by up to so much. */
  delay: span(0, 60_000).optional(),
  /** Mean time between two power failures of a sensor. */
  reboots: span(100, WEEK).optional(),
  /** Mean time between two changes of the address of a sensor. */
  nat: span(100, WEEK).optional(),
};

const profileSchema = z.strictObject({
  /** How long it goes; then everybody takes leave. */
  duration: span(100, WEEK).optional(),
  /** Or: readings of each sensor until the end. */
  messages: whole(1, 1_000_000).optional(),
  /** Until all have begun. */
  ramp: span(0, 3_600_000).optional(),
  ...SHARED,
  sensors: z
    .array(
      z.strictObject({ kind: choice('publisher', 'sleeper', 'subscriber'), count: whole(1, MAX_SENSORS), ...SHARED }),
      'expected a list of groups (- kind: publisher …)',
    )
    .max(100, 'expected at most 100 groups')
    .optional(),
});

/** A profile as it is written. */
export type SimulationProfile = z.output<typeof profileSchema>;
export type SensorKind = 'publisher' | 'sleeper' | 'subscriber';

/** Reads the file of a profile. Throws `ConfigError` with all that is wrong with it. */
export function readSimulationProfile(path: string): SimulationProfile {
  const read = readTextFile(path, MAX_OCTETS);
  if ('reason' in read) {
    throw new ConfigError([{ source: path, message: `cannot be read: ${read.reason}` }]);
  }
  return parseSimulationProfile(read.text, path);
}

/** Reads a profile; `name` stands for the file in problems. Throws `ConfigError`. */
export function parseSimulationProfile(text: string, name: string): SimulationProfile {
  const yaml = new YamlSource(text, name);
  if (yaml.problems.length > 0) {
    throw new ConfigError([...yaml.problems]);
  }
  const result = profileSchema.safeParse(yaml.content ?? {});
  if (result.success) {
    return result.data;
  }
  throw new ConfigError(result.error.issues.flatMap((issue) => problemsOf(issue, yaml)));
}

function problemsOf(issue: z.core.$ZodIssue, yaml: YamlSource): Problem[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
  const place = (at: readonly (string | number)[], which: 'key' | 'value') => ({
    source: yaml.name,
    ...yaml.locate(at, which),
    ...(at.length > 0 && {
      path: at
        .map((each) => (typeof each === 'number' ? `[${each}]` : `.${each}`))
        .join('')
        .replace(/^\./, ''),
    }),
  });
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(path.length === 0 ? profileSchema.shape : { kind: 0, count: 0, ...SHARED });
    return issue.keys.map((key) => ({
      ...place([...path, key], 'key'),
      message: `unknown${didYouMean(nearest(key, known))}`,
    }));
  }
  const message =
    issue.code === 'invalid_type' && path.length === 0 ? 'expected a map such as sensors: [ … ]' : issue.message;
  return [{ ...place(path, 'value'), message }];
}
