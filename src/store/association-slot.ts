/**
 * How an association is written: a slot of 2,048 octets within one page of memory, and elsewhere in the file, close to those of all others, its receive
 * mark of 32 octets, within a page too. Each of the parts has a CRC-32 that counts in that of the keys, so that nothing of a former association in the same
 * slot can be taken for its own.
 *
 *     0     CRC-32 (4) | length (2) | JSON: what changes only when the client moves
 *     2016  first number that was never sent (8) | CRC-32 (4): what is reserved
 *
 *     0     highest (8) | near (4) | far (4) | when, as Date.now() (8) | CRC-32 (4) | nothing (4): the receive mark
 */
import { crc32 } from 'node:zlib';
import type { ReceiveMark, StoredAssociation } from '../ports/association-store.ts';

export const SLOT = 2_048;
/** Octets of a receive mark. */
export const MARK = 32;
/** Where in the slot it is said what is reserved. */
export const RESERVED = 2_016;
const RESERVED_LENGTH = 12;
const TEXT = 6;

/** What is in a slot, and when its client was heard last, as `Date.now()`. */
export interface SlotContent {
  readonly association: StoredAssociation;
  readonly heardAt: number;
}

/** The whole slot; undefined: there is not enough room in it. */
export function slotOctets(association: StoredAssociation): Buffer | undefined {
  const text = Buffer.from(JSON.stringify(fieldsOf(association)));
  if (TEXT + text.length > RESERVED) {
    return undefined;
  }
  const slot = Buffer.alloc(SLOT);
  slot.writeUInt32BE(crc32(text), 0);
  slot.writeUInt16BE(text.length, 4);
  text.copy(slot, TEXT);
  reservedOctets(association.sendFrom, seedOf(association)).copy(slot, RESERVED);
  return slot;
}

/** What the other parts depend on: it stays the same as long as the association does, and no other one has it. */
export function seedOf({ ownCid, secrets }: Pick<StoredAssociation, 'ownCid' | 'secrets'>): number {
  return crc32(secrets.serverKey, crc32(secrets.clientKey, crc32(ownCid)));
}

/** What of a mark its CRC-32 is of, used again for each: a view costs as much to make as the CRC. */
const marked = Buffer.alloc(24);

/** Writes a receive mark to `octets` at `at`. */
export function writeMark(
  octets: Buffer,
  at: number,
  { highest, near, far }: ReceiveMark,
  heardAt: number,
  seed: number,
): void {
  marked.writeDoubleBE(highest, 0);
  marked.writeInt32BE(near, 8);
  marked.writeInt32BE(far, 12);
  marked.writeDoubleBE(heardAt, 16);
  octets.set(marked, at);
  octets.writeUInt32BE(crc32(marked, seed), at + 24);
}

export function reservedOctets(end: number, seed: number): Buffer {
  const octets = Buffer.alloc(RESERVED_LENGTH);
  octets.writeDoubleBE(end, 0);
  octets.writeUInt32BE(crc32(octets.subarray(0, 8), seed), 8);
  return octets;
}

/** What a slot and its mark have in them, or the slot alone where all marks are away; `damaged` where any part of it is not as it was written, `empty` where the slot is all zeros. */
export function slotContent(slot: Buffer, mark: Buffer | undefined): SlotContent | 'damaged' | 'empty' {
  const length = slot.readUInt16BE(4);
  if (length === 0) {
    return slot.every((octet) => octet === 0) ? 'empty' : 'damaged';
  }
  const text = slot.subarray(TEXT, TEXT + length);
  if (TEXT + length > RESERVED || crc32(text) !== slot.readUInt32BE(0)) {
    return 'damaged';
  }
  const association = associationOf(JSON.parse(text.toString()) as ReturnType<typeof fieldsOf>);
  const seed = seedOf(association);
  const reserved = slot.subarray(RESERVED, RESERVED + RESERVED_LENGTH);
  const isMarked = mark === undefined || crc32(mark.subarray(0, 24), seed) === mark.readUInt32BE(24);
  if (!isMarked || crc32(reserved.subarray(0, 8), seed) !== reserved.readUInt32BE(8)) {
    return 'damaged';
  }
  const { received, heardAt } = markOf(mark ?? Buffer.alloc(MARK));
  return { association: { ...association, received, sendFrom: reserved.readDoubleBE(0) }, heardAt };
}

function markOf(mark: Buffer): { readonly received: ReceiveMark; readonly heardAt: number } {
  const received = { highest: mark.readDoubleBE(0), near: mark.readInt32BE(8), far: mark.readInt32BE(12) };
  return { received, heardAt: mark.readDoubleBE(16) };
}

function fieldsOf({ link, transport, identity, suite, remote, ...rest }: StoredAssociation) {
  const { clientKey, clientIv, serverKey, serverIv } = rest.secrets;
  const octets = [rest.ownCid, rest.peerCid, rest.keyProof, clientKey, clientIv, serverKey, serverIv];
  return {
    link,
    transport,
    identity,
    suite,
    remote,
    octets: octets.map((each) => Buffer.from(each).toString('base64')),
  };
}

function associationOf({
  octets,
  ...fields
}: ReturnType<typeof fieldsOf>): Omit<StoredAssociation, 'received' | 'sendFrom'> {
  const nth = (n: number): Uint8Array => new Uint8Array(Buffer.from(octets[n] ?? '', 'base64'));
  return {
    ...fields,
    ...{ ownCid: nth(0), peerCid: nth(1), keyProof: nth(2) },
    secrets: { clientKey: nth(3), clientIv: nth(4), serverKey: nth(5), serverIv: nth(6) },
  };
}
