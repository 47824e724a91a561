import type { Millis } from '../ports/clock.ts';
import type { StatusMessage } from './link-user.ts';
import { RateWindow } from './rate-window.ts';
import type { StatusLink } from './status-link.ts';
import type { ToTell } from './to-tell.ts';

/** Messages of all kinds in any second. */
const MOST_A_SECOND = 100;

/** Where a speaker has from what it says. */
export interface SpeakerParts {
  readonly link: StatusLink;
  readonly toTell: ToTell;
  /** The answer to a request that is next, with how to take it away; undefined: there is none. */
  readonly answer: () => StatusMessage | undefined;
  readonly takeAnswer: () => void;
  /** What a name in the list says now; undefined: nothing any more. */
  readonly messageFor: (key: string, now: Millis) => StatusMessage | undefined;
  /** Everything has been said; it may have more to say then. */
  readonly allTold: (now: Millis) => void;
}

/** Says what there is to say as fast as it may: subscriptions, each alone; answers; then what is in the list. */
export class Speaker {
  readonly #parts: SpeakerParts;
  readonly #rate = new RateWindow(MOST_A_SECOND, 1_000);
  #filters: string[] = [];
  /** False: only subscriptions are made. */
  isOpen = false;

  constructor(parts: SpeakerParts) {
    this.#parts = parts;
  }

  /** These filters are subscribed to next, one after the other; no others any more. */
  subscribe(filters: readonly string[]): void {
    this.#filters = [...filters];
  }

  /** This filter as well. */
  addFilter(filter: string): void {
    this.#filters.push(filter);
  }

  /** Filters that are still to be subscribed to. */
  get filtersLeft(): number {
    return this.#filters.length;
  }

  /** When `say` is to be called; undefined: there is nothing to say, or an answer of the broker is waited for. */
  get deadline(): Millis | undefined {
    const { link, toTell, answer } = this.#parts;
    const { freeAt } = this.#rate;
    const waits = this.isOpen && (toTell.size > 0 || answer() !== undefined);
    return waits && this.#filters.length === 0 && link.mayPublish(false, freeAt) ? freeAt : undefined;
  }

  /** Says what may be said by now. */
  say(now: Millis): void {
    let wasAllTold = false;
    for (;;) {
      if (this.#filters.length > 0) {
        this.#subscribeNext(now);
        return;
      }
      if (!this.isOpen || this.#rate.freeAt > now || !this.#parts.link.mayPublish(false, now)) {
        return;
      }
      const answer = this.#parts.answer();
      if (answer !== undefined) {
        if (!this.#parts.link.mayPublish(answer.alone === true, now)) {
          return;
        }
        this.#parts.takeAnswer();
        this.#publish(answer, now);
        continue;
      }
      const key = this.#parts.toTell.next();
      if (key !== undefined) {
        const message = this.#parts.messageFor(key, now);
        if (message !== undefined) {
          this.#publish(message, now);
        }
      } else if (wasAllTold) {
        return;
      } else {
        wasAllTold = true;
        this.#parts.allTold(now);
      }
    }
  }

  #subscribeNext(now: Millis): void {
    const [filter] = this.#filters;
    if (filter !== undefined && this.#parts.link.mayPublish(true, now)) {
      this.#filters.shift();
      this.#parts.link.subscribe(filter, now);
    }
  }

  #publish(message: StatusMessage, now: Millis): void {
    this.#rate.take(now);
    this.#parts.link.publish(message, now);
  }
}
