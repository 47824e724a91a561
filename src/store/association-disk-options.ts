import type { Disk, DiskListener } from './disk.ts';
import type { MarkMemory } from './mark-memory.ts';

export interface AssociationDiskOptions extends DiskListener {
  readonly folder: string;
  readonly file: string;
  readonly descriptor: number;
  /** The receive marks that are in it. */
  readonly marks: Buffer;
  /** Where receive marks go until it is closed; undefined: to the file. */
  readonly memory?: MarkMemory | undefined;
  readonly disk: Disk;
  readonly now: () => number;
  readonly stalledAfter?: number | undefined;
}
