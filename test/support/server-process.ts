import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { LONG_DEADLINE } from './deadline.ts';
import { eventually, within } from './eventually.ts';

/** Programs of administrators are not on every PATH. */
export const SERVER_PATH = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin:/sbin`;
const SETPRIV = '/usr/bin/setpriv';

/** Characters of the log that are kept. */
const LOG_LIMIT = 4_000_000;

export interface ServerCommand {
  /** What it is called in errors. */
  readonly name: string;
  readonly command: readonly string[];
  /** What it says when it is ready. */
  readonly ready: RegExp;
  /** Besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its working folder; that of this process unless told. */
  readonly folder?: string;
}

/** A server program of the test's own. The kernel ends it together with this process, however that one ends, where it can. */
export class ServerProcess {
  readonly #command: ServerCommand;
  #process: ChildProcess | undefined;
  #log = '';

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  /** Everything that it has said since it was first started. */
  get log(): string {
    return this.#log;
  }

  /** Waits for a line of the log, from the character `from` on (default: from the beginning). */
  async logged(pattern: RegExp, from = 0, deadline?: number): Promise<RegExpExecArray> {
    const what = `${pattern} in the log of ${this.#command.name}`;
    return eventually(what, () => pattern.exec(this.#log.slice(from)), deadline);
  }

  /** Its process id; undefined where it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Resolves when it is ready. Error with its own words if it does not come up. */
  async start(): Promise<void> {
    const { name, command, env, folder, ready } = this.#command;
    const guarded = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', ...command] : command;
    const child = spawn(guarded[0] as string, guarded.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: SERVER_PATH, ...env },
      ...(folder !== undefined && { cwd: folder }),
    });
    this.#process = child;
    const from = this.#log.length;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_LIMIT);
      });
    }
    const killWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithUs);
    const end = new Promise<never>((_, reject) => {
      child.once('error', (error) =>
        reject(new Error(`${name} could not be started: is it installed?`, { cause: error })),
      );
      child.once('exit', (code, signal) => {
        process.off('exit', killWithUs);
        if (this.#process === child) {
          this.#process = undefined;
        }
        reject(new Error(`${name} ended (${signal ?? `code ${code}`}): ${this.#log.slice(from)}`));
      });
    });
    end.catch(() => undefined);
    try {
      await Promise.race([this.logged(ready, from, LONG_DEADLINE), end]);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined) {
      return;
    }
    const exit = once(child, 'exit');
    child.kill(signal);
    await within(`the end of ${this.#command.name}`, exit).catch(async () => {
      child.kill('SIGKILL');
      await exit;
    });
  }
}
