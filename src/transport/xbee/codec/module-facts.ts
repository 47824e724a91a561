/** What a module says of itself in its answers to AT commands. */
import { hexOf, type RadioAddress } from './api-frames.ts';
import { type RadioKind, radioKind, usualPayload } from './firmware.ts';

/** What is known of a module; undefined: it did not say. */
export interface ModuleFacts {
  /** SH and SL. */
  readonly address: RadioAddress | undefined;
  readonly kind: RadioKind | undefined;
  /** HV and VR, in hexadecimal digits. */
  readonly hardware: string | undefined;
  readonly firmware: string | undefined;
  /** NP: octets of the largest payload. */
  readonly maxPayload: number | undefined;
  /** AP */
  readonly apiMode: number | undefined;
}

/** Value of each answered command; undefined: the module does not know it. */
export type AtAnswers = ReadonlyMap<string, Uint8Array | undefined>;

/** What the answers that are there say. */
export function moduleFacts(answers: AtAnswers): ModuleFacts {
  const number = (command: string): number | undefined => {
    const value = answers.get(command);
    return value?.reduce((sum, octet) => sum * 256 + octet, 0);
  };
  const digits = (command: string): string | undefined => {
    const value = answers.get(command);
    return value && hexOf(value);
  };
  const high = digits('SH');
  const low = digits('SL');
  return {
    address: high !== undefined && low !== undefined ? high.padStart(8, '0') + low.padStart(8, '0') : undefined,
    kind: radioKind({ hardware: number('HV'), firmware: number('VR') }),
    hardware: digits('HV'),
    firmware: digits('VR'),
    maxPayload: number('NP') || undefined,
    apiMode: number('AP'),
  };
}

/** Octets of the largest frame: what the settings allow (undefined: anything) and the module carries. */
export function largestFrame({ kind, maxPayload }: ModuleFacts, allowed: number | undefined): number {
  return Math.min(allowed ?? Number.POSITIVE_INFINITY, maxPayload ?? usualPayload(kind));
}

/** `Zigbee module 0013a200400a0127 (HV 4142, VR 100a)`. */
export function describeModule({ address, kind, hardware, firmware }: ModuleFacts): string {
  const version = hardware === undefined ? 'it does not say what it is' : `HV ${hardware}, VR ${firmware ?? 'unknown'}`;
  return `${kind ?? 'XBee'} module ${address ?? 'of unknown address'} (${version})`;
}
