import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { LONG_DEADLINE } from '../../support/deadline.ts';
import { eventually, within } from '../../support/eventually.ts';
import type { PrivateNetwork } from './private-network.ts';

/** From one Ctrl-C to the next, in milliseconds. */
const PATIENCE = 3000;

/** What a command is started with. */
export interface Place {
  readonly network: PrivateNetwork;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A command that a reader has typed, run by `bash -e`. */
export class TypedCommand {
  readonly command: string;
  readonly #place: Place;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #hasEnded = false;
  /** Everything that it has said, on standard output and standard error. */
  output = '';

  constructor(command: string, place: Place) {
    const { network, folder, environment } = place;
    const script = 'cd "$0" && exec bash -e -o pipefail -c "$1"';
    const [file = '', ...args] = network.through('sh', '-c', script, folder, command);
    this.command = command;
    this.#place = place;
    // A group of its own: Ctrl-C in a terminal goes to all processes of a command.
    this.#process = spawn(file, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#process, 'close');
    const noteEnd = (): void => {
      this.#hasEnded = true;
    };
    this.#ended.then(noteEnd, noteEnd);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /**
   * Waits until it has said something that fits. What `meanwhile` says counts too: a command that is run again and again. Error with all that
   * was said, also where it ends before.
   */
  async says(pattern: RegExp, meanwhile?: string): Promise<void> {
    let aside = '';
    const isSaid = async (): Promise<boolean> => {
      if (meanwhile !== undefined && !pattern.test(this.output)) {
        const beside = new TypedCommand(meanwhile, this.#place);
        await beside.exitCode();
        aside = beside.output;
      }
      return !this.goesOn || pattern.test(this.output) || pattern.test(aside);
    };
    const told = (): string => `${this.command}\nsaid: ${this.output}\n${meanwhile ?? ''}\nsaid: ${aside}`;
    await eventually(`${pattern}`, isSaid).catch((error: Error) => {
      throw new Error(`${error.message} of ${told()}`);
    });
    if (!pattern.test(this.output) && !pattern.test(aside)) {
      throw new Error(`${pattern} was not said before the end of ${told()}`);
    }
  }

  /** Whether it still runs: nsenter, through which it was started, may be gone before it. */
  get goesOn(): boolean {
    return !this.#hasEnded;
  }

  /** Waits for its end; the exit code. */
  async exitCode(): Promise<number | null> {
    const [code] = await within(`the end of: ${this.command}; it said: ${this.output}`, this.#ended, LONG_DEADLINE);
    return code as number | null;
  }

  /** Ctrl-C, and again where that does not help soon, as people do; waits for its end. */
  async interrupt(): Promise<void> {
    const again = setInterval(() => this.#signal(), PATIENCE);
    this.#signal();
    await this.exitCode().finally(() => clearInterval(again));
  }

  #signal(): void {
    if (this.#process.pid !== undefined && this.goesOn) {
      try {
        process.kill(-this.#process.pid, 'SIGINT');
      } catch {
        // Just gone: its end is on the way.
      }
    }
  }
}
