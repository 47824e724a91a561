import type { DiscardReason, Finding, Framing } from './framing.ts';

/**
 * Size in octets (1 or more) of the message that begins at `at`, by its own Length; it may be more than what is there.
 * `more`: it takes more octets to tell. `never`: no message begins like that.
 */
export type Measure = (octets: Uint8Array, at: number) => number | 'more' | 'never';

/** Whether the message at `at`, whose size is known, may in truth be longer than that. */
export type Doubt = (octets: Uint8Array, at: number) => boolean;

export interface LengthFramingOptions {
  /** Octets of the largest frame. */
  readonly maxFrame: number;
  readonly measure: Measure;
  readonly isDoubtful: Doubt;
}

/** So many whole messages, each directly behind the other, are no coincidence: where they end, another one begins. */
const RUN = 3;

/**
 * Nothing but the messages is on the line, each directly behind the other; their own Length tells where they end.
 *
 * While the beginnings are known, a message is what stands at the front. Where none can stand there, octets were lost, and any octet
 * may be one of a payload: then nothing is believed until a run of three messages shows where the next one begins. The run itself is thrown
 * away, for its first messages may have stood at the end of a payload. A gap on the line ends all doubt.
 *
 * A message whose own Length is doubtful is believed when a whole message follows it, or a gap. Where neither comes it was longer, and is
 * thrown away: what was cut must not be answered as if it were whole (T-41).
 */
export class LengthFraming implements Framing {
  readonly #maxFrame: number;
  readonly #measure: Measure;
  readonly #isDoubtful: Doubt;
  /** Less than `RUN` frames are ever held; the room for one more keeps them from being moved for each octet that comes. */
  readonly #buffer: Uint8Array;
  /** What is held: `#buffer[#start..#end)`. */
  #start = 0;
  #end = 0;
  /** Why it is not known where messages begin; undefined: it is known. */
  #lost: DiscardReason | undefined;
  /** Octets thrown away since then that no finding has told. */
  #discarded = 0;

  constructor({ maxFrame, measure, isDoubtful }: LengthFramingOptions) {
    this.#maxFrame = maxFrame;
    this.#measure = measure;
    this.#isDoubtful = isDoubtful;
    this.#buffer = new Uint8Array((RUN + 1) * maxFrame);
  }

  get unfinished(): boolean {
    return this.#end > this.#start || this.#lost !== undefined;
  }

  encode(frame: Uint8Array): Uint8Array {
    return frame;
  }

  receive(octets: Uint8Array): readonly Finding[] {
    const findings: Finding[] = [];
    for (let at = 0; at < octets.length; ) {
      at += this.#hold(octets.subarray(at));
      this.#search(findings);
    }
    return findings;
  }

  gap(): readonly Finding[] {
    const findings: Finding[] = [];
    this.#tellDiscarded(findings);
    const held = this.#end - this.#start;
    if (
      this.#lost === undefined &&
      held > 0 &&
      this.#sizeOf(this.#buffer.subarray(0, this.#end), this.#start) === held
    ) {
      this.#take(held, findings); // it was doubtful whether it ends here
    } else if (held > 0) {
      findings.push({ type: 'discarded', octets: held, reason: 'incomplete' });
    }
    this.#start = 0;
    this.#end = 0;
    this.#lost = undefined;
    return findings;
  }

  /** Takes as many octets as there is room for, and says how many. */
  #hold(octets: Uint8Array): number {
    if (octets.length > this.#buffer.length - this.#end) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const taken = octets.subarray(0, this.#buffer.length - this.#end);
    this.#buffer.set(taken, this.#end);
    this.#end += taken.length;
    return taken.length;
  }

  /** Takes out all that can be decided. What is left begins where the search goes on, so nothing is searched twice. */
  #search(findings: Finding[]): void {
    const held = this.#buffer.subarray(0, this.#end);
    while (this.#start < this.#end) {
      const sizes = this.#run(held, this.#lost === undefined ? 1 : RUN);
      if (sizes === 'more') {
        return;
      }
      if (typeof sizes === 'string') {
        this.#skip(sizes, findings);
      } else if (this.#lost !== undefined) {
        this.#resume(sizes, findings);
      } else if (!this.#decide(held, sizes[0] as number, findings)) {
        return;
      }
    }
  }

  /** A message of `size` octets is at the front; false where it is still doubtful whether it ends there. */
  #decide(held: Uint8Array, size: number, findings: Finding[]): boolean {
    const next = this.#isDoubtful(held, this.#start) ? this.#sizeOf(held, this.#start + size) : size;
    if (next === 'more') {
      return false;
    }
    if (typeof next === 'number') {
      this.#take(size, findings);
    } else {
      this.#lost = next;
      this.#start += size;
      this.#discarded += size;
    }
    return true;
  }

  /** Sizes of `count` whole messages, the first at the front; `more` while they may still come; else why they can't. */
  #run(held: Uint8Array, count: number): number[] | 'more' | DiscardReason {
    const sizes: number[] = [];
    for (let at = this.#start; sizes.length < count; ) {
      const size = this.#sizeOf(held, at);
      if (typeof size === 'string') {
        return size;
      }
      sizes.push(size);
      at += size;
    }
    return sizes;
  }

  #sizeOf(held: Uint8Array, at: number): number | 'more' | DiscardReason {
    const came = held.length - at;
    // Seen are no more octets than a frame may have, so that the answer is the same in whatever pieces they come.
    const seen = came > this.#maxFrame ? held.subarray(0, at + this.#maxFrame) : held;
    const size = came === 0 ? 'more' : this.#measure(seen, at);
    if (size === 'never') {
      return 'noise';
    }
    if (size === 'more') {
      return came < this.#maxFrame ? 'more' : 'tooLong';
    }
    if (size > this.#maxFrame) {
      return 'tooLong';
    }
    return size <= came ? size : 'more';
  }

  #take(size: number, findings: Finding[]): void {
    const end = this.#start + size;
    findings.push({ type: 'frame', frame: this.#buffer.slice(this.#start, end) });
    this.#start = end;
  }

  /** Behind this run it is known again where messages begin. */
  #resume(run: readonly number[], findings: Finding[]): void {
    const octets = run.reduce((sum, size) => sum + size, 0);
    this.#start += octets;
    this.#discarded += octets;
    this.#tellDiscarded(findings);
    this.#lost = undefined;
  }

  /** No message begins at the front. What is discarded from here on has the reason for which the first octet was. */
  #skip(reason: DiscardReason, findings: Finding[]): void {
    this.#lost ??= reason;
    this.#start++;
    this.#discarded++;
    if (this.#discarded >= this.#maxFrame) {
      this.#tellDiscarded(findings); // a line that never falls silent is heard of too
    }
  }

  #tellDiscarded(findings: Finding[]): void {
    if (this.#lost !== undefined && this.#discarded > 0) {
      findings.push({ type: 'discarded', octets: this.#discarded, reason: this.#lost });
    }
    this.#discarded = 0;
  }
}
