/** The kinds of values that settings have: how each is checked, and what messages and documentation say of it. */
import { isIP } from 'node:net';
import * as z from 'zod';
import type { Millis } from '../core/contract/units.ts';
import { formatDuration } from '../core/contract/units.ts';
import { BROKER_URL_EXPECTED, brokerUrlProblem } from './broker-url.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import type { PemContent } from './pem-file.ts';

/** What each text of a list has to be. */
export interface ListEntry {
  /** All of them, in words; completes "expected a list of …". */
  readonly expected: string;
  /** The text in the form in which it is used; undefined where it does not fit. */
  readonly read: (text: string) => string | undefined;
  /** What was probably meant by a text that does not fit. */
  readonly meant: (text: string) => string | undefined;
  /** What is wrong with a text that does not fit, where there is a sentence for it. */
  readonly problem?: (text: string) => string | undefined;
  /** Completes "an empty list …"; undefined: a list may be empty. */
  readonly notEmpty?: string;
}

/** What is known of a value beside its check. */
export interface SettingKind {
  readonly kind: 'text' | 'number' | 'octets' | 'boolean' | 'choice' | 'duration' | 'file' | 'list' | 'map';
  /** Completes "expected …". */
  readonly expected: string;
  /** Shortest form for the column "type" of the documentation. */
  readonly type: string;
  /** Of a text: what was probably meant by one that does not fit. */
  readonly meant?: (text: string) => string;
  /** Never shown. */
  readonly secret?: boolean;
  /** Parts of it (the password in a URL) are never shown. */
  readonly url?: boolean;
  /** A word that may stand instead of a path. */
  readonly keyword?: string;
  /** A file that must be readable when the gateway starts, and what it has to hold. */
  readonly pem?: PemContent;
  /** Shown as default where the schema has none. */
  readonly defaultText?: string;
  /** Of a list: what its texts have to be. */
  readonly entry?: ListEntry;
}

/** Which kind each value of the schema is. */
export const settingKinds = z.registry<SettingKind>();

/** A duration, written `10s`; the result is milliseconds. */
export function duration(bounds: {
  min: Millis;
  max: Millis;
  zero?: string;
  wholeSeconds?: boolean;
  defaultText?: string;
}) {
  const range = `from ${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}`;
  const whole = bounds.wholeSeconds === true ? ' in whole seconds' : '';
  const zero = bounds.zero === undefined ? '' : `, or 0 (${bounds.zero})`;
  const expected = `a duration ${range}${whole}${zero}, written like ${formatDuration(Math.max(bounds.min, Math.min(bounds.max, 10_000)))}`;
  const schema = z.unknown().transform((written, context): Millis => {
    const millis = parseDuration(written);
    const inRange =
      millis !== undefined &&
      millis >= bounds.min &&
      millis <= bounds.max &&
      (bounds.wholeSeconds !== true || millis % 1_000 === 0);
    if (millis !== undefined && (inRange || (millis === 0 && bounds.zero !== undefined))) {
      return millis;
    }
    context.issues.push({ code: 'custom', message: '', input: written });
    return z.NEVER;
  });
  return schema.register(settingKinds, {
    kind: 'duration',
    expected,
    type: `duration, ${range.slice(5)}${whole}${zero}`,
    ...(bounds.defaultText !== undefined && { defaultText: bounds.defaultText }),
  });
}

/** `multipleOf`, for `int` would keep checks of settings that belong together from running (zod 4). */
function wholeBetween(min: number, max: number) {
  return z.number().multipleOf(1).min(min).max(max);
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number, zero?: string) {
  const range = `${min} to ${max}`;
  const meaning = zero === undefined ? '' : ` (0 = ${zero})`;
  const schema = wholeBetween(min, max);
  return schema.register(settingKinds, {
    kind: 'number',
    expected: `a whole number from ${range}${meaning}`,
    type: `number, ${range}${meaning}`,
  });
}

/** A number, fractions included. */
export function numberAbove(above: number, max: number) {
  return z
    .number()
    .gt(above)
    .max(max)
    .register(settingKinds, {
      kind: 'number',
      expected: `a number above ${above}, ${max} at most`,
      type: `number, above ${above} to ${max}`,
    });
}

/** Octets of a mebibyte. */
export const MIB = 1_048_576;

/** A size in octets within bounds. */
export function octets(min: number, max: number) {
  const schema = wholeBetween(min, max);
  return schema.register(settingKinds, {
    kind: 'octets',
    expected: `a whole number of octets from ${min} to ${max}`,
    type: `octets, ${min} to ${max}`,
  });
}

export function flag() {
  return z.boolean().register(settingKinds, { kind: 'boolean', expected: 'true or false', type: 'true or false' });
}

export function choice<const Words extends readonly [string, ...string[]]>(words: Words) {
  const list = words.map((word) => `"${word}"`).join(', ');
  return z.enum(words).register(settingKinds, {
    kind: 'choice',
    expected: words.length === 1 ? list : `one of ${list}`,
    type: words.join(', '),
  });
}

/** Text that is not empty; `expected` where it must have a form. */
export function text(form?: { pattern: RegExp; expected: string }, more: Partial<SettingKind> = {}) {
  const schema = form === undefined ? z.string().min(1) : z.string().regex(form.pattern);
  return schema.register(settingKinds, { kind: 'text', expected: form?.expected ?? 'text', type: 'text', ...more });
}

/** A host name or an IP address. */
export function host() {
  const schema = z
    .string()
    .regex(/^[^\s/]+$/)
    .refine(mayBeHost);
  return schema.register(settingKinds, { kind: 'text', expected: 'a host name or an IP address', type: 'text' });
}

/** What has a colon is IPv6 or nothing; what ends in a number is no name (RFC 3696, section 2), so it is IPv4 or nothing. */
function mayBeHost(written: string): boolean {
  return isIP(written) !== 0 || !(written.includes(':') || /(^|\.)\d+\.?$/.test(written));
}

/** A TCP or UDP port. */
export function port() {
  return wholeNumber(1, 65_535);
}

/** One of a few numbers. */
export function oneOf<const Numbers extends readonly [number, ...number[]]>(numbers: Numbers) {
  const words = numbers.map(String);
  const list = words.length === 1 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  const schema = z.literal(numbers);
  settingKinds.add(schema as z.ZodType, { kind: 'number', expected: list, type: list });
  return schema;
}

/** A list of texts; written as one, or as a text with commas (environment, command line). */
export function list(entry: ListEntry) {
  const schema = z.unknown().transform((written, context): string[] => {
    const entries = entriesOf(written);
    const texts = entries?.map((each) => readEntry(entry, each));
    const isEmpty = entries?.every((each) => each === '') === true && entry.notEmpty !== undefined;
    if (!isEmpty && texts?.every((each) => each !== undefined)) {
      return texts;
    }
    const message = isEmpty ? `an empty list ${entry.notEmpty}` : '';
    context.issues.push({ code: 'custom', message, input: written });
    return z.NEVER;
  });
  return schema.register(settingKinds, {
    kind: 'list',
    expected: `a list of ${entry.expected}`,
    type: 'list of texts',
    entry,
  });
}

/** What is in a written list; undefined where it is none. A comma too many in a text is nothing; an empty text that stands by itself is one. */
export function entriesOf(written: unknown): unknown[] | undefined {
  if (typeof written === 'string' && written.trim() !== '') {
    return written
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  }
  const entries: unknown[] | undefined =
    typeof written === 'string' ? [written] : Array.isArray(written) ? written : undefined;
  return entries?.map((each) => (typeof each === 'string' ? each.trim() : each));
}

/** One of a list as it is used; undefined where it does not fit. */
export function readEntry(entry: ListEntry, written: unknown): string | undefined {
  return typeof written === 'string' ? entry.read(written) : undefined;
}

/** Text that is never shown; `form` where it must have one. */
export function secret(form?: { pattern: RegExp; expected: string }) {
  return text(form, { secret: true });
}

/** Text for which there is a sentence that says what is wrong with it; undefined: nothing is. */
export function checkedText(problemOf: (written: string) => string | undefined, kind: Partial<SettingKind>) {
  const schema = z.string().superRefine((written, context) => {
    const message = problemOf(written);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', message });
    }
  });
  return schema.register(settingKinds, { kind: 'text', expected: 'text', type: 'text', ...kind });
}

/** Path of a file or folder; relative to the file that names it. */
export function file(more: { pem?: PemContent; keyword?: string } = {}) {
  return z
    .string()
    .min(1)
    .register(settingKinds, { kind: 'file', expected: 'the path of a file', type: 'path', ...more });
}

/** A map of anything; its values are not looked at, and never shown. */
export function map(expected: string) {
  return z.record(z.string(), z.unknown()).register(settingKinds, { kind: 'map', expected, type: 'map', secret: true });
}

/** URL of a broker. */
export function brokerUrl() {
  return checkedText(brokerUrlProblem, { expected: BROKER_URL_EXPECTED, type: 'URL', url: true });
}

/** An IPv4 or IPv6 address. */
export function ipAddress() {
  return addressThat((written) => isIP(written) !== 0, 'an IPv4 or IPv6 address', 'address');
}

/** A multicast address: 224.0.0.0 to 239.255.255.255, or ff00::/8. */
export function multicastAddress() {
  return addressThat(
    (written) =>
      (isIP(written) === 4 && /^(22[4-9]|23\d)\./.test(written)) || (isIP(written) === 6 && /^ff/i.test(written)),
    'a multicast address (224.0.0.0 to 239.255.255.255, or ff00::/8)',
    'multicast address',
  );
}

function addressThat(accepts: (written: string) => boolean, expected: string, type: string) {
  return z.string().refine(accepts).register(settingKinds, { kind: 'text', expected, type });
}

/** JSON Schema of the written form of a list. */
export const LIST_JSON_SCHEMA = { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] } as const;

/** JSON Schema of the written form of a duration. */
export const DURATION_JSON_SCHEMA = { anyOf: [{ type: 'string', pattern: DURATION_PATTERN }, { const: 0 }] } as const;
