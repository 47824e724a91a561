import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Everything that a process wants to be safe on the disk takes longer, until `end`. */
export class SlowFsync {
  readonly #tracer: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** The tracer without the process, with its arguments. `delay`: milliseconds. */
  static command(delay: number): readonly string[] {
    const inject = `inject=fdatasync:delay_enter=${delay * 1_000}`;
    return ['strace', '-f', '-e', 'trace=fdatasync', '-e', inject, '-o', '/dev/null'];
  }

  /** `delay`: milliseconds. */
  constructor(pid: number, delay: number) {
    const [file = '', ...args] = SlowFsync.command(delay);
    this.#tracer = spawn(file, [...args, '-p', String(pid)], { stdio: 'ignore' });
    this.#ended = once(this.#tracer, 'close');
  }

  /** The process goes on as before. */
  async end(): Promise<void> {
    this.#tracer.kill('SIGKILL');
    await this.#ended;
  }
}
