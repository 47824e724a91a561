/** What keeps a context, and can make it anew. */
export interface ContextOwner {
  /** It has needed its context since it was asked last. */
  isInUse: boolean;
  /** Lets go of its context. */
  letGo(): void;
}

/**
 * Which contexts are kept: so many at most, those that were needed last, nearly. Each takes some kilobytes, and most associations sleep. Whoever has needed
 * its own since it was asked last is passed over once.
 */
export class KeptContexts {
  readonly #most: number;
  /** An owner whose association has ended is not held by this. */
  readonly #owners: WeakRef<ContextOwner>[] = [];
  #at = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** `owner` has made its context: another one goes where there are too many. */
  made(owner: ContextOwner): void {
    if (this.#owners.length < this.#most) {
      this.#owners.push(new WeakRef(owner));
      return;
    }
    for (let asked = 0; asked < this.#most && this.#isInUse(); asked++) {
      this.#at = (this.#at + 1) % this.#most;
    }
    this.#owners[this.#at]?.deref()?.letGo();
    this.#owners[this.#at] = new WeakRef(owner);
    this.#at = (this.#at + 1) % this.#most;
  }

  /** Asks the one whose turn it is. */
  #isInUse(): boolean {
    const owner = this.#owners[this.#at]?.deref();
    const isInUse = owner?.isInUse === true;
    if (owner !== undefined) {
      owner.isInUse = false;
    }
    return isInUse;
  }
}
