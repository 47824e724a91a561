/** The filters of many clients, found by a topic (MQTT 4.7), or by a filter that is wider or narrower. Shared filters have no place here. */

import {
  ALL,
  behindNarrower,
  behindWider,
  commonLength,
  FilterNode,
  levelAt,
  NO_MATCH,
  NOTHING,
} from './filter-node.ts';

/** A filter as the trie goes along it. */
interface Path {
  /** The levels before `#`. */
  readonly text: string;
  /** Offset of the first level; behind the end of the text where there is none. */
  readonly start: number;
  /** `#` comes behind the levels. */
  readonly isOpen: boolean;
}

function pathOf(filter: string): Path {
  if (filter === '#') {
    return { text: '', start: 1, isOpen: true };
  }
  return filter.endsWith('/#')
    ? { text: filter.slice(0, -2), start: 0, isOpen: true }
    : { text: filter, start: 0, isOpen: false };
}

/**
 * A filter leads to one value. A search costs by the levels of what is looked for and by the nodes on its ways, each of which is met once: `+`
 * beside other levels makes two ways of one, but never more than there are nodes. Nothing here calls itself, so no number of levels is too
 * much. Filters and topics must be valid; nothing may be set or deleted while values are visited.
 */
export class FilterTrie<Value> {
  readonly #root = new FilterNode<Value>('');
  #size = 0;
  #nodes = 0;

  /** Filters. */
  get size(): number {
    return this.#size;
  }

  /** Places where filters end or part: less than two for each filter. */
  get nodes(): number {
    return this.#nodes;
  }

  get(filter: string): Value | undefined {
    const { text, start, isOpen } = pathOf(filter);
    const node = this.#find(text, start).at(-1);
    const value = isOpen ? node?.rest : node?.own;
    return value === NOTHING ? undefined : value;
  }

  /** Puts a value under a filter; what was there goes. */
  set(filter: string, value: Value): void {
    const { text, start, isOpen } = pathOf(filter);
    const node = this.#make(text, start);
    this.#size += (isOpen ? node.rest : node.own) === NOTHING ? 1 : 0;
    if (isOpen) {
      node.rest = value;
    } else {
      node.own = value;
    }
  }

  /** Whether there was something. */
  delete(filter: string): boolean {
    const { text, start, isOpen } = pathOf(filter);
    const nodes = this.#find(text, start);
    const node = nodes.at(-1);
    if (node === undefined || (isOpen ? node.rest : node.own) === NOTHING) {
      return false;
    }
    this.#size--;
    if (isOpen) {
      node.rest = NOTHING;
    } else {
      node.own = NOTHING;
    }
    this.#tidy(node, nodes.at(-2));
    return true;
  }

  /** All values, in no order. */
  *values(): IterableIterator<Value> {
    const pending = [this.#root];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node.own !== NOTHING) {
        yield node.own;
      }
      if (node.rest !== NOTHING) {
        yield node.rest;
      }
      for (const child of node.all()) {
        pending.push(child);
      }
    }
  }

  /** Each value whose filter matches the topic, once. */
  match(topic: string, visit: (value: Value) => void): void {
    this.#wider({ text: topic, start: 0, isOpen: false }, undefined, visit);
  }

  /** Each value under another filter that matches all that this one matches. `#` counts as wider than `+/#`, though they match the same. */
  covering(filter: string, visit: (value: Value) => void): void {
    const path = pathOf(filter);
    this.#wider(path, this.#find(path.text, path.start).at(-1), visit);
  }

  /**
   * Each value under another filter whose topics are all matched by this one. `+/#` counts as narrower than `#`, though they match the same.
   * A `+` of the filter costs by the nodes that there are at its level.
   */
  coveredBy(filter: string, visit: (value: Value) => void): void {
    const path = pathOf(filter);
    this.#narrower(path, this.#find(path.text, path.start).at(-1), visit);
  }

  /** The nodes on the way to the end of the text, root and end included; empty where no node is there. */
  #find(text: string, start: number): FilterNode<Value>[] {
    const nodes = [this.#root];
    let node = this.#root;
    let at = start;
    while (at <= text.length) {
      const child = node.child(text, at);
      if (child === undefined || commonLength(child.run, text, at) !== child.run.length) {
        return [];
      }
      at += child.run.length + 1;
      node = child;
      nodes.push(node);
    }
    return nodes;
  }

  /** The node at the end of the text, made where there is none. */
  #make(text: string, start: number): FilterNode<Value> {
    let node = this.#root;
    let at = start;
    while (at <= text.length) {
      let child = node.child(text, at);
      if (child === undefined) {
        this.#nodes++;
        return node.grow(text, at);
      }
      const length = commonLength(child.run, text, at);
      if (length < child.run.length) {
        this.#nodes++;
        child = node.split(child, length);
      }
      at += length + 1;
      node = child;
    }
    return node;
  }

  /** Takes out a node that nothing needs any more. */
  #tidy(node: FilterNode<Value>, parent: FilterNode<Value> | undefined): void {
    if (parent === undefined || !node.isPassage) {
      return;
    }
    if (node.children !== undefined) {
      this.#join(node);
      return;
    }
    parent.remove(node);
    this.#nodes--;
    this.#join(parent);
  }

  #join(node: FilterNode<Value>): void {
    if (node !== this.#root && node.join()) {
      this.#nodes--;
    }
  }

  /**
   * Filters that match all of the text, a topic or the levels of a filter. `isOpen`: `#` comes behind it, and only `#` is wide enough. `end`: of the filter
   * itself, which is left out.
   */
  #wider({ text, start, isOpen }: Path, end: FilterNode<Value> | undefined, visit: (value: Value) => void): void {
    const ways = new Ways(this.#root, start);
    const isHidden = text.startsWith('$');
    for (let node = ways.next(); node !== undefined; node = ways.next()) {
      const { at } = ways;
      const mayBeWild = !isHidden || node !== this.#root;
      if (node.rest !== NOTHING && mayBeWild && !(isOpen && node === end)) {
        visit(node.rest);
      }
      if (at <= text.length) {
        addWider(ways, node, text, mayBeWild);
      } else if (node.own !== NOTHING && !isOpen && node !== end) {
        visit(node.own);
      }
    }
  }

  /** Filters that match nothing but what the text matches, the levels of a filter. `isOpen`: `#` comes behind it. `end`: as above. */
  #narrower({ text, start, isOpen }: Path, end: FilterNode<Value> | undefined, visit: (value: Value) => void): void {
    const ways = new Ways(this.#root, start);
    const isWild = start > text.length || text.startsWith('+');
    for (let node = ways.next(); node !== undefined; node = ways.next()) {
      const isEnd = ways.at === ALL || ways.at > text.length;
      const at = isEnd && isOpen ? ALL : ways.at;
      if (isEnd && node.own !== NOTHING && (isOpen || node !== end)) {
        visit(node.own);
      }
      if (at === ALL && node.rest !== NOTHING && !(isOpen && node === end)) {
        visit(node.rest);
      }
      if (at === ALL || !isEnd) {
        addNarrower(ways, node, { text, start: at, isOpen }, isWild && node === this.#root);
      }
    }
  }
}

/** Nodes that are still to be looked at, and from where in the text. */
class Ways<Value> {
  /** Offset for the node that came last. */
  at = 0;
  readonly #nodes: FilterNode<Value>[];
  readonly #offsets: number[];

  constructor(node: FilterNode<Value>, at: number) {
    this.#nodes = [node];
    this.#offsets = [at];
  }

  next(): FilterNode<Value> | undefined {
    this.at = this.#offsets.pop() ?? 0;
    return this.#nodes.pop();
  }

  add(node: FilterNode<Value>, at: number): void {
    if (at !== NO_MATCH) {
      this.#nodes.push(node);
      this.#offsets.push(at);
    }
  }
}

/** Goes on to the children whose run matches the text from the offset on. */
function addWider<Value>(ways: Ways<Value>, node: FilterNode<Value>, text: string, mayBeWild: boolean): void {
  const { at } = ways;
  const { children } = node;
  if (children instanceof Map) {
    const plus = mayBeWild ? children.get('+') : undefined;
    if (plus !== undefined) {
      ways.add(plus, behindWider(plus.run, text, at));
    }
    const child = children.get(levelAt(text, at));
    if (child !== undefined && child !== plus) {
      ways.add(child, behindWider(child.run, text, at));
    }
  } else if (children !== undefined && (mayBeWild || !children.run.startsWith('+'))) {
    ways.add(children, behindWider(children.run, text, at));
  }
}

/** Goes on to the children whose run the path matches from its start on. `isWild`: with a wildcard that leads, which `$` does not suit. */
function addNarrower<Value>(ways: Ways<Value>, node: FilterNode<Value>, path: Path, isWild: boolean): void {
  for (const child of path.start === ALL ? node.all() : node.alike(path.text, path.start)) {
    if (!isWild || !child.run.startsWith('$')) {
      ways.add(child, path.start === ALL ? ALL : behindNarrower(child.run, path.text, path.start, path.isOpen));
    }
  }
}
