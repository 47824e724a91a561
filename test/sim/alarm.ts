/** The one thing that somebody does by the clock: a later one takes the place of an earlier one. */
import type { Entry, Timeline } from './timeline.ts';

export class Alarm {
  readonly #timeline: Timeline;
  #entry: Entry | undefined;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  after(delay: number, run: () => void): void {
    this.cancel();
    this.#entry = this.#timeline.after(delay, run);
  }

  cancel(): void {
    this.#timeline.cancel(this.#entry);
  }
}
