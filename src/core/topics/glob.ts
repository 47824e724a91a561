/** Client id patterns, as settings have them. */

/** One or any number of characters; anything else is itself. */
const ONE = Symbol('?');
const ANY = Symbol('*');
type Wanted = string | typeof ONE | typeof ANY;

/** In a pattern: stands for the identity. */
const IDENTITY = '%i';

/** A pattern, read once. */
export class Glob {
  readonly #want: readonly Wanted[];
  /** All of the text, where nothing stands for something else. */
  readonly #literal: string | undefined;
  /** Before the first character that stands for others, and behind the last one: most texts fail there, of thousands of rules too. */
  readonly #beginning: string;
  readonly #end: string;

  /** `identity`: what `%i` stands for, to the letter; undefined: `%i` is itself. */
  constructor(pattern: string, identity?: string) {
    this.#want = identity === undefined ? wantedOf(pattern) : withIdentity(pattern, identity);
    this.#literal = this.#want.every((one) => typeof one === 'string') ? this.#want.join('') : undefined;
    this.#beginning = this.#want.slice(0, this.#want.findIndex(isOpen)).join('');
    this.#end = this.#want.slice(this.#want.findLastIndex(isOpen) + 1).join('');
  }

  /** Whether all of the text is what the pattern says. */
  matches(text: string): boolean {
    if (this.#literal !== undefined) {
      return this.#literal === text;
    }
    return text.startsWith(this.#beginning) && text.endsWith(this.#end) && matches(this.#want, Array.from(text));
  }
}

function isOpen(wanted: Wanted): boolean {
  return typeof wanted !== 'string';
}

function wantedOf(pattern: string): Wanted[] {
  return Array.from(pattern, (character) => (character === '*' ? ANY : character === '?' ? ONE : character));
}

function withIdentity(pattern: string, identity: string): Wanted[] {
  return pattern.split(IDENTITY).flatMap((part, at) => [...(at === 0 ? [] : Array.from(identity)), ...wantedOf(part)]);
}

/**
 * Whether all of the text is what the pattern says: `*` any number of characters, `?` exactly one, everything else itself; a character is a code
 * point. What a `*` takes is looked for once: behind the next `*` nothing before it is tried again. So the time is linear in the text, and grows
 * no more than with both lengths multiplied.
 */
export function matchesGlob(glob: string, text: string): boolean {
  return glob === text || matches(wantedOf(glob), Array.from(text));
}

function matches(want: readonly Wanted[], have: readonly string[]): boolean {
  let w = 0;
  let h = 0;
  /** Behind the last `*`, and where that which it takes ends. */
  let behindStar: number | undefined;
  let taken = 0;
  while (h < have.length) {
    if (want[w] === ANY) {
      w++;
      behindStar = w;
      taken = h;
    } else if (w < want.length && (want[w] === ONE || want[w] === have[h])) {
      w++;
      h++;
    } else if (behindStar === undefined) {
      return false;
    } else {
      taken++;
      w = behindStar;
      h = taken;
    }
  }
  while (want[w] === ANY) {
    w++;
  }
  return w === want.length;
}
