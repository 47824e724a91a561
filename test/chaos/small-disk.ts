import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Collected } from '../support/eventually.ts';

/** Far more than the gateway needs. */
const SIZE = '64m';

/** A file system of its own, in memory and small, which outlives the processes that use it. Nobody else sees it. */
export class SmallDisk {
  readonly #holder: ChildProcess;
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
    const script = `mount -t tmpfs -o size=${SIZE} none "$0" && cd "$0" && while echo done; read -r command; do eval "$command"; done`;
    this.#holder = spawn('unshare', ['-rm', 'sh', '-c', script, folder], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#holder.stdin?.on('error', () => undefined);
    createInterface({ input: this.#holder.stdout as NodeJS.ReadableStream & ChildProcess['stdout'] & object }).on(
      'line',
      (line) => this.#said.add(line),
    );
  }

  /** The command that runs a program which sees this disk, with its arguments; `workingFolder` is the one of the program. */
  through(workingFolder: string): readonly string[] {
    const holder = String(this.#holder.pid);
    return ['nsenter', '-U', '-m', '--preserve-credentials', '-t', holder, `--wd=${workingFolder}`];
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
    const end = once(this.#holder, 'close');
    this.#holder.stdin?.end();
    await end;
  }

  async #ask(command: string): Promise<void> {
    this.#holder.stdin?.write(`${command}\n`);
    await this.#answer();
  }

  async #answer(): Promise<void> {
    this.#asked += 1;
    await this.#said.nth(this.#asked);
  }
}
