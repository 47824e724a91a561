/** How soon something is to be told. `urgent`: before everything else. `change`: has just changed. `again`: has been told before, to somebody else. */
export type Urgency = 'urgent' | 'change' | 'again';

/** So many changes for one that is told again, while both wait: neither keeps the other from being told. */
const CHANGES_FOR_ONE = 3;

/**
 * What is to be told, by name, each once: what it is like is looked up when its turn comes, so that the newest wins and nothing is lost. It has as many
 * entries as there are different things to tell.
 */
export class ToTell {
  readonly #waiting: Readonly<Record<Urgency, Set<string>>> = {
    urgent: new Set(),
    change: new Set(),
    again: new Set(),
  };
  #changesInARow = 0;

  get size(): number {
    const { urgent, change, again } = this.#waiting;
    return urgent.size + change.size + again.size;
  }

  /** At the end of its queue; what waits already stays where it is, or comes into the faster queue. */
  add(key: string, urgency: Urgency): void {
    const { urgent, change, again } = this.#waiting;
    if (urgency === 'again' && (change.has(key) || urgent.has(key))) {
      return;
    }
    if (urgency === 'change') {
      if (urgent.has(key)) {
        return;
      }
      again.delete(key);
    } else if (urgency === 'urgent') {
      change.delete(key);
      again.delete(key);
    }
    this.#waiting[urgency].add(key);
  }

  delete(key: string): void {
    for (const waiting of Object.values(this.#waiting)) {
      waiting.delete(key);
    }
  }

  clear(): void {
    for (const waiting of Object.values(this.#waiting)) {
      waiting.clear();
    }
  }

  /** Takes the next one out; undefined: nothing waits. */
  next(): string | undefined {
    const { urgent, change, again } = this.#waiting;
    const turnOfAgain = again.size > 0 && (change.size === 0 || this.#changesInARow >= CHANGES_FOR_ONE);
    const queue = urgent.size > 0 ? urgent : turnOfAgain ? again : change;
    for (const key of queue) {
      queue.delete(key);
      this.#changesInARow = queue === change ? this.#changesInARow + 1 : 0;
      return key;
    }
    return undefined;
  }
}
