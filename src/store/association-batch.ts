import type { SlotMark } from './mark-image.ts';

/** What goes to the disk at a time. */
export interface Batch {
  /** By slot. */
  readonly marks: Map<number, SlotMark>;
  /** By slot: octets for it, and where in it they begin. */
  readonly slots: Map<number, { readonly octets: Buffer; readonly from: number }>;
  /** Who waits for it, in order. */
  readonly written: (() => void)[];
  /** Who waits for a flush behind it. */
  readonly flushed: (() => void)[];
}

export function newBatch(): Batch {
  return { marks: new Map(), slots: new Map(), written: [], flushed: [] };
}

export function isEmpty({ marks, slots, written, flushed }: Batch): boolean {
  return marks.size + slots.size + written.length + flushed.length === 0;
}
