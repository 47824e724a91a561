import type { Link, Note, Observer, SeenMessage } from '../ports/observer.ts';

/**
 * Several observers as one; they may come and go at any time, also from inside a note. An observer that throws costs itself that one note
 * or frame and nobody else anything: all, itself included, are told of it by `observer-failed`.
 */
export class FanOut implements Observer {
  /** Never changed, only replaced, so that whoever goes through it has it whole. */
  #observers: readonly Observer[] = [];
  /** Those of them that are told what comes with every message, and those that may want frames: of the others a message knows nothing. */
  #ofMessages: readonly Observer[] = [];
  #ofFrames: readonly Observer[] = [];
  /** All are being told that one has thrown: what is thrown at that is lost. */
  #tellingOfFailure = false;

  constructor(...observers: readonly Observer[]) {
    this.#are([...new Set(observers)]);
  }

  /** From the next note and frame on. One that is there already stays there once. */
  add(observer: Observer): void {
    if (!this.#observers.includes(observer)) {
      this.#are([...this.#observers, observer]);
    }
  }

  /** From now on: it is told nothing more, not even the rest of what is being told. Harmless where it is not there. */
  remove(observer: Observer): void {
    this.#are(this.#observers.filter((other) => other !== observer));
  }

  /** Asked each time, for an observer may change its mind (a log its level). */
  get wantsFrames(): boolean {
    for (const observer of this.#ofFrames) {
      try {
        if (observer.wantsFrames) {
          return true;
        }
      } catch (error) {
        this.#failed(error);
      }
    }
    return false;
  }

  /** Whether anybody watches application messages. */
  get wantsMessages(): boolean {
    return this.#observers.some((observer) => observer.message !== undefined);
  }

  message(message: SeenMessage): void {
    const observers = this.#observers;
    for (const observer of observers) {
      if (this.#isStillThere(observer, observers)) {
        try {
          observer.message?.(message);
        } catch (error) {
          this.#failed(error);
        }
      }
    }
  }

  note(note: Note): void {
    if (note.type === 'client-published' || note.type === 'delivered') {
      this.#noteOfMessage(note);
      return;
    }
    const observers = this.#observers;
    for (const observer of observers) {
      if (this.#isStillThere(observer, observers)) {
        try {
          observer.note(note);
        } catch (error) {
          this.#failed(error);
        }
      }
    }
  }

  frame(direction: 'received' | 'sent' | 'broadcast', link: Link, frame: Uint8Array): void {
    const observers = this.#observers;
    for (const observer of this.#ofFrames) {
      if (this.#isStillThere(observer, observers)) {
        try {
          if (observer.wantsFrames) {
            observer.frame?.(direction, link, frame);
          }
        } catch (error) {
          this.#failed(error);
        }
      }
    }
  }

  #are(observers: readonly Observer[]): void {
    this.#observers = observers;
    this.#ofMessages = observers.filter(({ skipsMessages }) => skipsMessages !== true);
    this.#ofFrames = observers.filter((observer) => observer.frame !== undefined);
  }

  /** A loop of its own: those who are left are of a few kinds only, which is what the optimizer wants of a call that is made for every message. */
  #noteOfMessage(note: Note): void {
    const observers = this.#observers;
    for (const observer of this.#ofMessages) {
      if (this.#isStillThere(observer, observers)) {
        try {
          observer.note(note);
        } catch (error) {
          this.#failed(error);
        }
      }
    }
  }

  /** Looks through the list only where it has changed since `before`. */
  #isStillThere(observer: Observer, before: readonly Observer[]): boolean {
    return this.#observers === before || this.#observers.includes(observer);
  }

  #failed(error: unknown): void {
    if (this.#tellingOfFailure) {
      return;
    }
    this.#tellingOfFailure = true;
    const reason = error instanceof Error ? (error.stack ?? error.message) : 'what it threw is no Error';
    this.note({ type: 'observer-failed', reason });
    this.#tellingOfFailure = false;
  }
}
