import { DEADLINE } from './deadline.ts';

/** Real time, also where a test has the clock in its own hands: taken before any test could put another one in its place. */
const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

/** How often a condition is looked at, in milliseconds. */
const INTERVAL = 5;

/**
 * Waits until `condition` gives something true and returns that. Fails after `deadline` ms, saying what was awaited;
 * an error that the condition throws counts as "not yet" and is told as the cause at the end.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadline: number = DEADLINE,
): Promise<Exclude<T, false | undefined | null | 0 | ''>> {
  const end = now() + deadline;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) {
        return value as Exclude<T, false | undefined | null | 0 | ''>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (now() >= end) {
      throw new Error(`waited ${deadline} ms in vain for ${what}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}

/** The outcome of `promise`, or an error after `deadline` ms that says what was awaited. */
export async function within<T>(what: string, promise: Promise<T>, deadline: number = DEADLINE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadline} ms in vain for ${what}`)), deadline);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A list to which events add and for which tests wait: no polling, nothing lost between two waits.
 * `what` names the elements in the error of a wait that came to nothing.
 */
export class Collected<T> {
  readonly items: T[] = [];
  readonly #what: string;
  readonly #waiting = new Set<() => void>();

  constructor(what: string) {
    this.#what = what;
  }

  add(item: T): void {
    this.items.push(item);
    for (const look of [...this.#waiting]) {
      look();
    }
  }

  /** The n-th element, counted from 1, as soon as it is there. */
  nth(n: number, deadline?: number): Promise<T> {
    return this.#wait(`${n} × ${this.#what}`, () => this.items[n - 1], deadline);
  }

  /** The first element that fulfils `condition`, whether it is there already or comes later. */
  find<S extends T>(what: string, condition: (item: T) => item is S, deadline?: number): Promise<S>;
  find(what: string, condition: (item: T) => boolean, deadline?: number): Promise<T>;
  find(what: string, condition: (item: T) => boolean, deadline?: number): Promise<T> {
    return this.#wait(`${what} among ${this.#what}`, () => this.items.find(condition), deadline);
  }

  async #wait(what: string, look: () => T | undefined, deadline = DEADLINE): Promise<T> {
    const present = look();
    if (present !== undefined) {
      return present;
    }
    let check: (() => void) | undefined;
    const arrival = new Promise<T>((resolve) => {
      check = () => {
        const item = look();
        if (item !== undefined) {
          resolve(item);
        }
      };
      this.#waiting.add(check);
    });
    try {
      return await within(`${what} (${this.items.length} so far)`, arrival, deadline);
    } finally {
      if (check !== undefined) {
        this.#waiting.delete(check);
      }
    }
  }
}
