/**
 * Nodes of a `FilterTrie`, and how levels are compared on the way from one to the next. Text is walked along by offsets: one that is behind the end
 * of the text means that no level is left, since an empty level is a level.
 */

import { ownString } from './own-string.ts';

const PLUS = 0x2b;

const SLASH = 0x2f;

/** In the place of a value: no filter ends here. */
export const NOTHING = Symbol('nothing');

/** Children by their first level: most nodes have none or one, and a `Map` takes more room than all the rest. */
type Children<Value> = FilterNode<Value> | Map<string, FilterNode<Value>> | undefined;

/**
 * A place where filters end or part. The levels between two places are one string, so that memory grows with the filters and their octets,
 * never with their levels alone.
 */
export class FilterNode<Value> {
  /** The levels that lead here from the parent, one at least; `+` among them, but never `#`. */
  run: string;
  /** What is under the filter that ends here. */
  own: Value | typeof NOTHING = NOTHING;
  /** What is under the one that ends here but for `#`. */
  rest: Value | typeof NOTHING = NOTHING;
  children: Children<Value>;

  constructor(run: string) {
    this.run = run;
    this.children = undefined;
  }

  /** No filter ends here. */
  get isPassage(): boolean {
    return this.own === NOTHING && this.rest === NOTHING;
  }

  /** The child whose first level is the one at this offset. */
  child(text: string, at: number): FilterNode<Value> | undefined {
    if (this.children === undefined) {
      return undefined;
    }
    const level = levelAt(text, at);
    if (this.children instanceof Map) {
      return this.children.get(level);
    }
    return levelAt(this.children.run, 0) === level ? this.children : undefined;
  }

  /** Puts a child in, in the place of one with the same first level. */
  put(child: FilterNode<Value>): void {
    const level = levelAt(child.run, 0);
    if (this.children instanceof Map) {
      this.children.set(ownLevel(child, level), child);
    } else if (this.children === undefined || levelAt(this.children.run, 0) === level) {
      this.children = child;
    } else {
      const first = this.children;
      this.children = new Map([
        [ownLevel(first, levelAt(first.run, 0)), first],
        [ownLevel(child, level), child],
      ]);
    }
  }

  /** Takes a child out. */
  remove(child: FilterNode<Value>): void {
    if (!(this.children instanceof Map)) {
      this.children = undefined;
      return;
    }
    this.children.delete(levelAt(child.run, 0));
    if (this.children.size === 1) {
      for (const last of this.children.values()) {
        this.children = last;
      }
    }
  }

  /** Cuts the run of a child behind so many characters, where a level ends; the node between the two. */
  split(child: FilterNode<Value>, length: number): FilterNode<Value> {
    const between = new FilterNode<Value>(ownString(child.run.slice(0, length)));
    this.put(between);
    child.run = ownString(child.run.slice(length + 1));
    between.children = child;
    return between;
  }

  /** Puts in a new child, which has all levels from the offset on as its run. */
  grow(text: string, at: number): FilterNode<Value> {
    const child = new FilterNode<Value>(ownString(text.slice(at)));
    this.put(child);
    return child;
  }

  /** Becomes one with its only child, where no filter ends here and none part; whether it did. */
  join(): boolean {
    const child = this.children;
    if (child === undefined || child instanceof Map || !this.isPassage) {
      return false;
    }
    this.run = ownString(`${this.run}/${child.run}`);
    this.own = child.own;
    this.rest = child.rest;
    this.children = child.children;
    return true;
  }

  /** All children. */
  all(): Iterable<FilterNode<Value>> {
    if (this.children instanceof Map) {
      return this.children.values();
    }
    return this.children === undefined ? [] : [this.children];
  }

  /** The children whose first level the level at this offset may match: all of them where it is `+`. */
  alike(text: string, at: number): Iterable<FilterNode<Value>> {
    if (text.charCodeAt(at) === PLUS) {
      return this.all();
    }
    const child = this.child(text, at);
    return child === undefined ? [] : [child];
  }
}

/** The first level of a node, as a string that holds no other in memory. */
function ownLevel({ run }: FilterNode<unknown>, level: string): string {
  return run === level ? run : ownString(level);
}

/** Where the level at this offset ends. */
function levelEnd(text: string, at: number): number {
  const end = text.indexOf('/', at);
  return end < 0 ? text.length : end;
}

/** The level at this offset. */
export function levelAt(text: string, at: number): string {
  return text.slice(at, levelEnd(text, at));
}

/** Whether a level ends at this offset. */
function isEnd(text: string, at: number): boolean {
  return at === text.length || text.charCodeAt(at) === SLASH;
}

/** How many characters of a run are levels that stand at this offset of the text too; the first level must be one. */
export function commonLength(run: string, text: string, at: number): number {
  let length = 0;
  while (length < run.length && at + length < text.length && run.charCodeAt(length) === text.charCodeAt(at + length)) {
    length++;
  }
  return isEnd(run, length) && isEnd(text, at + length) ? length : run.lastIndexOf('/', length - 1);
}

/** The run does not match. */
export const NO_MATCH = -1;

/** In place of an offset: everything is wanted that is below. */
export const ALL = -2;

/** Offset of the level behind those that the run matches, where its `+` stands for any level of the text; NO_MATCH. */
export function behindWider(run: string, text: string, at: number): number {
  let to = at;
  for (let from = 0; from < run.length; from++) {
    const unit = run.charCodeAt(from);
    if (unit === PLUS) {
      to = levelEnd(text, to);
    } else if (unit === text.charCodeAt(to)) {
      to++;
    } else {
      return NO_MATCH;
    }
  }
  return isEnd(text, to) ? to + 1 : NO_MATCH;
}

/**
 * Offset of the level behind those that match the run, where `+` of the text stands for any level of the run; NO_MATCH. ALL: the text ends within
 * the run, and `isOpen` says that `#` comes behind it.
 */
export function behindNarrower(run: string, text: string, at: number, isOpen: boolean): number {
  let from = 0;
  let to = at;
  for (;;) {
    if (text.charCodeAt(to) === PLUS) {
      from = levelEnd(run, from);
      to++;
    }
    if (from === run.length || to === text.length) {
      break;
    }
    if (run.charCodeAt(from) !== text.charCodeAt(to)) {
      return NO_MATCH;
    }
    from++;
    to++;
  }
  if (!isEnd(run, from) || !isEnd(text, to)) {
    return NO_MATCH;
  }
  if (from === run.length) {
    return to + 1;
  }
  return isOpen ? ALL : NO_MATCH;
}
