import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { within } from '../support/eventually.ts';
import type { Journal } from './journal.ts';

const PROGRAM = new URL('../../bin/mqtt-sn-gateway.js', import.meta.url).pathname;
const SETPRIV = '/usr/bin/setpriv';

/** How the program is run; nothing given: as a user would. */
export interface GatewayProcessOptions {
  /** Another build than the one of this repository. */
  readonly program?: string | undefined;
  /** The command that runs the program, where something stands between, with its arguments; it has to become the program (`exec`). */
  readonly through?: readonly string[];
  /** Sees each line that it writes. */
  readonly onLine?: (line: string) => void;
}

/** One life of the gateway: the program as a user has it, in a process of its own. */
export class GatewayProcess {
  /** What it complained about: lines at level error, and standard error. */
  readonly complaints: string[] = [];
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #ready: Promise<void>;
  #killed = false;
  #logOctets = 0;

  /** `folder`: with its `gateway.yaml`. */
  constructor(folder: string, journal: Journal, options: GatewayProcessOptions = {}) {
    const { program = PROGRAM, through = [], onLine } = options;
    const level = journal.on ? 'trace' : 'info';
    const command = [process.execPath, program, '-c', 'gateway.yaml', '--log-level', level];
    // Where it can be had, the kernel ends the program together with this process, however that one ends.
    const guarded = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', ...command] : command;
    const [file = '', ...args] = [...through, ...guarded];
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MQTTSN_'));
    const environment = { ...Object.fromEntries(inherited), MQTTSN_HTTP_ENABLED: 'false' }; // several run at a time
    const child = spawn(file, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    journal.add('gateway', () => `START pid ${child.pid}`);
    const killWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.ended = once(child, 'close').then(([code, signal]) => {
      process.off('exit', killWithUs);
      journal.add('gateway', () => `END ${signal ?? code}`);
      if (!this.#killed) {
        this.complaints.push(`the gateway ended by itself (${signal ?? `code ${code}`})`);
      }
    });
    this.#ready = new Promise((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#logOctets += Buffer.byteLength(line) + 1;
        journal.add('gateway', () => `| ${line}`);
        onLine?.(line);
        if (line.includes('MQTT-SN gateway ready')) {
          resolve();
        }
        if (/^\S+ error /.test(line)) {
          this.complaints.push(line);
        }
      });
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      journal.add('gateway', () => `! ${line}`);
      onLine?.(line);
      this.complaints.push(line);
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Octets that it has written to its log. */
  get logOctets(): number {
    return this.#logOctets;
  }

  async ready(): Promise<void> {
    const early = this.ended.then(() => {
      throw new Error(`the gateway did not start: ${this.complaints.join('\n')}`);
    });
    await within('the gateway to be ready', Promise.race([this.#ready, early]));
  }

  /** `kill -9`, as if the power had failed. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#process.kill('SIGKILL');
    await this.ended;
  }

  /** Sends a signal to the process. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}
