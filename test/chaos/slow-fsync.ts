import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Everything that a process wants to be safe on the disk takes longer, until `end`. */
export class SlowFsync {
  readonly #tracer: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** `delay`: milliseconds. */
  constructor(pid: number, delay: number) {
    const options = ['-f', '-qq', '-e', 'trace=fdatasync', '-e', `inject=fdatasync:delay_enter=${delay * 1_000}`];
    this.#tracer = spawn('strace', [...options, '-o', '/dev/null', '-p', String(pid)], { stdio: 'ignore' });
    this.#ended = once(this.#tracer, 'close');
  }

  /** The process goes on as before. */
  async end(): Promise<void> {
    this.#tracer.kill('SIGKILL');
    await this.#ended;
  }
}
