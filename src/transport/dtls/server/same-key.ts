import { hexOf } from '../wire-octets.ts';

/** Whether there is a key before and after, and it is the same. */
export function isSameKey(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && hexOf(one) === hexOf(other);
}
