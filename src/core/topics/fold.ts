/**
 * Values that are written one behind the other, and read again in the same order. Of a part only what differs from a reference is written: where most is as
 * it is anew, most is nothing. What comes of it are two strings, and one of them is the same for all that differ in names and numbers alone: together they
 * take less than a tenth of the memory that the objects take they were made of.
 */

import { ownString } from './own-string.ts';

/** What can be written. A number is finite. */
export type Plain = string | number | boolean | undefined;

/** Names of the fields of a part that can be written. */
type PlainField<Part> = { [Name in keyof Part]: Part[Name] extends Plain ? Name : never }[keyof Part];

/** A part whose fields may be set by name. */
type Filled<Part> = { -readonly [Name in keyof Part]: Part[Name] };

/** In the place of a value, as it is read and as it is written. */
const PLACE = '';
const PLACED = '""';

/** Written as they are. */
const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** As JSON has it; in brackets: the how many-th of the strings that were written before. */
type Written = typeof PLACE | number | boolean | null | readonly [number];

/** All that was written. */
export interface Folded {
  /** The lists, with a place for each value. */
  readonly shape: string;
  /** What belongs there, in order. */
  readonly values: string;
}

export class Folding {
  /** As JSON; those at the end that are empty are left out. */
  #lists = '';
  #emptyLists = '';
  #isFirst = true;
  /** The list that is being written, and all values, as JSON without brackets. */
  #list = '';
  #values = '';
  readonly #strings: string[] = [];
  #fits = true;

  /** All that was written; undefined: something was not plain. */
  get folded(): Folded | undefined {
    if (!this.#fits) {
      return undefined;
    }
    return { shape: shared(`[${this.#lists}]`), values: ownString(`[${this.#values}]`) };
  }

  /** Something cannot be written. */
  refuse(): void {
    this.#fits = false;
  }

  /** Fields of a part that are others than those of the reference. */
  fields<Part>(part: Part, reference: Part, names: readonly PlainField<Part>[]): void {
    for (let place = 0; place < names.length; place++) {
      const name = names[place] as PlainField<Part>;
      if (part[name] !== reference[name]) {
        this.#put(String(place));
        this.item(part[name] as Plain);
      }
    }
    this.endList();
  }

  /** A list. */
  list(values: readonly Plain[]): void {
    for (const value of values) {
      this.item(value);
    }
    this.endList();
  }

  /** The next thing of a list, which `endList` ends. */
  item(value: Plain): void {
    this.#put(this.#textOf(value));
  }

  endList(): void {
    const list = `${this.#isFirst ? '' : ','}[${this.#list}]`;
    this.#isFirst = false;
    if (this.#list === '') {
      this.#emptyLists += list;
    } else {
      this.#lists += this.#emptyLists + list;
      this.#emptyLists = '';
      this.#list = '';
    }
  }

  #put(text: string): void {
    this.#list += this.#list === '' ? text : `,${text}`;
  }

  #textOf(value: Plain): string {
    if (typeof value === 'string') {
      const known = this.#strings.indexOf(value);
      return known < 0 ? this.#new(value) : `[${known}]`;
    }
    if (typeof value === 'number') {
      return this.#number(value);
    }
    return value === undefined ? 'null' : String(value);
  }

  #number(value: number): string {
    if (!Number.isFinite(value)) {
      this.refuse();
    }
    return isDigit(value) ? (DIGITS[value] ?? PLACE) : this.#valued(String(value));
  }

  #new(text: string): string {
    if (this.#strings.length < MOST_KNOWN) {
      this.#strings.push(text);
    }
    return this.#valued(JSON.stringify(text));
  }

  #valued(text: string): string {
    this.#values += this.#values === '' ? text : `,${text}`;
    return PLACED;
  }
}

/** It takes no more room than a place for it, and most of these say what kind of thing something is. */
function isDigit(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 9;
}

/** Strings that are looked for when another one is written: a filter is that of its topic, or it is not. */
const MOST_KNOWN = 16;

/** Shapes that are shared, and the characters of one, at most: what is longer seldom comes again. */
const MOST_SHAPES = 1_000;
const LONGEST_SHAPE = 1_000;

/** Those of the last ones, each by itself; nobody sees it but the memory. */
const shapes = new Map<string, string>();

/** The same text, in the memory of the first one that had it. */
function shared(shape: string): string {
  const first = shapes.get(shape);
  if (first !== undefined || shape.length > LONGEST_SHAPE) {
    return first ?? shape;
  }
  if (shapes.size >= MOST_SHAPES) {
    shapes.clear(); // those that are in use come again
  }
  shapes.set(shape, shape);
  return shape;
}

export class Unfolding {
  readonly #written: readonly (readonly Written[])[];
  readonly #values: readonly (string | number)[];
  readonly #strings: string[] = [];
  #read = 0;
  #valuesRead = 0;

  constructor({ shape, values }: Folded) {
    this.#written = JSON.parse(shape) as readonly (readonly Written[])[];
    this.#values = JSON.parse(values) as readonly (string | number)[];
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
    if (value === PLACE) {
      return this.#next();
    }
    return typeof value === 'object' ? this.#strings[value?.[0] ?? -1] : value;
  }

  #next(): Plain {
    const value = this.#values[this.#valuesRead++];
    if (typeof value === 'string') {
      this.#strings.push(value);
    }
    return value;
  }
}
