import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Collected } from '../support/eventually.ts';

/** Far more than the gateway needs. */
const SIZE = '64m';

/** A file system of its own, in memory and small, which outlives the processes that use it. Nobody else sees it. */
export class SmallDisk {
  readonly #holder: ChildProcessWithoutNullStreams;
  /** Never resolves; rejects with what was wrong. */
  readonly #ended: Promise<never>;
  readonly #said = new Collected<string>('words of the holder of the small disk');
  #asked = 0;

  /** Makes it at `folder`. Error with the words of the system where that is not allowed. */
  static async mount(folder: string): Promise<SmallDisk> {
    await mkdir(folder);
    const disk = new SmallDisk(folder);
    await disk.#answer();
    return disk;
  }

  private constructor(folder: string) {
    // Shared memory is its own too: what is killed leaves nothing behind (libfaketime has a semaphore for each process).
    const memory = '{ [ ! -d /dev/shm ] || mount -t tmpfs -o size=8m none /dev/shm; }';
    const commands = 'while echo done; read -r command; do eval "$command"; done';
    const script = `mount -t tmpfs -o size=${SIZE} none "$0" && ${memory} && cd "$0" && ${commands}`;
    const holder = spawn('unshare', ['-rm', 'sh', '-c', script, folder], { stdio: 'pipe' });
    holder.stdin.on('error', () => undefined);
    createInterface({ input: holder.stdout }).on('line', (line) => this.#said.add(line));
    let errors = '';
    holder.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    this.#ended = new Promise((_, reject) => {
      holder.once('error', reject);
      holder.once('close', () => reject(new Error(errors || 'the holder of the small disk has ended')));
    });
    this.#ended.catch(() => undefined);
    this.#holder = holder;
  }

  /** The command that runs a program which sees this disk, with its arguments; `workingFolder` is the one of the program. */
  through(workingFolder: string): readonly string[] {
    const holder = String(this.#holder.pid);
    // A folder that was opened before is still that of the outside.
    const enter = 'cd "$0" && exec "$@"';
    return ['nsenter', '-U', '-m', '--preserve-credentials', '-t', holder, 'sh', '-c', enter, workingFolder];
  }

  /** Takes all the room that is left. */
  async fill(): Promise<void> {
    await this.#ask('cat /dev/zero >> filler');
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await this.#ask('rm -f filler');
  }

  async unmount(): Promise<void> {
    this.#holder.stdin.end();
    await this.#ended.catch(() => undefined);
  }

  async #ask(command: string): Promise<void> {
    this.#holder.stdin.write(`${command}\n`);
    await this.#answer();
  }

  async #answer(): Promise<void> {
    this.#asked += 1;
    await Promise.race([this.#said.nth(this.#asked), this.#ended]);
  }
}
