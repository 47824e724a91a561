/** What the hub has said to sessions, and they have not heard yet, in order. */

import type { HubInput } from '../contract/input.ts';

export class Said {
  #inputs: HubInput[] = [];
  #next = 0;
  #heldBack: readonly HubInput[] | undefined;

  /** Since `holdBack`, until `letGo`. */
  get isHeldBack(): boolean {
    return this.#heldBack !== undefined;
  }

  add(input: HubInput): void {
    this.#inputs.push(input);
  }

  /** The next one, which is taken away; undefined: there is none. */
  take(): HubInput | undefined {
    const next = this.#inputs[this.#next++];
    if (next === undefined) {
      this.#inputs = [];
      this.#next = 0;
    }
    return next;
  }

  /** What was said so far waits until `letGo`: sessions are not back yet. */
  holdBack(): void {
    this.#heldBack = this.#inputs.slice(this.#next);
    this.#inputs = [];
    this.#next = 0;
  }

  /** It is heard, behind what was said since. */
  letGo(): void {
    for (const input of this.#heldBack ?? []) {
      this.add(input); // one for each client, perhaps: too many to be arguments of one call
    }
    this.#heldBack = undefined;
  }
}
