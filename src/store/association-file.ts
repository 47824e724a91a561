/**
 * What the file of associations has in it: a slot that says of what it is, the receive marks of all that there may be, and a slot for each association. The
 * marks are apart from the rest so that those of many are written at once; where there are none, the file has a hole.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { ResumeRefusal } from '../ports/dtls-note.ts';
import { MARK, SLOT, type SlotContent, slotContent } from './association-slot.ts';
import { marksIn } from './mark-memory.ts';

export const VERSION = 2;
/** Associations that can be stored: as many as there are receive marks. */
export const CAPACITY = 1 << 17;
/** Octets before the text of the first slot: CRC-32 and length. */
const TEXT = 6;

/** The first slot: what the file is of. */
export interface Header {
  readonly version: number;
  /** Of the folder in which it was written. */
  readonly witness: string;
  readonly boot: string | undefined;
  /** It was closed, and is as it was meant to be. */
  readonly isClean: boolean;
  /** Where the receive marks are while it is not closed; left out: in the file itself. */
  readonly marks?: string;
}

/** A file that could be read. */
export interface Found {
  readonly header: Header;
  readonly contents: readonly SlotContent[];
  readonly isDamaged: boolean;
  /** The receive marks were somewhere else, and are away. */
  readonly areMarksAway: boolean;
}

/** Where the receive mark of a slot is. */
export function markAt(slot: number): number {
  return SLOT + slot * MARK;
}

/** Where a slot is. */
export function slotAt(slot: number): number {
  return markAt(CAPACITY) + slot * SLOT;
}

/** What a file has in it; undefined: there is none. */
export function readSlots(file: string): Found | 'unreadable' | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    return slotsIn(descriptor, fstatSync(descriptor).size);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}

function slotsIn(descriptor: number, size: number): Found | 'unreadable' {
  const header = headerIn(part(descriptor, 0, SLOT));
  if (header === undefined) {
    return 'unreadable';
  }
  const length = Math.max(0, size - slotAt(0));
  const count = Math.floor(length / SLOT);
  const isElsewhere = header.marks !== undefined && !header.isClean;
  const marks = isElsewhere ? marksIn(header.marks ?? '', count * MARK) : part(descriptor, markAt(0), count * MARK);
  const slots = part(descriptor, slotAt(0), count * SLOT);
  const contents: SlotContent[] = [];
  let isDamaged = length % SLOT !== 0;
  for (let slot = 0; slot < count; slot++) {
    const at = slot * SLOT;
    const content = slotContent(slots.subarray(at, at + SLOT), marks?.subarray(slot * MARK, (slot + 1) * MARK));
    if (content === 'damaged') {
      isDamaged = true;
    } else if (content !== 'empty') {
      contents.push(content);
    }
  }
  return { header, contents, isDamaged, areMarksAway: marks === undefined };
}

function part(descriptor: number, at: number, length: number): Buffer {
  const octets = Buffer.alloc(length);
  return octets.subarray(0, readSync(descriptor, octets, 0, length, at));
}

/** Why nothing of it may be loaded; undefined: nothing speaks against it. */
export function refusalOf(
  found: Found | 'unreadable',
  here: { readonly witness: string | undefined; readonly boot: string | undefined; readonly isTrusted: boolean },
): ResumeRefusal | undefined {
  if (found === 'unreadable') {
    return 'unreadable';
  }
  const { header, isDamaged, areMarksAway } = found;
  if (isDamaged) {
    return 'damaged';
  }
  if (header.witness !== here.witness) {
    return 'copied';
  }
  if (areMarksAway || (!header.isClean && (here.boot === undefined || header.boot !== here.boot))) {
    return 'unclean-stop';
  }
  return here.isTrusted ? undefined : 'sessions-damaged';
}

export function headerOctets(header: Header): Buffer {
  const slot = Buffer.alloc(SLOT);
  const text = Buffer.from(JSON.stringify(header));
  slot.writeUInt32BE(crc32(text), 0);
  slot.writeUInt16BE(text.length, 4);
  text.copy(slot, TEXT);
  return slot;
}

function headerIn(slot: Buffer): Header | undefined {
  if (slot.length < SLOT) {
    return undefined;
  }
  const text = slot.subarray(TEXT, TEXT + slot.readUInt16BE(4));
  if (crc32(text) !== slot.readUInt32BE(0)) {
    return undefined;
  }
  const header = JSON.parse(text.toString()) as Header;
  return header.version === VERSION ? header : undefined;
}
