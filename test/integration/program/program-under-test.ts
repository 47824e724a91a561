import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from '@jest/globals';
import { Collected, within } from '../../support/eventually.ts';

const PROGRAM = new URL('../../../bin/mqtt-sn-gateway.js', import.meta.url).pathname;
const SETPRIV = '/usr/bin/setpriv';

export interface ProgramOptions {
  /** Variables beside those of this process, of which none begins with MQTTSN_. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files of the working folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** What comes from standard input; nothing. */
  readonly input?: string;
  /** Device of the terminal that is standard output; a pipe to the test unless told. */
  readonly terminal?: string;
  /** Options of Node.js, before the program. */
  readonly node?: readonly string[];
  /** What is run instead of the program of the repository. */
  readonly program?: string;
}

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The program as a user has it: `bin/mqtt-sn-gateway.js`, in a process and a working folder of its own. */
export class ProgramUnderTest {
  /** Lines on standard output. */
  readonly lines = new Collected<string>('lines of the program');
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  #output = '';
  #errors = '';

  constructor(folder: string, args: readonly string[], options: ProgramOptions = {}) {
    const { environment = {}, input = '', terminal, node = [], program = PROGRAM } = options;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MQTTSN_'));
    const command = [process.execPath, ...node, program, ...args];
    // Where it can be had, the kernel ends the program together with this process, however that one ends.
    const [file = '', ...rest] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', ...command] : command;
    const output = terminal === undefined ? undefined : openSync(terminal, constants.O_RDWR | constants.O_NOCTTY);
    this.#process = spawn(file, rest, {
      cwd: folder,
      // Programs of tests that run at the same time would fight for the port of the status page.
      env: { ...Object.fromEntries(inherited), MQTTSN_HTTP_ENABLED: 'false', ...environment },
      stdio: ['pipe', output ?? 'pipe', 'pipe'],
    });
    if (output !== undefined) {
      closeSync(output);
    }
    this.ended = once(this.#process, 'close').then(([code, signal]) => ({ code, signal }));
    this.#exited = once(this.#process, 'exit');
    let unfinished = '';
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      const lines = `${unfinished}${text}`.split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) {
        this.lines.add(line);
      }
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#process.stdin?.on('error', () => undefined);
    this.#process.stdin?.end(input);
  }

  /** Everything on standard output. */
  get output(): string {
    return this.#output;
  }

  /** Everything on standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Its process id. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The first line that fits. Error with all that was said if there is none. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const early = this.ended.then(({ code }) => {
      // A last line may fit.
      if (!this.lines.items.some((line) => pattern.test(line))) {
        throw new Error(`the program ended with ${code}: ${this.#output}${this.#errors}`);
      }
      return new Promise<never>(() => undefined);
    });
    const found = this.lines.find(`${pattern}`, (line) => pattern.test(line));
    const line = await Promise.race([found, early]).finally(() => {
      found.catch(() => undefined);
      early.catch(() => undefined);
    });
    return pattern.exec(line) as RegExpExecArray;
  }

  /** Waits for the line that says that the gateway is ready; the port of its first UDP transport. */
  async ready(): Promise<number> {
    const [, port] = await this.line(/MQTT-SN gateway ready: UDP [^;]*?:(\d+)[,;]/);
    return Number(port);
  }

  /** Waits for the end; the exit code. */
  async exitCode(): Promise<number | null> {
    return (await within(`the end of the program, which said: ${this.#output}${this.#errors}`, this.ended)).code;
  }

  /** Waits for the end of the process, though there is output that nobody reads; the exit code. */
  async exitCodeUnread(): Promise<number | null> {
    const [code] = await within('the end of the program', this.#exited);
    return code as number | null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** What the program writes from now on to standard output or standard error is not read. */
  stopReading(which: 'stdout' | 'stderr' = 'stdout'): void {
    this.#process[which]?.pause();
  }

  readOn(which: 'stdout' | 'stderr' = 'stdout'): void {
    this.#process[which]?.resume();
  }

  /** Whoever read standard output or standard error is gone. */
  closeReader(which: 'stdout' | 'stderr' = 'stdout'): void {
    this.#process[which]?.destroy();
  }

  async dispose(): Promise<void> {
    this.kill('SIGKILL');
    this.readOn('stdout');
    this.readOn('stderr');
    await this.ended;
  }
}

/** For the top of a test file: starts programs, each with a folder of its own; all are gone after each test. */
export function programBench(): (args: readonly string[], options?: ProgramOptions) => Promise<ProgramUnderTest> {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end()));
  });
  return async (args, options = {}) => {
    const started = await startedProgram(args, options);
    ends.push(() => started.dispose());
    return started.program;
  };
}

/** A program, and how to be rid of it and its folder. */
export interface StartedProgram {
  readonly program: ProgramUnderTest;
  dispose(): Promise<void>;
}

/** Starts a program in a folder of its own, for as long as the caller wants it. */
export async function startedProgram(args: readonly string[], options: ProgramOptions = {}): Promise<StartedProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'program-'));
  for (const [name, content] of Object.entries(options.files ?? {})) {
    await writeFile(join(folder, name), content);
  }
  const program = new ProgramUnderTest(folder, args, options);
  const dispose = async (): Promise<void> => {
    await program.dispose();
    await rm(folder, { recursive: true, force: true });
  };
  return { program, dispose };
}

/** Root of the repository. */
export const REPOSITORY = dirname(dirname(PROGRAM));
