import type { Note } from '../../ports/observer.ts';

/** Nodes of which the signal is remembered; the one goes first of which nothing came for longest. */
const MOST = 10_000;

/** How strong the last frame of each radio node was. */
export class RadioSignals {
  /** By link, in dBm. */
  readonly #rssi = new Map<string, number>();

  note(note: Note): void {
    if (note.type !== 'radio-signal' || note.rssi === undefined) {
      return;
    }
    this.#rssi.delete(note.link);
    this.#rssi.set(note.link, note.rssi);
    const [oldest] = this.#rssi.size > MOST ? this.#rssi.keys() : [];
    if (oldest !== undefined) {
      this.#rssi.delete(oldest);
    }
  }

  /** Of the last hop, in dBm; undefined: the radio did not tell. A node behind a forwarder has none of its own. */
  of(link: string): number | undefined {
    return this.#rssi.get(link);
  }
}
