/** A YAML text with the places of its parts. Messages never quote the text: it may hold secrets. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParseOptions,
  parseDocument,
  visit,
  type YAMLError,
  YAMLParseError,
} from 'yaml';
import type { Problem } from './problem.ts';
import { tooDeepAt } from './yaml-nesting.ts';

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Maps and lists inside each other, each counted with its entry: far more than settings have. */
const MAX_DEPTH = 100;

/** Each alias may stand for a whole part of the text. */
const MAX_ALIASES = 100;

const TOO_DEEP = 'maps and lists are nested too deeply';

export class YamlSource {
  readonly name: string;
  readonly document: Document.Parsed;
  /** The plain value that the text stands for; undefined where it is broken. */
  readonly content: unknown;
  /** What is wrong with the text as YAML. */
  readonly problems: readonly Problem[];
  /** The text is so wrong that its content means nothing. Only duplicate keys leave it meaningful. */
  readonly isBroken: boolean;
  readonly #lines = new LineCounter();

  /** Parses; `name` stands for the file in problems. Never throws. */
  constructor(text: string, name: string, options: { uniqueKeys?: boolean } = {}) {
    this.name = name;
    this.document = this.#parse(text);
    const faults = withoutEchoes([...this.document.errors, ...this.document.warnings]);
    // The parser may meet what is too deep at several places, as far as its own stack reaches: told once.
    const tooDeep = faults.findIndex((fault) => messageOf(fault).endsWith(TOO_DEEP));
    const problems = faults
      .filter((fault, index) => index === tooDeep || !messageOf(fault).endsWith(TOO_DEEP))
      .map((fault) => this.#problemAt(fault.pos[0], messageOf(fault)));
    const isSound = problems.length === 0 && this.#lookThrough(problems, options.uniqueKeys ?? true);
    const plain = isSound ? this.#plain() : undefined;
    if (plain instanceof Error) {
      problems.push(this.#problemAt(0, 'aliases (*) are nested too deeply, or in a circle'));
    }
    this.problems = problems;
    this.isBroken = !isSound || plain instanceof Error;
    this.content = this.isBroken ? undefined : plain;
  }

  /** Where a node begins. */
  placeOf(node: unknown): Place {
    return this.#placeAt(isNode(node) ? (node.range?.[0] ?? 0) : 0);
  }

  /** Where the key or the value at a path begins; the nearest thing around it where there is no such path. */
  locate(path: readonly (string | number)[], part: 'key' | 'value'): Place {
    let node: unknown = this.document.contents;
    let found: unknown = node;
    for (const [depth, segment] of path.entries()) {
      const last = depth === path.length - 1;
      node = this.resolve(node);
      if (isMap(node)) {
        const pair = node.items.findLast((item) => keyText(item) === String(segment));
        if (pair === undefined) {
          break;
        }
        const value = pair.value;
        node = value;
        found =
          (last && part === 'key') || !isNode(value) || (isScalar(value) && value.value === null) ? pair.key : value;
      } else if (isSeq(node) && typeof segment === 'number') {
        const item = node.items[segment];
        if (item === undefined) {
          break;
        }
        node = item;
        found = item;
      } else {
        break;
      }
    }
    return this.placeOf(found);
  }

  /** The node that an alias stands for; any other node unchanged. */
  resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.document) : node;
  }

  /** The plain value, or why there is none: the library refuses what would grow without bound. */
  #plain(): unknown {
    try {
      const plain: unknown = this.document.toJS({ maxAliasCount: MAX_ALIASES + 1 });
      // Throws where an alias leads back to a map around it.
      JSON.stringify(plain);
      return plain;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Keys that are written twice are looked for afterwards: the library compares each with each. */
  #parse(text: string): Document.Parsed {
    const options = { lineCounter: this.#lines, prettyErrors: false, stringKeys: true, uniqueKeys: false };
    const tooDeep = tooDeepAt(text, MAX_DEPTH);
    if (tooDeep !== undefined) {
      return this.#refused(tooDeep, options);
    }
    try {
      return parseDocument(text, options);
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
      return this.#refused(0, options);
    }
  }

  #refused(at: number, options: ParseOptions): Document.Parsed {
    const document = parseDocument('', options);
    document.errors.push(new YAMLParseError([at, at], 'BAD_COLLECTION_TYPE', TOO_DEEP));
    return document;
  }

  /**
   * Goes through the text once and notes what the parser lets pass. False where it means nothing or would make too much work: a key
   * that is written twice leaves it meaningful.
   */
  #lookThrough(problems: Problem[], uniqueKeys: boolean): boolean {
    const anchors = new Set<string>();
    let isSound = true;
    let aliases = 0;
    const refuse = (node: Node, message: string): void => {
      isSound = false;
      problems.push(this.#problemAt(node.range?.[0] ?? 0, message));
    };
    visit(this.document, {
      Node: (_key, node, path) => {
        if (path.length > MAX_DEPTH) {
          refuse(node, `not valid YAML here: ${TOO_DEEP}`);
          return visit.BREAK;
        }
        if (isAlias(node)) {
          if (++aliases > MAX_ALIASES) {
            refuse(node, `more than ${MAX_ALIASES} aliases (*)`);
            return visit.BREAK;
          }
          if (!anchors.has(node.source)) {
            refuse(node, 'unknown alias; text that begins with * must stand in quotes');
          }
          return undefined;
        }
        if (node.anchor !== undefined) {
          anchors.add(node.anchor);
        }
        if (isMap(node) && uniqueKeys) {
          for (const { key } of repeated(node.items)) {
            problems.push(
              this.#problemAt(isNode(key) ? (key.range?.[0] ?? 0) : 0, 'this key is written twice in the same map'),
            );
          }
        }
        return undefined;
      },
    });
    return isSound;
  }

  #problemAt(offset: number, message: string): Problem {
    return { source: this.name, ...this.#placeAt(offset), message };
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** Entries whose key was there before in the same map. */
function repeated(entries: readonly Pair[]): Pair[] {
  const keys = new Set<unknown>();
  return entries.filter(({ key }) => {
    const value = isScalar(key) ? key.value : key;
    const isThere = keys.has(value);
    keys.add(value);
    return isThere;
  });
}

/** The key of an entry as it is written. */
export function keyText(pair: Pair): string {
  return scalarText(pair.key);
}

/** A scalar as it is written: `007` stays `007`. */
export function scalarText(node: unknown): string {
  if (!isScalar(node)) {
    return '';
  }
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** In words, what kind of node it is. */
export function kindOfNode(node: Node | unknown): string {
  if (isMap(node) || isPair(node)) {
    return 'a map';
  }
  if (isSeq(node)) {
    return 'a list';
  }
  if (!isScalar(node) || node.value === null) {
    return 'nothing';
  }
  return typeof node.value === 'string' ? JSON.stringify(node.value) : scalarText(node);
}

/** Of a setting below a value the library says two things, of which the first is the right one. */
function withoutEchoes(faults: readonly YAMLError[]): readonly YAMLError[] {
  const at = (code: string) => new Set(faults.filter((fault) => fault.code === code).map(({ pos: [start] }) => start));
  const nested = at('BLOCK_AS_IMPLICIT_KEY');
  return faults.filter(({ code, pos: [start] }) => code !== 'MULTILINE_IMPLICIT_KEY' || !nested.has(start));
}

function messageOf(fault: YAMLError): string {
  if (fault.code === 'BLOCK_AS_IMPLICIT_KEY') {
    return 'not valid YAML: a setting inside or below a value; is each line indented as those that it belongs to, and has text with ": " quotes?';
  }
  if (fault.code === 'TAG_RESOLVE_FAILED') {
    return 'unknown tag; text that begins with ! must stand in quotes';
  }
  if (fault.code === 'MULTIPLE_DOCS') {
    return 'the file must hold one document only';
  }
  if (fault.code === 'NON_STRING_KEY') {
    return 'a key must be text or a number';
  }
  if (fault.message.includes('call stack')) {
    return `not valid YAML here: ${TOO_DEEP}`;
  }
  if (fault.message.startsWith('Missing closing')) {
    return 'not valid YAML: a closing quote is missing';
  }
  // What these quote of the text may be a part of a secret.
  if (fault.code === 'BAD_DQ_ESCAPE') {
    return 'not valid YAML: an unknown escape sequence; text that has \\ in it must stand in single quotes';
  }
  if (fault.message.startsWith('Block scalar header')) {
    return 'not valid YAML: text that begins with | or > must stand in quotes';
  }
  const [line = ''] = fault.message.split('\n');
  return `not valid YAML: ${line.replace(/:? (at line|\(|").*$/, '').replace(/:$/, '')}`;
}
