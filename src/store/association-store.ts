import fs, { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AssociationKeeper,
  ReceiveMark,
  RestoredAssociation,
  StoredAssociation,
} from '../ports/association-store.ts';
import type { ResumeRefusal } from '../ports/dtls-note.ts';
import { AssociationDisk } from './association-disk.ts';
import {
  CAPACITY,
  type Header,
  headerOctets,
  markAt,
  readSlots,
  refusalOf,
  slotAt,
  VERSION,
} from './association-file.ts';
import { MARK, reservedOctets, SLOT, type SlotContent, seedOf, slotOctets, writeMark } from './association-slot.ts';
import { type Disk, type DiskListener, whyOf } from './disk.ts';
import { bootId, newWitness, witnessIn } from './store-witness.ts';

/** Numbers that are reserved for an association that is loaded. */
const BLOCK = 1_000;

export interface AssociationStoreOptions extends DiskListener {
  /** The folder, made where it is missing. */
  readonly path: string;
  /** The sessions that belong to the associations are all there. */
  readonly isTrusted: boolean;
  /** The date, which boot this is, how octets get to the disk, and when it has stalled (milliseconds): those of the system unless a test says otherwise. */
  readonly now?: () => number;
  readonly boot?: () => string | undefined;
  readonly disk?: Disk;
  readonly stalledAfter?: number;
}

/**
 * Associations in one file, which is written in the background. Nothing but reserved numbers is flushed, for what was not closed is only believed within
 * the same boot, and then the memory of the system has all that was written. The file is consumed when it is opened: by the time that anybody gets an
 * association from here, the file on the disk says that numbers go on behind those that this process may use.
 */
export class AssociationStore implements AssociationKeeper {
  readonly #file: string;
  readonly #now: () => number;
  readonly #header: Omit<Header, 'isClean'>;
  /** Undefined: nothing can be stored. */
  readonly #disk: AssociationDisk | undefined;
  readonly #slots = new Map<string, { readonly slot: number; readonly seed: number }>();
  readonly #free: number[] = [];
  #end = 0;
  #restored = new Map<string, RestoredAssociation>();
  /** Why none of the associations that were there are loaded; undefined: they are. */
  readonly refusal: ResumeRefusal | undefined;
  /** Associations that were there and are not loaded, as far as that is known. */
  readonly refused: number = 0;

  /**
   * Takes what is there, so that it cannot be taken again. Throws an `Error` with a code where the folder cannot be used. `refusal` says why nothing was
   * loaded of what was there.
   */
  constructor(options: AssociationStoreOptions) {
    const { path, isTrusted, now = Date.now, boot: bootOf = bootId, disk = fs, onProblem } = options;
    const boot = bootOf();
    this.#file = join(path, 'associations');
    this.#now = now;
    const found = readSlots(this.#file);
    const refusal = found === undefined ? undefined : refusalOf(found, { witness: witnessIn(path), boot, isTrusted });
    // From here on what is there is a copy: a crash in between loses it.
    this.#header = { version: VERSION, witness: newWitness(path), boot };
    chmodSync(path, 0o700);
    const contents = found === 'unreadable' || found === undefined ? [] : found.contents;
    if (refusal === undefined) {
      this.#restored = new Map(contents.map((content) => [content.association.link, this.#restoredOf(content)]));
    } else {
      this.refusal = refusal;
      this.refused = contents.length;
    }
    const consumed = this.#consume(path, onProblem);
    if (consumed === undefined) {
      this.#restored.clear();
    } else {
      this.#disk = new AssociationDisk({ ...options, ...consumed, folder: path, file: this.#file, disk, now });
    }
  }

  /** Those that were stored by a transport; once. */
  claim(transport: string): readonly RestoredAssociation[] {
    const claimed = [...this.#restored.values()].filter((each) => each.transport === transport);
    for (const { link } of claimed) {
      this.#restored.delete(link);
    }
    return claimed;
  }

  /** Those that nobody has claimed are over. */
  forgetUnclaimed(): void {
    for (const link of this.#restored.keys()) {
      this.forget(link);
    }
    this.#restored.clear();
  }

  keep(association: StoredAssociation): boolean {
    const { link, received } = association;
    const octets = slotOctets(association);
    const slot = this.#slots.get(link)?.slot ?? this.#free.at(-1) ?? this.#end;
    if (octets === undefined || slot >= CAPACITY || this.#disk?.isOpen !== true) {
      return false;
    }
    if (!this.#slots.has(link)) {
      this.#end = Math.max(this.#end, slot + 1);
      this.#free.pop();
    }
    const seed = seedOf(association);
    this.#slots.set(link, { slot, seed });
    this.#disk.mark(slot, received, seed);
    this.#disk.put(slot, octets);
    return true;
  }

  mark(link: string, received: ReceiveMark, done: () => void): void {
    const place = this.#slots.get(link);
    if (this.#disk === undefined) {
      done();
    } else if (place === undefined) {
      this.#disk.written(done); // not before those that have been told before
    } else {
      this.#disk.mark(place.slot, received, place.seed, done);
    }
  }

  reserve(link: string, end: number, done: () => void): void {
    const place = this.#slots.get(link);
    if (place === undefined || this.#disk === undefined) {
      done();
    } else {
      this.#disk.reserve(place.slot, reservedOctets(end, place.seed), done);
    }
  }

  forget(link: string): void {
    const place = this.#slots.get(link);
    if (place !== undefined) {
      this.#slots.delete(link);
      // Its keys are gone with it. A slot is not used again before: the mark of another association would make it a damaged one.
      this.#disk?.put(place.slot, Buffer.alloc(SLOT), () => this.#free.push(place.slot));
    }
  }

  /**
   * What is there may be loaded by the next process, in another boot as well: resolves when the disk has that, which may never be. From now on nobody is told
   * any more that something is written.
   */
  close(): Promise<void> {
    return this.#disk?.close(headerOctets({ ...this.#header, isClean: true })) ?? Promise.resolve();
  }

  #restoredOf({ association, heardAt }: SlotContent): RestoredAssociation {
    const reservedTo = association.sendFrom + BLOCK;
    return { ...association, reservedTo, silence: Math.max(0, this.#now() - heardAt) };
  }

  /**
   * A new file takes the place of the old one, durably: its associations are those that are loaded, with the next block of numbers taken. Undefined: there
   * is none, and nothing is loaded.
   */
  #consume(
    path: string,
    onProblem: (message: string) => void,
  ): { readonly descriptor: number; readonly marks: Buffer } | undefined {
    const marks = Buffer.alloc(this.#restored.size * MARK);
    const beside = `${this.#file}.new`;
    let descriptor: number | undefined;
    try {
      rmSync(beside, { force: true });
      descriptor = openSync(beside, 'wx', 0o600);
      write(descriptor, headerOctets({ ...this.#header, isClean: false }), 0);
      for (const { silence, reservedTo, ...association } of this.#restored.values()) {
        const octets = slotOctets({ ...association, sendFrom: reservedTo });
        if (octets !== undefined) {
          const slot = this.#end;
          const seed = seedOf(association);
          writeMark(marks, slot * MARK, association.received, this.#now() - silence, seed);
          write(descriptor, octets, slotAt(slot));
          this.#slots.set(association.link, { slot, seed });
          this.#end += 1;
        }
      }
      write(descriptor, marks, markAt(0));
      fsyncSync(descriptor);
      renameSync(beside, this.#file);
      syncFolder(path);
      return { descriptor, marks };
    } catch (error) {
      if (descriptor !== undefined) {
        closeSync(descriptor);
      }
      this.#slots.clear();
      onProblem(`DTLS associations are not stored, and end with this process: ${whyOf(error)}`);
      return undefined;
    }
  }
}

function write(descriptor: number, octets: Buffer, at: number): void {
  if (writeSync(descriptor, octets, 0, octets.length, at) !== octets.length) {
    throw new Error('the disk is full');
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
