import fs, { chmodSync, closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AssociationKeeper,
  ReceiveMark,
  RestoredAssociation,
  StoredAssociation,
} from '../ports/association-store.ts';
import type { ResumeRefusal } from '../ports/dtls-note.ts';
import { type Header, headerOctets, readSlots, refusalOf, VERSION } from './association-file.ts';
import {
  MARK,
  markOctets,
  RESERVED,
  reservedOctets,
  SLOT,
  type SlotContent,
  seedOf,
  slotOctets,
} from './association-slot.ts';
import { bootId, newWitness, witnessIn } from './store-witness.ts';

/** Numbers that are reserved for an association that is loaded. */
const BLOCK = 1_000;
/** Milliseconds: a disk that takes longer for a few octets that it need not flush would hold up everybody. */
const PATIENCE = 250;

export interface AssociationStoreOptions {
  /** The folder, made where it is missing. */
  readonly path: string;
  /** The sessions that belong to the associations are all there. */
  readonly isTrusted: boolean;
  /** Is told, once, that nothing is stored any more. */
  readonly onProblem: (message: string) => void;
  /** The date, which boot this is, and how octets get to the disk: those of the system unless a test says otherwise. */
  readonly now?: () => number;
  readonly boot?: () => string | undefined;
  readonly disk?: Pick<typeof fs, 'writeSync' | 'fdatasync'>;
}

/**
 * Associations in one file of slots. Everything is written at once and without waiting, which the memory of the system takes; what has to be on the disk is
 * flushed in the background. That is enough, for what was not closed is only believed within the same boot. It is consumed when it is opened: by the time
 * that anybody gets an association from here, the file on the disk says that numbers go on behind those that this process may use.
 */
export class AssociationStore implements AssociationKeeper {
  readonly #options: AssociationStoreOptions;
  readonly #file: string;
  readonly #now: () => number;
  readonly #disk: Pick<typeof fs, 'writeSync' | 'fdatasync'>;
  readonly #header: Omit<Header, 'isClean'>;
  #descriptor: number | undefined;
  readonly #slots = new Map<string, { readonly slot: number; readonly seed: number }>();
  readonly #free: number[] = [];
  #end = 1;
  #restored = new Map<string, RestoredAssociation>();
  /** Who waits for the next flush, and whether one is under way. */
  #waiting: (() => void)[] = [];
  #isFlushing = false;
  /** Why none of the associations that were there are loaded; undefined: they are. */
  readonly refusal: ResumeRefusal | undefined;
  /** Associations that were there and are not loaded, as far as that is known. */
  readonly refused: number = 0;

  /**
   * Takes what is there, so that it cannot be taken again. Throws an `Error` with a code where the folder cannot be used. `refusal` says why nothing was
   * loaded of what was there.
   */
  constructor(options: AssociationStoreOptions) {
    const { path, isTrusted, now = Date.now, boot: bootOf = bootId, disk = fs } = options;
    const boot = bootOf();
    this.#options = options;
    this.#file = join(path, 'associations');
    this.#now = now;
    this.#disk = disk;
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
    this.#consume(path);
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
    const octets = slotOctets(association, this.#now());
    if (octets === undefined || this.#descriptor === undefined) {
      return false;
    }
    const { link } = association;
    const slot = this.#slots.get(link)?.slot ?? this.#free.pop() ?? this.#end++;
    this.#slots.set(link, { slot, seed: seedOf(octets) });
    return this.#write(octets, slot * SLOT);
  }

  mark(link: string, received: ReceiveMark): void {
    const place = this.#slots.get(link);
    if (place !== undefined) {
      this.#write(markOctets(received, this.#now(), place.seed), place.slot * SLOT + MARK);
    }
  }

  reserve(link: string, end: number, done: () => void): void {
    const place = this.#slots.get(link);
    if (place !== undefined) {
      this.#write(reservedOctets(end, place.seed), place.slot * SLOT + RESERVED);
    }
    this.#waiting.push(done);
    this.#flush();
  }

  forget(link: string): void {
    const place = this.#slots.get(link);
    if (place !== undefined) {
      this.#slots.delete(link);
      this.#free.push(place.slot);
      this.#write(Buffer.alloc(SLOT), place.slot * SLOT); // its keys are gone with it
    }
  }

  /** What is there may be loaded by the next process, in another boot as well. */
  close(): void {
    if (this.#descriptor === undefined) {
      return;
    }
    const descriptor = this.#descriptor;
    try {
      fsyncSync(descriptor);
      this.#write(headerOctets({ ...this.#header, isClean: true }), 0);
      fsyncSync(descriptor);
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  #restoredOf({ association, heardAt }: SlotContent): RestoredAssociation {
    const reservedTo = association.sendFrom + BLOCK;
    return { ...association, reservedTo, silence: Math.max(0, this.#now() - heardAt) };
  }

  /** A new file takes the place of the old one, durably: its associations are those that are loaded, with the next block of numbers taken. */
  #consume(path: string): void {
    const beside = `${this.#file}.new`;
    rmSync(beside, { force: true });
    this.#descriptor = openSync(beside, 'wx', 0o600);
    try {
      this.#write(headerOctets({ ...this.#header, isClean: false }), 0);
      for (const { silence, reservedTo, ...association } of this.#restored.values()) {
        const octets = slotOctets({ ...association, sendFrom: reservedTo }, this.#now() - silence);
        if (octets !== undefined) {
          this.#slots.set(association.link, { slot: this.#end, seed: seedOf(octets) });
          this.#write(octets, this.#end * SLOT);
          this.#end += 1;
        }
      }
      if (this.#descriptor !== undefined) {
        fsyncSync(this.#descriptor);
        renameSync(beside, this.#file);
        syncFolder(path);
      }
    } catch (error) {
      this.#giveUp(error);
    }
    if (this.#descriptor === undefined) {
      this.#restored.clear();
    }
  }

  /** False: nothing is stored any more. */
  #write(octets: Buffer, at: number): boolean {
    if (this.#descriptor === undefined) {
      return false;
    }
    try {
      const begin = performance.now();
      if (this.#disk.writeSync(this.#descriptor, octets, 0, octets.length, at) !== octets.length) {
        throw new Error('the disk took only a part of it');
      }
      if (performance.now() - begin > PATIENCE) {
        throw new Error(`the disk takes longer than ${PATIENCE} ms`);
      }
      return true;
    } catch (error) {
      this.#giveUp(error);
      return false;
    }
  }

  #flush(): void {
    if (this.#isFlushing || this.#waiting.length === 0) {
      return;
    }
    if (this.#descriptor === undefined) {
      this.#release(this.#waiting.splice(0)); // nothing is stored that could contradict them
      return;
    }
    this.#isFlushing = true;
    const waiting = this.#waiting.splice(0);
    this.#disk.fdatasync(this.#descriptor, (error) => {
      this.#isFlushing = false;
      if (error) {
        this.#giveUp(error);
      }
      this.#release(waiting);
      this.#flush();
    });
  }

  #release(waiting: readonly (() => void)[]): void {
    for (const done of waiting) {
      done();
    }
  }

  /** What is stored would not be true any more: better nothing is. */
  #giveUp(error: unknown): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) {
      return;
    }
    this.#descriptor = undefined;
    this.#slots.clear();
    for (const attempt of [
      () => rmSync(this.#file, { force: true }),
      () => rmSync(`${this.#file}.new`, { force: true }),
      () => newWitness(this.#options.path),
      () => ftruncateSync(descriptor, 0),
      () => closeSync(descriptor),
    ]) {
      try {
        attempt();
      } catch {
        // One of them is enough.
      }
    }
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    const reason = isFull ? 'the disk is full' : error instanceof Error ? error.message : String(error);
    this.#options.onProblem(`DTLS associations are not stored any more, and end with this process: ${reason}`);
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
