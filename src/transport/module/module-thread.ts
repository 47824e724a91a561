/** The thread of a module, as the gateway sees it: started, asked whether it is alive, ended. What happens inside ends nothing else. */
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { heardMessage } from './heard-message.ts';
import { moduleError, moduleWords } from './module-error.ts';
import { showOutput } from './module-output.ts';
import type { FromModule, ModuleAnswer, ModuleStart, ToModule } from './thread-messages.ts';
import { TAKEN_AT_ONCE } from './thread-messages.ts';

/** Mebibytes of memory that a module may have: a leak is its own end. */
const MEMORY = 128;
/** Where V8 ends it: so much higher that the thread itself is first, unless it never leaves a loop. */
const HEAP = 2 * MEMORY;
/** So many questions may be without an answer. */
const MOST_UNANSWERED = 3;
/** How long it may take to close, in milliseconds. */
const CLOSE_LIMIT = 1_500;

export interface ModuleThreadOptions {
  readonly start: Omit<ModuleStart, 'memory'>;
  /** Where the program of the thread is; beside this one, as it is built. */
  readonly worker?: URL;
  /** How often it is asked whether it is alive, in milliseconds. */
  readonly ask: number;
  readonly told: (message: FromModule | ModuleAnswer) => void;
  /** It is over without our doing; told once. */
  readonly ended: (code: string, reason: string) => void;
}

export class ModuleThread {
  readonly #options: ModuleThreadOptions;
  readonly #worker: Worker;
  /** From when it is open on: before that it has its time to open. */
  #watch: NodeJS.Timeout | undefined;
  #untold = 0;
  #unanswered = 0;
  #isOver = false;
  /** Why it is over, where it has said so before it is. */
  #cause: { readonly code: string; readonly reason: string } | undefined;
  #closed: (() => void) | undefined;

  constructor(options: ModuleThreadOptions) {
    const { start, worker = new URL('./module-worker.js', import.meta.url) } = options;
    this.#options = options;
    this.#worker = new Worker(worker, {
      workerData: { ...start, memory: MEMORY } satisfies ModuleStart,
      name: start.name,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP },
    });
    showOutput(this.#worker.stdout, this.#worker.stderr);
    this.#worker.on('message', (heard: unknown) => this.#heard(heard));
    this.#worker.on('messageerror', (error) => this.#over({ code: 'EMESSAGE', reason: error.message }));
    this.#worker.on('error', (error: unknown) => {
      this.#cause = moduleError(error, dirname(start.module));
    });
    this.#worker.on('exit', (code) => {
      this.#over(this.#cause ?? { code: 'EEXIT', reason: `the module has ended its thread with code ${code}` });
    });
  }

  tell(message: ToModule): void {
    if (!this.#isOver) {
      this.#worker.postMessage(message);
    }
  }

  /** Ends it at once, whatever it does. Nothing is told after that. */
  async kill(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#watch);
    await this.#worker.terminate();
  }

  /** Lets it free its medium, and ends it. Nothing but what was on its way is told after that. */
  async close(): Promise<void> {
    if (!this.#isOver) {
      const closed = new Promise<void>((resolve) => {
        this.#closed = resolve;
      });
      this.tell({ type: 'close' });
      let limit: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        limit = setTimeout(resolve, CLOSE_LIMIT);
      });
      await Promise.race([closed, late]);
      clearTimeout(limit);
    }
    await this.kill();
  }

  #heard(heard: unknown): void {
    if (this.#isOver) {
      return;
    }
    const message = heardMessage(heard);
    if (message === undefined) {
      const reason = 'it has posted something of its own to the gateway (parentPort), which is dropped';
      this.#options.told({ type: 'problem', code: 'EMESSAGE', reason });
      return;
    }
    switch (message.type) {
      case 'pong':
        this.#unanswered = 0;
        return;
      case 'closed':
        this.#closed?.();
        return;
      case 'opened':
        this.#watch = setInterval(() => this.#ask(), this.#options.ask).unref();
        break;
      case 'received':
      case 'signal':
      case 'discarded':
      case 'problem':
        if (++this.#untold === TAKEN_AT_ONCE) {
          this.tell({ type: 'taken', count: this.#untold });
          this.#untold = 0;
        }
    }
    this.#options.told(message);
  }

  #ask(): void {
    if (this.#unanswered >= MOST_UNANSWERED) {
      const reason = `it has not answered for ${(MOST_UNANSWERED * this.#options.ask) / 1000} s: is there a loop without an end?`;
      this.#over({ code: 'EHANG', reason });
      return;
    }
    this.#unanswered++;
    this.tell({ type: 'ping' });
  }

  #over({ code, reason }: { readonly code: string; readonly reason: string }): void {
    this.#closed?.();
    if (!this.#isOver) {
      void this.kill();
      this.#options.ended(code, moduleWords(reason));
    }
  }
}
