/** What a module is, asked with AT commands when its port has been opened and after a reset. */
import { type ModuleFacts, moduleFacts } from './codec/module-facts.ts';

/** Must be answered, save by a module that knows them not: it says so. */
const NEEDED = ['SH', 'SL', 'HV', 'VR', 'NP'] as const;
/** Asked, and not waited for. */
const WELCOME = ['AP'] as const;
/** How long an answer may take, in milliseconds, and how often is asked before the module is taken for silent. */
const ANSWER_TIME = 500;
const ROUNDS = 3;
/** Pause before a silent module is asked again, in milliseconds. */
const SILENT_PAUSE = 3_000;

export interface ModuleQueryOptions {
  readonly ask: (command: string) => void;
  /** Every answer is there, or the module gives no more of them. */
  readonly done: (facts: ModuleFacts) => void;
  /** The module answers nothing at all. It is asked again and again all the same. */
  readonly silent: () => void;
}

export class ModuleQuery {
  readonly #options: ModuleQueryOptions;
  /** Value of each answered command; undefined: the module does not know it. */
  readonly #answers = new Map<string, Uint8Array | undefined>();
  #round = 0;
  #running = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ModuleQueryOptions) {
    this.#options = options;
  }

  /** Asks everything anew. */
  start(): void {
    this.stop();
    this.#answers.clear();
    this.#running = true;
    this.#round = 0;
    this.#ask();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** `status` 0: `value` is what was asked for. */
  answered(command: string, status: number, value: Uint8Array): void {
    if (!this.#running) {
      return;
    }
    this.#answers.set(command, status === 0 ? value : undefined);
    if (NEEDED.every((needed) => this.#answers.has(needed))) {
      this.#finish();
    }
  }

  #ask(): void {
    const commands = [...(this.#round === 0 ? WELCOME : []), ...NEEDED];
    for (const command of commands) {
      if (this.#running && !this.#answers.has(command)) {
        this.#options.ask(command);
      }
    }
    if (!this.#running) {
      return; // every answer is there already
    }
    this.#timer = setTimeout(() => this.#late(), ANSWER_TIME);
  }

  #late(): void {
    this.#round++;
    if (this.#round < ROUNDS) {
      this.#ask();
    } else if (this.#answers.size > 0) {
      this.#finish();
    } else {
      this.#round = 0;
      this.#timer = setTimeout(() => this.#ask(), SILENT_PAUSE);
      this.#options.silent();
    }
  }

  #finish(): void {
    this.stop();
    this.#options.done(this.facts);
  }

  /** What is known so far. */
  get facts(): ModuleFacts {
    return moduleFacts(this.#answers);
  }
}
