/** Settings as written, from all sources, in one tree that remembers where each value came from. */
import { isModulePath } from './module-path.ts';
import { ANY_INDEX, pathText, type SettingPath } from './setting-list.ts';

/** Where a value came from; later ones come before earlier ones. */
export type Origin = 'default' | 'file' | 'environment' | 'command line';

/** A value that an environment variable or an option gives to a setting. */
export interface Assignment {
  /** Keys from the top; in a list a position, or `*` for the first entry of the type `udp`. */
  readonly path: SettingPath;
  readonly value: unknown;
  readonly origin: 'environment' | 'command line';
  /** Name of the variable, or the option with its dashes. */
  readonly source: string;
}

interface Source {
  readonly origin: Origin;
  /** Name of the variable or the option; absent for the file. */
  readonly name?: string;
}

type Branch = Record<string | number, unknown>;

export class SettingsTree {
  readonly root: Branch;
  /** What the file has with nothing behind it. */
  readonly emptyPaths: readonly SettingPath[];
  readonly #sources = new Map<string, Source>();

  /** Takes over the content of a file: empty parts (`upstream:` with nothing under it) are as good as absent. */
  constructor(content: unknown) {
    this.root = isBranch(content) && !Array.isArray(content) ? content : {};
    this.emptyPaths = [...dropEmpty(this.root, [])];
    for (const path of leavesOf(this.root, [])) {
      this.#sources.set(pathText(path), { origin: 'file' });
    }
    const { transports } = this.root;
    for (const index of Array.isArray(transports) ? transports.keys() : []) {
      this.#takeModule(['transports', index, 'type']);
    }
  }

  /** Sets one value, over what was there. Returns why it cannot, in words; what is in the way on its path is reported by the schema. */
  assign(assignment: Assignment): string | undefined {
    let branch = this.root;
    const path: (string | number)[] = [];
    for (const [depth, segment] of assignment.path.entries()) {
      const key = Array.isArray(branch) && segment === ANY_INDEX ? firstUdp(branch) : segment;
      path.push(key);
      if (Array.isArray(branch) && typeof key === 'number' && key > branch.length) {
        return `there is no ${pathText(path.slice(0, -1))}[${branch.length}] yet: entries are counted from 0 without gaps`;
      }
      if (depth === assignment.path.length - 1) {
        branch[key] = assignment.value;
        break;
      }
      if (!Object.hasOwn(branch, key)) {
        branch[key] = newPart(path, assignment.path[depth + 1]);
      }
      const next = branch[key];
      if (!isBranch(next)) {
        return undefined;
      }
      branch = next;
    }
    this.#sources.set(pathText(path), { origin: assignment.origin, name: assignment.source });
    this.#takeModule(path);
    return undefined;
  }

  /** Puts in what stands in a file that a setting at `named` names, as `name`: it comes from where that setting does. */
  fill(path: SettingPath, value: unknown, named: SettingPath, name: string): void {
    const branch = path
      .slice(0, -1)
      .reduce<unknown>((inner, key) => (isBranch(inner) ? inner[key] : undefined), this.root);
    if (isBranch(branch)) {
      branch[path.at(-1) ?? ''] = value;
      this.#sources.set(pathText(path), { origin: this.sourceOf(named).origin, name });
    }
  }

  /** `type: ./my-radio.js` of a transport is short for `type: module` with `module: ./my-radio.js`. */
  #takeModule(path: SettingPath): void {
    const [list, index = 0, key] = path;
    const entry = list === 'transports' && key === 'type' ? this.valueAt([list, index]) : undefined;
    if (isBranch(entry) && isModulePath(entry.type) && entry.module === undefined) {
      this.#sources.set(pathText(['transports', index, 'module']), this.sourceOf(path));
      entry.module = entry.type;
      entry.type = 'module';
    }
  }

  /** Where the value at the path came from; for parts of a value that of the value, for a map that of what is in it: the file's first. */
  sourceOf(path: SettingPath): Source {
    for (let length = path.length; length > 0; length--) {
      const source = this.#sources.get(pathText(path.slice(0, length)));
      if (source !== undefined) {
        return source;
      }
    }
    const beginning = pathText(path);
    const inside = [...this.#sources].filter(
      ([name]) => name.startsWith(`${beginning}.`) || name.startsWith(`${beginning}[`),
    );
    return (inside.find(([, { origin }]) => origin === 'file') ?? inside[0])?.[1] ?? { origin: 'default' };
  }

  /** What is written at the path. */
  valueAt(path: SettingPath): unknown {
    let value: unknown = this.root;
    for (const segment of path) {
      if (!isBranch(value) || !Object.hasOwn(value, segment)) {
        return undefined;
      }
      value = value[segment];
    }
    return value;
  }
}

/** `transports` begins as its default, one UDP transport; so does a new entry. Other lists begin empty. */
function newPart(path: SettingPath, next: string | number | undefined): unknown {
  if (path[0] === 'transports' && path.length <= 2) {
    return path.length === 1 ? [{ type: 'udp' }] : { type: 'udp' };
  }
  return typeof next === 'number' ? [] : {};
}

function firstUdp(list: readonly unknown[]): number {
  const index = list.findIndex((entry) => isBranch(entry) && entry.type === 'udp');
  return index === -1 ? list.length : index;
}

/** Takes out what is empty, and says where it was. In a list it stays, for the schema to report. */
export function* dropEmpty(branch: Branch, path: SettingPath): Generator<SettingPath> {
  for (const [key, value] of Object.entries(branch)) {
    const place = [...path, Array.isArray(branch) ? Number(key) : key];
    if (value === null && !Array.isArray(branch)) {
      delete branch[key];
      yield place;
    } else if (isBranch(value)) {
      yield* dropEmpty(value, place);
    }
  }
}

function* leavesOf(value: unknown, path: SettingPath): Generator<SettingPath> {
  if (!isBranch(value) || (Array.isArray(value) && !value.some(isBranch))) {
    yield path; // a list of plain values is one value
  } else {
    for (const key of Object.keys(value)) {
      yield* leavesOf(value[key], [...path, Array.isArray(value) ? Number(key) : key]);
    }
  }
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null;
}
