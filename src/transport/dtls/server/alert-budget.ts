/** Alerts that are given to nobody in particular, in a second. */
const PER_SECOND = 10;

/** How many records that belong to nobody are answered: nothing that is sent without a proof may become a flood. */
export class AlertBudget {
  #left = PER_SECOND;
  #since = Number.NEGATIVE_INFINITY;

  /** Whether one more may be sent at `now`, in milliseconds; then it counts. */
  take(now: number): boolean {
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#left = PER_SECOND;
    }
    if (this.#left === 0) {
      return false;
    }
    this.#left -= 1;
    return true;
  }
}
