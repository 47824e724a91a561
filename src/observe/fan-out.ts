import type { Note, Observer } from '../ports/observer.ts';

/** Several observers as one. Frames go only to those that want them. */
export class FanOut implements Observer {
  readonly #observers: readonly Observer[];

  constructor(...observers: readonly Observer[]) {
    this.#observers = observers;
  }

  get wantsFrames(): boolean {
    return this.#observers.some((observer) => observer.wantsFrames);
  }

  note(note: Note): void {
    for (const observer of this.#observers) {
      observer.note(note);
    }
  }

  frame(direction: 'received' | 'sent' | 'broadcast', link: string, frame: Uint8Array): void {
    for (const observer of this.#observers) {
      if (observer.wantsFrames) {
        observer.frame(direction, link, frame);
      }
    }
  }
}
