/** What -F of `sub` says: the format strings of mosquitto_sub, as far as MQTT-SN has what they name. Pure. */
import type { ReceivedMessage } from '../client/client-options.ts';
import { OptionProblem } from './option-table.ts';
import { isTimeLetter, TIME_LETTERS, timeText } from './time-format.ts';

/** A part of a format: text as it is, something of the message, or the time. */
export type FormatPart =
  | { readonly text: string }
  | { readonly field: Field; readonly padding: Padding }
  | { readonly time: string };

interface Padding {
  readonly left: boolean;
  readonly zeros: boolean;
  readonly least: number;
  readonly most: number;
}

type Field = keyof typeof FIELDS;

interface Shown {
  readonly message: ReceivedMessage;
  readonly now: Date;
}

const topicOf = ({ topicName, topicId }: ReceivedMessage): string => topicName ?? `id:${topicId}`;
const hexOf = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const textOf = (data: Uint8Array): string => Buffer.from(data).toString();

/** What each letter behind % stands for. */
const FIELDS = {
  t: ({ message }: Shown) => topicOf(message),
  p: ({ message }: Shown) => message.data,
  x: ({ message }: Shown) => hexOf(message.data),
  X: ({ message }: Shown) => hexOf(message.data).toUpperCase(),
  l: ({ message }: Shown) => String(message.data.length),
  q: ({ message }: Shown) => String(message.qos),
  r: ({ message }: Shown) => (message.retain ? '1' : '0'),
  m: ({ message }: Shown) => String(message.msgId),
  j: ({ message, now }: Shown) => json(message, now, textOf(message.data)),
  J: ({ message, now }: Shown) => json(message, now, jsonPayload(message.data)),
  I: ({ now }: Shown) => timeText('I8601', now),
  U: ({ now }: Shown) => `${Math.floor(now.getTime() / 1000)}.${String(now.getTime() % 1000).padStart(3, '0')}000000`,
} as const;

/** Letters of mosquitto_sub for what only MQTT 5 has. */
const ONLY_MQTT_5 = 'ACDEFPRS';

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  '\\': '\\',
  a: '\x07',
  e: '\x1b',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const MAX_WIDTH = 10_000;

/** Reads a format. Throws `OptionProblem`. */
export function messageFormat(format: string): FormatPart[] {
  const parts: FormatPart[] = [];
  const pattern = /%(-?)(0?)(-?)(\d*)(?:\.(\d+))?(.)|@(.)|\\(.)|[^%@\\]+|./gsu;
  for (const [all, minus = '', zero = '', lateMinus = '', least = '', most, letter, time, escaped] of format.matchAll(
    pattern,
  )) {
    if (letter === '%') {
      parts.push({ text: '%' });
    } else if (letter !== undefined) {
      parts.push(
        fieldPart(all, letter, { left: minus + lateMinus !== '', zeros: zero !== '', ...widths(least, most) }),
      );
    } else if (time !== undefined) {
      if (!isTimeLetter(time)) {
        throw new OptionProblem(`--format: @${time} is no time; known are ${TIME_LETTERS}`);
      }
      parts.push({ time });
    } else if (escaped !== undefined) {
      const text = ESCAPES[escaped];
      if (text === undefined) {
        throw new OptionProblem(
          `--format: \\${escaped} means nothing; known are \\${Object.keys(ESCAPES).join(' \\')}`,
        );
      }
      parts.push({ text });
    } else if (all === '%' || all === '@' || all === '\\') {
      throw new OptionProblem(`--format ends with ${all}, and a letter must follow`);
    } else {
      parts.push({ text: all });
    }
  }
  return parts;
}

/** A message as a format has it; without an end of line. `now`: when it came. */
export function formatted(format: readonly FormatPart[], message: ReceivedMessage, now: Date): Buffer {
  return Buffer.concat(
    format.map((part) => {
      if ('text' in part) {
        return Buffer.from(part.text);
      }
      if ('time' in part) {
        return Buffer.from(timeText(part.time, now));
      }
      const value = FIELDS[part.field]({ message, now });
      return padded(
        typeof value === 'string' ? Buffer.from(cut(value, part.padding.most)) : Buffer.from(value),
        part.padding,
      );
    }),
  );
}

function fieldPart(all: string, letter: string, padding: Padding): FormatPart {
  if (!Object.hasOwn(FIELDS, letter)) {
    const why = ONLY_MQTT_5.includes(letter) ? 'is of MQTT 5, and MQTT-SN has nothing of it' : 'means nothing';
    throw new OptionProblem(`--format: ${all} ${why}; known are %${Object.keys(FIELDS).join(' %')} %%`);
  }
  return { field: letter as Field, padding };
}

function widths(least: string, most: string | undefined): Pick<Padding, 'least' | 'most'> {
  const read = { least: Number(least), most: most === undefined ? Number.POSITIVE_INFINITY : Number(most) };
  if (read.least > MAX_WIDTH) {
    throw new OptionProblem(`--format: a field is at most ${MAX_WIDTH} characters wide`);
  }
  return read;
}

function cut(text: string, most: number): string {
  return most === Number.POSITIVE_INFINITY ? text : [...text].slice(0, most).join('');
}

function padded(octets: Buffer, { left, zeros, least }: Padding): Buffer {
  const missing = least - octets.toString().length;
  if (missing <= 0) {
    return octets;
  }
  const filling = Buffer.alloc(missing, zeros && !left ? '0' : ' ');
  return Buffer.concat(left ? [octets, filling] : [filling, octets]);
}

function jsonPayload(data: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(data));
  } catch {
    return textOf(data);
  }
}

function json(message: ReceivedMessage, now: Date, payload: unknown): string {
  return JSON.stringify({
    tst: timeText('I8601', now),
    topic: topicOf(message),
    qos: message.qos,
    retain: message.retain ? 1 : 0,
    payloadlen: message.data.length,
    ...(message.qos > 0 && { mid: message.msgId }),
    payload,
  });
}
