/**
 * Receive marks in memory that outlives the process: a file of a file system that is memory (`/dev/shm` of Linux). What is written there is there when the
 * process is killed, and never waits for a disk; with the machine it is gone, and then nobody believes what was not closed anyway (boot id).
 */
import { createHash, randomBytes } from 'node:crypto';
import fs, {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

const SHARED_MEMORY = '/dev/shm';
/** What `statfs` says of a file system that is memory. */
const TMPFS = 0x01021994;
/** How names of such files begin. */
const NAME = 'mqtt-sn-gateway-';
/** Milliseconds. */
const OLD = 7 * 86_400_000;
/** Octets of a hash that tell the files of one store from those of another. */
const HASH = 8;

/** The folder of such a file system; undefined: there is none here. */
export function sharedMemory(): string | undefined {
  try {
    return statfsSync(SHARED_MEMORY).type === TMPFS ? SHARED_MEMORY : undefined;
  } catch {
    return undefined;
  }
}

/** What a file of marks has in it, `length` octets at most; undefined where it is away, or not this user's. */
export function marksIn(file: string, length: number): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { uid } = fstatSync(descriptor);
    if (uid !== process.getuid?.()) {
      return undefined;
    }
    const octets = Buffer.alloc(length); // what is missing is zeros, which are no mark
    readSync(descriptor, octets, 0, length, 0);
    return octets;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith(NAME));
  } catch {
    return [];
  }
}

/** Whoever wrote it is gone, and its store with it, for its next process would have removed it; else that process loads nothing behind a crash. */
function isOld(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > OLD;
}

function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // somebody else's
  }
}

export class MarkMemory {
  readonly file: string;
  readonly #folder: string;
  readonly #prefix: string;
  #descriptor: number | undefined;

  /** A new file in `folder`, for the store in the folder `store`. Throws an `Error` with a code where that is not possible. */
  constructor(folder: string, store: string) {
    const { dev, ino } = statSync(store, { bigint: true });
    const hash = createHash('sha256').update(`${store} ${dev} ${ino}`).digest('hex');
    this.#folder = folder;
    this.#prefix = `${NAME}${hash.slice(0, 2 * HASH)}-`;
    this.file = join(folder, this.#prefix + randomBytes(HASH).toString('hex'));
    this.#descriptor = openSync(this.file, 'wx', 0o600);
  }

  /**
   * Writes to the place that the octets have in `octets`. Where it cannot, the file goes away, and whoever looks for it finds no marks at all; an error: it has
   * stayed, and says what is not so.
   */
  write(octets: Buffer, from: number, length: number): Error | undefined {
    if (this.#descriptor === undefined) {
      return undefined;
    }
    try {
      if (fs.writeSync(this.#descriptor, octets, from, length, from) === length) {
        return undefined;
      }
      throw new Error(`${this.#folder} is full`);
    } catch {
      return this.remove(); // without it nothing is believed that was not closed
    }
  }

  /** Files of earlier processes with this store go away, and those of any store that nothing has been written to for a week, where they can. */
  removeFormer(): void {
    for (const name of namesIn(this.#folder)) {
      const file = join(this.#folder, name);
      if (file !== this.file && (name.startsWith(this.#prefix) || isOld(file))) {
        removeIfPossible(file);
      }
    }
  }

  /** The file goes away; an error where it stays. */
  remove(): Error | undefined {
    if (this.#descriptor === undefined) {
      return undefined;
    }
    try {
      rmSync(this.file, { force: true });
    } catch (error) {
      return error as Error;
    }
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    return undefined;
  }
}
