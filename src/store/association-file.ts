/** What the file of associations has in it: a slot that says of what it is, then one for each association. */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { ResumeRefusal } from '../ports/dtls-note.ts';
import { SLOT, type SlotContent, slotContent } from './association-slot.ts';

export const VERSION = 1;
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
}

/** A file that could be read. */
export type Found = { readonly header: Header; readonly contents: readonly SlotContent[]; readonly isDamaged: boolean };

/** What a file has in it; undefined: there is none. */
export function readSlots(file: string): Found | 'unreadable' | undefined {
  let octets: Buffer;
  try {
    octets = readFileSync(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
  const header = headerIn(octets.subarray(0, SLOT));
  if (header === undefined) {
    return 'unreadable';
  }
  const contents: SlotContent[] = [];
  let isDamaged = octets.length % SLOT !== 0;
  for (let at = SLOT; at + SLOT <= octets.length; at += SLOT) {
    const content = slotContent(octets.subarray(at, at + SLOT));
    if (content === 'damaged') {
      isDamaged = true;
    } else if (content !== 'empty') {
      contents.push(content);
    }
  }
  return { header, contents, isDamaged };
}

/** Why nothing of it may be loaded; undefined: nothing speaks against it. */
export function refusalOf(
  found: Found | 'unreadable',
  here: { readonly witness: string | undefined; readonly boot: string | undefined; readonly isTrusted: boolean },
): ResumeRefusal | undefined {
  if (found === 'unreadable') {
    return 'unreadable';
  }
  const { header, isDamaged } = found;
  if (isDamaged) {
    return 'damaged';
  }
  if (header.witness !== here.witness) {
    return 'copied';
  }
  if (!header.isClean && (here.boot === undefined || header.boot !== here.boot)) {
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
