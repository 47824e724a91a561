import type { GatewayProcess } from '../crash/gateway-process.ts';
import type { Journal } from '../crash/journal.ts';
import { pause } from '../crash/station.ts';

/** Milliseconds until a gateway that has ended by itself is started again, as a service manager would. */
const RESTART = 200;

const DISK_FULL = /disk is full|No space left on device/;

/** The lives of one gateway: when one ends, whatever ended it, the next one begins. */
export class Lives {
  readonly #start: (onLine: (line: string) => void) => GatewayProcess;
  readonly #journal: Journal;
  readonly #differences: string[] = [];
  readonly #lost: string[] = [];
  #current: GatewayProcess;
  #count = 0;
  #troubles = 0;
  #over = false;

  /** `start`: begins a life and hands it each line of its log. */
  constructor(start: (onLine: (line: string) => void) => GatewayProcess, journal: Journal) {
    this.#start = start;
    this.#journal = journal;
    this.#current = this.#begin();
  }

  get pid(): number {
    return this.#current.pid;
  }

  get count(): number {
    return this.#count;
  }

  /** How often the gateway has told that its disk is full. */
  get diskTroubles(): number {
    return this.#troubles;
  }

  /** Lines about clients that the gateway has given up so far. */
  get lost(): readonly string[] {
    return this.#lost;
  }

  /** What no life may do, whatever happens to it: an error, or an end by itself, that no full disk explains. */
  differences(): string[] {
    return [...this.#differences, ...unexplained(this.#current.complaints)];
  }

  async ready(): Promise<void> {
    await this.#current.ready();
  }

  /** `kill -9`, as if the power had failed; the next life has begun when it resolves. */
  async kill(): Promise<void> {
    const life = this.#current;
    this.#journal.add('run', () => 'KILL');
    await life.kill();
    this.#next(life);
  }

  /** The whole process stands still. */
  async stand(milliseconds: number): Promise<void> {
    const life = this.#current;
    life.signal('SIGSTOP');
    await pause(milliseconds);
    life.signal('SIGCONT');
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#current.kill();
  }

  #begin(): GatewayProcess {
    const life = this.#start((line) => this.#line(line));
    this.#count += 1;
    life.ended.then(async () => {
      await pause(RESTART);
      this.#next(life);
    });
    return life;
  }

  #next(life: GatewayProcess): void {
    if (life === this.#current && !this.#over) {
      this.#differences.push(...unexplained(life.complaints));
      this.#current = this.#begin();
    }
  }

  #line(line: string): void {
    if (DISK_FULL.test(line)) {
      this.#troubles += 1;
    }
    if (line.includes('client lost: ')) {
      this.#lost.push(line);
    }
  }
}

/** A gateway that finds its disk full says so, and one that starts then ends with that. */
function unexplained(complaints: readonly string[]): string[] {
  const full = complaints.some((complaint) => DISK_FULL.test(complaint));
  return complaints.filter((line) => !full || !(DISK_FULL.test(line) || line.includes('ended by itself (code 1)')));
}
