/** One frame of a client in one line, for people. Pure. */
import { escapedText } from '../../codec/quoted-text.ts';
import type { TracedFrame } from '../../http/api-contract.ts';

export interface FrameLineOptions {
  /** The octets behind it. */
  readonly hex: boolean;
  /** For a terminal. */
  readonly inColour: boolean;
}

const RESET = '\x1b[0m';
const FAINT = '\x1b[2m';
const GREEN = '\x1b[32m';
const CYAN = '\x1b[36m';
const RED = '\x1b[31m';

/** `12:03:04.123  sensor-1  > PUBLISH …`: `>` from the client to the gateway, `<` to the client. Local time. */
export function frameLine(
  clientId: string,
  { time, direction, text, hex }: TracedFrame,
  options: FrameLineOptions,
): string {
  const painted = (colour: string, words: string): string => (options.inColour ? `${colour}${words}${RESET}` : words);
  const when = new Date(time);
  const clock = [when.getHours(), when.getMinutes(), when.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const [, type = '', rest = ''] = /^(\S*)(.*)$/s.exec(escapedText(text)) ?? [];
  const isWrong = text.startsWith('not a message') || text.includes('rejected');
  const sign = direction === 'received' ? '>' : '<';
  return [
    painted(FAINT, `${clock}.${String(when.getMilliseconds()).padStart(3, '0')}`),
    escapedText(clientId),
    `${sign} ${painted(isWrong ? RED : direction === 'received' ? GREEN : CYAN, type)}${rest}`,
    ...(options.hex ? [painted(FAINT, escapedText(hex))] : []),
  ].join('  ');
}
