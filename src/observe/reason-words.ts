/** Different reasons that are told apart: there are some thirty. */
const MAX_REASONS = 60;
/** Different texts whose reason is known: sizes and return codes make more of them. */
const MAX_TEXTS = 1_000;
const OTHER = 'other';

/** Reasons as the log says them, without what differs from one to the next, so that there is a bounded number of them. */
export class ReasonWords {
  readonly #reasons = new Set<string>();
  readonly #reasonOf = new Map<string, string>();
  readonly #changing: RegExp;

  /** `changing`: numbers of which there may be any; they are `N`. */
  constructor(changing: RegExp) {
    this.#changing = changing;
  }

  /** What stands in brackets or behind a colon is left out. */
  of(text: string): string {
    const known = this.#reasonOf.get(text);
    if (known !== undefined) {
      return known;
    }
    const whole = text.replace(/\s*[:(].*$/su, '').replaceAll(this.#changing, 'N');
    const reason = this.#reasons.size < MAX_REASONS || this.#reasons.has(whole) ? whole : OTHER;
    this.#reasons.add(reason);
    if (this.#reasonOf.size < MAX_TEXTS) {
      this.#reasonOf.set(text, reason);
    }
    return reason;
  }
}
