/** A build in a process of its own, so that neither compiled code nor garbage is shared with another build. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('measured-process.mjs', import.meta.url));
const EXEC_ARGV = [
  '--expose-gc',
  '--single-threaded-gc', // what it takes is the same whatever else the machine does
  '--initial-old-space-size=4000', // no collection of the whole heap: it takes a second, and would hit one build or the other
];

export class MeasuredBuild {
  /** Octets of heap for each client, once it is ready. */
  heapPerClient = 0;
  #child;
  /** Why the process gives no answers any more. */
  #over;
  #waiting;

  /**
   * @param {string} directory a checkout that has been built
   * @param {number} clients how many it serves
   */
  constructor(directory, clients) {
    this.#child = fork(PROGRAM, [directory, String(clients)], { execArgv: EXEC_ARGV });
    this.#child.on('message', (message) => this.#waiting?.resolve(message));
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('exit', (code, signal) =>
      this.#end(new Error(`${directory}: the measuring process ended (${signal ?? `exit code ${code}`})`)),
    );
  }

  /** Resolves when all its clients are connected. Rejects where the build cannot be measured. */
  async ready() {
    const { heapPerClient } = await this.#answer();
    this.heapPerClient = heapPerClient;
  }

  /**
   * Lets messages pass.
   * @param {{ name: string, messages: number }} request `name`: one of `measurementsOf`
   * @returns {Promise<number>} nanoseconds of processor time for all of them
   */
  async measure(request) {
    const answer = this.#answer();
    this.#child.send(request);
    const { nanoseconds } = await answer;
    return nanoseconds;
  }

  /** Ends the process; resolves when it is gone. */
  async end() {
    if (this.#over === undefined) {
      const exit = once(this.#child, 'exit');
      this.#child.kill();
      await exit;
    }
  }

  async #answer() {
    if (this.#over !== undefined) {
      throw this.#over;
    }
    const message = await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    if (message.error !== undefined) {
      throw new Error(message.error);
    }
    return message;
  }

  #end(error) {
    this.#over ??= error;
    this.#waiting?.reject(this.#over);
  }
}
