import { createWriteStream, type WriteStream } from 'node:fs';

/** What happened in a run, line by line, in a file; without one nothing is kept. */
export class Journal {
  readonly on: boolean;
  readonly #file: WriteStream | undefined;

  constructor(path: string | undefined) {
    this.on = path !== undefined && path !== '';
    this.#file = this.on ? createWriteStream(path as string) : undefined;
  }

  /** `line` is asked for only where there is a file. */
  add(who: string, line: () => string): void {
    this.#file?.write(`${new Date().toISOString()} ${who}: ${line()}\n`);
  }

  async close(): Promise<void> {
    const file = this.#file;
    if (file !== undefined) {
      await new Promise<void>((resolve) => file.end(() => resolve()));
    }
  }
}
