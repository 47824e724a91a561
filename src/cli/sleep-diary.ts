/** What a sleeper hears and says each time it is awake, in its order (§6.14): for the people who watch `sub --sleep`. */
import { describeFrame } from '../codec/describe.ts';

/** Lines about one awake period after the other. */
export class SleepDiary {
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  #cycle = 0;
  #since: number | undefined;
  #messages = 0;

  /** `now`: milliseconds. */
  constructor(say: (line: string) => void, now: () => number) {
    this.#say = say;
    this.#now = now;
  }

  /** `seconds`: what the gateway is told. */
  asleep(seconds: number): void {
    this.#say(`asleep for ${seconds} s`);
  }

  waking(): void {
    this.#cycle += 1;
    this.#messages = 0;
    this.#since = this.#now();
  }

  /** A frame that went over the air; nothing is said of it while the client is not awake. */
  frame(direction: 'sent' | 'received', frame: Uint8Array): void {
    if (this.#since !== undefined) {
      this.#say(
        `awake ${this.#cycle}, ${this.#elapsed(this.#since)} ms: ${direction === 'sent' ? '>' : '<'} ${describeFrame(frame)}`,
      );
    }
  }

  /** A message was delivered. */
  message(): void {
    this.#messages += 1;
  }

  /** The awake period is over. `answered`: with PINGRESP. */
  slept(answered: boolean): void {
    const messages = this.#messages === 1 ? '1 message' : `${this.#messages} messages`;
    this.#say(
      `awake ${this.#cycle}: ${messages}, ${answered ? 'PINGRESP' : 'and no PINGRESP'} after ${this.#elapsed(this.#since ?? this.#now())} ms`,
    );
    this.#since = undefined;
  }

  #elapsed(since: number): number {
    return Math.round(this.#now() - since);
  }
}
