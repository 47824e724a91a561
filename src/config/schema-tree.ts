/**
 * A schema of written values, taken apart: every single setting, and what is expected at each place; for environment variables, documentation, command line
 * and messages.
 */
import * as z from 'zod';
import { formatDuration } from '../core/contract/units.ts';
import { type SettingKind, settingKinds } from './setting-kinds.ts';

/** Stands for the position in a list. */
export const ANY_INDEX = '*';

/** Keys and list positions that lead to a value. */
export type SettingPath = readonly (string | number)[];

/** One setting that has a value of its own. */
export interface Setting {
  /** Keys from the top; `*` stands for the position in a list. */
  readonly path: readonly string[];
  readonly kind: SettingKind;
  readonly description: string;
  /** As it would be written; undefined where there is none. */
  readonly example: unknown;
  /** As it would be written; undefined where the setting is absent unless given. */
  readonly defaultValue: unknown;
  readonly choices: readonly string[] | undefined;
  /** `MQTTSN_…`, with `<n>` for the position in a list. */
  readonly environment: string;
  /** In a list whose entries are of several kinds: the `type` of those that have this setting. Undefined elsewhere. */
  readonly variant: string | undefined;
}

/** A group of settings inside a section. */
export interface Section {
  readonly path: readonly string[];
  readonly description: string;
}

/** The parts of the schema at a key: what remains when defaults and options are taken off. */
export function coreOf(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.def.innerType;
  }
  return inner;
}

/** What a schema says, place by place. */
export class SchemaTree {
  /** Every setting, in the order of the schema. */
  readonly settings: readonly Setting[];
  readonly #schema: z.core.$ZodType;

  constructor(schema: z.core.$ZodType) {
    this.#schema = schema;
    this.settings = [...settingsUnder(schema, [])];
  }

  /** The schema of what stands at a path, in entries of the type `variant`; undefined where the schema knows no such place. */
  schemaAt(path: SettingPath, variant?: string): z.core.$ZodType | undefined {
    let schema: z.core.$ZodType | undefined = this.#schema;
    for (const segment of path) {
      if (schema === undefined) {
        return undefined;
      }
      const inner = coreOf(schema);
      if (inner instanceof z.ZodArray) {
        schema = inner.def.element;
      } else {
        schema = shapesOf(inner, variant).find((shape) => Object.hasOwn(shape, segment))?.[segment];
      }
    }
    return schema && coreOf(schema);
  }

  /** The keys that are known at a path, in entries of the type `variant`. */
  keysAt(path: SettingPath, variant?: string): string[] {
    const schema = this.schemaAt(path, variant);
    return schema === undefined ? [] : [...new Set(shapesOf(schema, variant).flatMap((shape) => Object.keys(shape)))];
  }

  /** Completes "expected …" for what stands at a path. */
  expectedAt(path: SettingPath, variant?: string): string {
    const schema = this.schemaAt(path, variant);
    if (schema === undefined) {
      return 'nothing';
    }
    if (schema instanceof z.ZodArray) {
      return 'a list with at least one entry';
    }
    if (schema instanceof z.ZodUnion && variant === undefined) {
      return `a map of settings with a type (${shapesOf(schema).map(variantOf).join(', ')})`;
    }
    return settingKinds.get(schema)?.expected ?? `a map of settings (${shortened(this.keysAt(path, variant))})`;
  }

  /** The setting at a path with list positions, in entries of the type `variant`; undefined for sections and unknown paths. */
  settingAt(path: SettingPath, variant?: string): Setting | undefined {
    const isThere = (setting: Setting) =>
      setting.path.length === path.length && setting.path.every((key, i) => key === path[i] || key === ANY_INDEX);
    const settings = this.settings.filter(isThere);
    return settings.find((setting) => setting.variant === variant) ?? settings[0];
  }
}

/** Some names of many, in one line with what else is to be said. */
function shortened(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
}

/** `transports[0].port`; `[]` where the position is open. */
export function pathText(path: SettingPath): string {
  let text = '';
  for (const segment of path) {
    if (segment === ANY_INDEX) {
      text += '[]';
    } else if (typeof segment === 'number') {
      text += `[${segment}]`;
    } else {
      text += text === '' ? segment : `.${segment}`;
    }
  }
  return text;
}

/** The same of a path as it was written, in which `*` is a key. */
export function writtenPathText(path: SettingPath): string {
  return pathText(path.map((segment) => (segment === ANY_INDEX ? '"*"' : segment)));
}

type Shape = Record<string, z.core.$ZodType>;

/** The shapes of a map; of a list's entries those of the type `variant`, or all where there is no such type. */
function shapesOf(schema: z.core.$ZodType, variant?: string): Shape[] {
  if (schema instanceof z.ZodObject) {
    return [schema.def.shape];
  }
  if (!(schema instanceof z.ZodUnion)) {
    return [];
  }
  const shapes = schema.def.options.flatMap((option) => shapesOf(coreOf(option)));
  const fitting = shapes.filter((shape) => variantOf(shape) === variant);
  return fitting.length > 0 ? fitting : shapes;
}

function variantOf(shape: Shape): string | undefined {
  const type = shape.type && coreOf(shape.type);
  const [word] = type instanceof z.ZodLiteral ? type.def.values : [];
  return typeof word === 'string' ? word : undefined;
}

function* settingsUnder(schema: z.core.$ZodType, path: readonly string[], variant?: string): Generator<Setting> {
  const inner = coreOf(schema);
  const kind = settingKinds.get(inner);
  if (kind !== undefined) {
    yield describe(schema, inner, kind, path, variant);
    return;
  }
  if (inner instanceof z.ZodArray) {
    yield* settingsUnder(inner.def.element, [...path, ANY_INDEX], variant);
    return;
  }
  for (const shape of shapesOf(inner)) {
    for (const [key, value] of Object.entries(shape)) {
      yield* settingsUnder(value, [...path, key], variantOf(shape) ?? variant);
    }
  }
}

/** The groups of settings below a path. */
export function* subsectionsUnder(schema: z.core.$ZodType, path: readonly string[]): Generator<Section> {
  const inner = coreOf(schema);
  if (settingKinds.get(inner) !== undefined) {
    return;
  }
  const description = z.globalRegistry.get(schema)?.description;
  if (path.length > 1 && description !== undefined) {
    yield { path, description };
  }
  if (inner instanceof z.ZodArray) {
    yield* subsectionsUnder(inner.def.element, [...path, ANY_INDEX]);
  }
  for (const shape of shapesOf(inner)) {
    for (const [key, value] of Object.entries(shape)) {
      yield* subsectionsUnder(value, [...path, key]);
    }
  }
}

function describe(
  schema: z.core.$ZodType,
  inner: z.core.$ZodType,
  kind: SettingKind,
  path: readonly string[],
  variant: string | undefined,
): Setting {
  const meta = z.globalRegistry.get(schema);
  const value = schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
  return {
    path,
    kind,
    description: meta?.description ?? '',
    example: Array.isArray(meta?.examples) ? meta.examples[0] : undefined,
    defaultValue: kind.kind === 'duration' && typeof value === 'number' ? formatDuration(value) : value,
    choices: inner instanceof z.ZodEnum ? inner.options.map(String) : undefined,
    environment: environmentName(path),
    variant,
  };
}

function environmentName(path: readonly string[]): string {
  const words = path.map((key) =>
    key === ANY_INDEX ? '<n>' : key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase(),
  );
  return `MQTTSN_${words.join('_')}`;
}
