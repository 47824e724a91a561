/** The last values of many: the oldest goes when one more comes. */
export class Ring<T> {
  readonly #size: number;
  readonly #values: T[] = [];
  #next = 0;

  /** `size`: how many are kept. */
  constructor(size: number) {
    this.#size = size;
  }

  add(value: T): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#size;
  }

  /** The oldest first. */
  values(): T[] {
    return this.#values.length < this.#size
      ? [...this.#values]
      : [...this.#values.slice(this.#next), ...this.#values.slice(0, this.#next)];
  }
}
