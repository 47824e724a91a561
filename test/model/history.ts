/** What one client did and got, to be told where something is wrong. */

/** So many of the last lines are told. */
const TOLD = 400;

export class History {
  readonly #begun: number;
  readonly #lines: string[] = [];

  /** `begun`: milliseconds of `performance.now()`. */
  constructor(begun: number) {
    this.#begun = begun;
  }

  add(line: string): void {
    this.#lines.push(`${((performance.now() - this.#begun) / 1000).toFixed(3).padStart(9)} ${line}`);
  }

  get text(): string {
    return this.#lines.slice(-TOLD).join('\n');
  }
}
