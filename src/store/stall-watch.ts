/** Looks whether something that is begun again and again ends in time. To begin costs next to nothing. */
export class StallWatch {
  readonly #after: number;
  readonly #changed: (seconds: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #since: number | undefined;
  isStalled = false;

  /** `after`: milliseconds; `changed`: `isStalled` is another one, and for so many seconds it has lasted. */
  constructor(after: number, changed: (seconds: number) => void) {
    this.#after = after;
    this.#changed = changed;
  }

  begin(): void {
    this.#since = performance.now();
    this.#timer ??= setTimeout(() => this.#look(), this.#after).unref();
    this.#timer.refresh();
  }

  end(): void {
    const seconds = this.#seconds;
    this.#since = undefined;
    if (this.isStalled) {
      this.isStalled = false;
      this.#changed(seconds);
    }
  }

  /** For good. */
  stop(): void {
    this.end();
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#since !== undefined && !this.isStalled) {
      this.isStalled = true;
      this.#changed(this.#seconds);
    }
  }

  get #seconds(): number {
    return this.#since === undefined ? 0 : Math.round((performance.now() - this.#since) / 1000);
  }
}
