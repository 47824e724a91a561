/** From version 2 of the store to version 3: the key of an exchange has its number instead of its MsgId, which two of them may have. */

import { seal, unseal } from './record-codec.ts';

/**
 * All texts of version 2 in, all texts of version 3 out. The number is the packet id: no two of a session have the same, and they were given in
 * the order in which the messages came. What cannot be read stays as it is: it is left out when the store is read.
 */
export function numberedExchanges(texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...texts].map(([key, text]) => (key.startsWith('exchange/') ? numbered(key, text) : [key, text])));
}

function numbered(key: string, text: string): readonly [string, string] {
  try {
    const exchange: unknown = JSON.parse(unseal(key, text));
    if (typeof exchange !== 'object' || exchange === null || !('packetId' in exchange)) {
      return [key, text];
    }
    const { packetId } = exchange;
    const newKey = `${key.slice(0, key.lastIndexOf('/'))}/${packetId}`;
    return [newKey, seal(newKey, JSON.stringify({ ...exchange, number: packetId, role: 'current' }))];
  } catch {
    return [key, text];
  }
}
