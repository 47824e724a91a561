import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Collected } from '../support/eventually.ts';

/** Everything that a process wants to be safe on the disk takes longer, until `end`. */
export class SlowFsync {
  readonly #tracer: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** `delay`: milliseconds. Error with the words of strace where it may not, or where there is no such process (any more). */
  static async attach(pid: number, delay: number): Promise<SlowFsync> {
    const inject = `inject=fdatasync:delay_enter=${delay * 1_000}`;
    const options = ['-f', '-e', 'trace=fdatasync', '-e', inject, '-o', '/dev/null', '-p', String(pid)];
    const tracer = spawn('strace', options, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(tracer, 'close');
    const said = new Collected<string>('words of strace');
    tracer.stderr.setEncoding('utf8').on('data', (text: string) => said.add(text));
    const early = ended.then(() => Promise.reject(new Error(said.items.join('') || 'strace has ended')));
    early.catch(() => undefined);
    try {
      await Promise.race([said.find('that it has attached', (text) => text.includes('attached')), early]);
    } catch (error) {
      tracer.kill('SIGKILL');
      throw error;
    }
    return new SlowFsync(tracer, ended);
  }

  private constructor(tracer: ChildProcess, ended: Promise<unknown>) {
    this.#tracer = tracer;
    this.#ended = ended;
  }

  /** The process goes on as before. */
  async end(): Promise<void> {
    this.#tracer.kill('SIGKILL');
    await this.#ended;
  }
}
