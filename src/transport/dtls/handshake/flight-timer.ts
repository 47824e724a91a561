/** First and longest wait for an answer, in milliseconds (RFC 6347 4.2.4.1). */
const FIRST = 1_000;
const LONGEST = 60_000;

/** When a flight is sent again (RFC 6347 4.2.4): each time the wait is twice as long. */
export class FlightTimer {
  #wait = FIRST;
  /** Milliseconds; undefined: nothing waits. */
  #deadline: number | undefined;

  get deadline(): number | undefined {
    return this.#deadline;
  }

  /** A flight has been sent at `now`, for the first time. */
  start(now: number): void {
    this.#wait = FIRST;
    this.#deadline = now + FIRST;
  }

  /** It is sent again at `now`. */
  again(now: number): void {
    this.#wait = Math.min(this.#wait * 2, LONGEST);
    this.#deadline = now + this.#wait;
  }

  stop(): void {
    this.#deadline = undefined;
  }
}
