/**
 * Values that are written one behind the other into one string, and read again in the same order. Of a part only what differs from a reference is
 * written: where most is as it is anew, most is nothing. A string takes a tenth of the memory that the objects take it was made of.
 */

import { ownString } from './own-string.ts';

/** What can be written. A number is finite. */
export type Plain = string | number | boolean | undefined;

/** Names of the fields of a part that can be written. */
type PlainField<Part> = { [Name in keyof Part]: Part[Name] extends Plain ? Name : never }[keyof Part];

/** A part whose fields may be set by name. */
type Filled<Part> = { -readonly [Name in keyof Part]: Part[Name] };

/** As JSON has it; in brackets: the how many-th of the strings that were written before. */
type Written = string | number | boolean | null | readonly [number];

export class Folding {
  readonly #written: (readonly Written[])[] = [];
  readonly #strings: string[] = [];
  #fits = true;

  /** All that was written; undefined: something was not plain. */
  get text(): string | undefined {
    while (this.#written.at(-1)?.length === 0) {
      this.#written.pop();
    }
    return this.#fits ? ownString(JSON.stringify(this.#written)) : undefined;
  }

  /** Something cannot be written. */
  refuse(): void {
    this.#fits = false;
  }

  /** Fields of a part that are others than those of the reference. */
  fields<Part>(part: Part, reference: Part, names: readonly PlainField<Part>[]): void {
    const written: Written[] = [];
    for (const [place, name] of names.entries()) {
      if (part[name] !== reference[name]) {
        written.push(place, this.#plain(part[name] as Plain));
      }
    }
    this.#written.push(written);
  }

  /** A list. */
  list(values: readonly Plain[]): void {
    this.#written.push(values.map((value) => this.#plain(value)));
  }

  #plain(value: Plain): Written {
    if (typeof value === 'string') {
      const known = this.#strings.indexOf(value);
      return known < 0 ? this.#new(value) : [known];
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.refuse();
    }
    return value ?? null;
  }

  #new(text: string): string {
    if (this.#strings.length < MOST_KNOWN) {
      this.#strings.push(text);
    }
    return text;
  }
}

/** Strings that are looked for when another one is written: a filter is that of its topic, or it is not. */
const MOST_KNOWN = 16;

export class Unfolding {
  readonly #written: readonly (readonly Written[])[];
  readonly #strings: string[] = [];
  #read = 0;

  /** `text`: of a {@link Folding}. */
  constructor(text: string) {
    this.#written = JSON.parse(text) as readonly (readonly Written[])[];
  }

  /** Sets the fields that were written; the part is as the reference was. Whether there were any. */
  fields<Part>(part: Part, names: readonly PlainField<Part>[]): boolean {
    const written = this.list();
    for (let n = 0; n < written.length; n += 2) {
      const name = names[written[n] as number];
      if (name !== undefined) {
        (part as Filled<Part>)[name] = written[n + 1] as Part[typeof name];
      }
    }
    return written.length > 0;
  }

  /** A list. */
  list(): readonly Plain[] {
    return (this.#written[this.#read++] ?? []).map((value) => this.#plain(value));
  }

  #plain(value: Written): Plain {
    if (typeof value === 'string') {
      this.#strings.push(value);
      return value;
    }
    return typeof value === 'object' ? this.#strings[value?.[0] ?? -1] : value;
  }
}
