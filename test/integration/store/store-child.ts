import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Collected, within } from '../../support/eventually.ts';

const CHILD = new URL('./store-child.mjs', import.meta.url).pathname;

/** `store-child.mjs` in a process of its own. */
export class StoreChild {
  /** What it printed. */
  readonly said = new Collected<unknown>('values of the child');
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  /** `fileLimit`: KiB that a file may have; none. */
  constructor(mode: string, args: readonly string[], fileLimit?: number) {
    const command = [process.execPath, CHILD, mode, ...args];
    const limited = ['/bin/bash', '-c', `ulimit -S -f ${fileLimit} && exec "$@"`, 'bash', ...command];
    const [file = '', ...rest] = fileLimit === undefined ? command : limited;
    const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = child;
    this.#ended = once(child, 'close').then(() => {});
    let unfinished = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${unfinished}${text}`.split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) {
        this.said.add(JSON.parse(line));
      }
    });
  }

  /** Resolves when it is gone and everything that it printed is in `said`. */
  end(): Promise<void> {
    return within('the end of the child', this.#ended);
  }

  /** Ends it without a chance to do anything. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.end();
  }
}
