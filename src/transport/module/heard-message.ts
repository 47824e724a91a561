import { checkedMedium } from './checked-medium.ts';
import type { FromModule, ModuleAnswer } from './thread-messages.ts';

type Message = FromModule | ModuleAnswer;

const TEXT = (value: unknown): boolean => typeof value === 'string';
const COUNT = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const OCTETS = (value: unknown): boolean => value instanceof Uint8Array;
const LEVEL = (value: unknown): boolean => value === undefined || typeof value === 'number';

/** What each message has. */
const PARTS: { readonly [T in Message['type']]: Readonly<Record<string, (value: unknown) => boolean>> } = {
  received: { address: TEXT, frame: OCTETS },
  signal: { address: TEXT, rssi: LEVEL, retries: LEVEL },
  discarded: { octets: COUNT },
  problem: { code: TEXT, reason: TEXT },
  opened: { medium: isMedium, canBroadcast: (value) => typeof value === 'boolean' },
  failed: { step: TEXT, code: TEXT, reason: TEXT },
  sent: { id: COUNT },
  unsent: { id: COUNT, code: TEXT, reason: TEXT },
  lost: { code: TEXT, reason: TEXT },
  pong: {},
  closed: {},
};

/**
 * What has come from the thread of a module, if it is a message: the module, or a library of it, can post whatever it likes to the port of its thread. Undefined:
 * it is something else.
 */
export function heardMessage(heard: unknown): Message | undefined {
  if (typeof heard !== 'object' || heard === null) {
    return undefined;
  }
  const message = heard as Readonly<Record<string, unknown>>;
  const { type } = message;
  if (typeof type !== 'string' || !Object.hasOwn(PARTS, type)) {
    return undefined;
  }
  const parts = Object.entries(PARTS[type as Message['type']]);
  return parts.every(([name, isRight]) => isRight(message[name])) ? (heard as Message) : undefined;
}

function isMedium(told: unknown): boolean {
  try {
    checkedMedium(told);
    return true;
  } catch {
    return false;
  }
}
