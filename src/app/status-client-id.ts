import { createHash } from 'node:crypto';

/** Behind the client id of the gateway. */
const STATUS = '-status';

/** A client id that every broker has to take is no longer. */
const LENGTH_THAT_ALL_TAKE = 23;

const HASH_DIGITS = 6;

/**
 * Client id of the connection on which the gateway says its status: that of its own with `-status` behind. Where the own one is short enough for every
 * broker this one is, too: too long a one is cut, and a hash in it keeps those of two gateways apart.
 */
export function statusClientId(ownClientId: string): string {
  const plain = ownClientId + STATUS;
  if (octets(plain) <= LENGTH_THAT_ALL_TAKE || octets(ownClientId) > LENGTH_THAT_ALL_TAKE) {
    return plain;
  }
  const hash = createHash('sha256').update(ownClientId).digest('hex').slice(0, HASH_DIGITS);
  const end = `-${hash}${STATUS}`;
  let start = ownClientId;
  while (octets(start + end) > LENGTH_THAT_ALL_TAKE) {
    start = [...start].slice(0, -1).join('');
  }
  return start + end;
}

function octets(text: string): number {
  return Buffer.byteLength(text);
}
