/** From what the schema complains about to problems that a person can act on. */
import * as z from 'zod';
import { formatDuration } from '../core/contract/units.ts';
import { maskUrl } from './broker-url.ts';
import { parseDuration } from './duration.ts';
import { sizeHint, withoutWeeks } from './meant-value.ts';
import type { SchemaTree } from './schema-tree.ts';
import { isSecretText } from './secret-files.ts';
import { TRANSPORT_TYPES } from './sections/transport-sections.ts';
import { entriesOf, type ListEntry, readEntry } from './setting-kinds.ts';
import { ANY_INDEX, pathText, SETTINGS_TREE, type Setting, type SettingPath } from './setting-list.ts';
import { didYouMean, nearest } from './suggestion.ts';

/** Of a list, how many wrong entries are shown. */
const MOST_ENTRIES = 5;

/** A problem that still has to be placed. */
export interface Complaint {
  readonly path: SettingPath;
  /** Other settings that it is about, for the case that the first one was not written. */
  readonly others: readonly SettingPath[];
  /** Whether the key itself is wrong, or its value. */
  readonly part: 'key' | 'value';
  readonly message: string;
}

/** More complaints are counted only: each is looked up in the schema and in the file. */
const MOST_COMPLAINTS = 200;

/** The first complaints, and how many more there are. */
export interface Complaints {
  readonly complaints: readonly Complaint[];
  readonly more: number;
}

/** One complaint for each wrong value and each unknown key. `valueAt` gives what was written, `tree` the schema that found them. */
export function complaintsOf(
  issues: readonly z.core.$ZodIssue[],
  valueAt: (path: SettingPath) => unknown,
  tree: SchemaTree = SETTINGS_TREE,
): Complaints {
  let more = 0;
  const complaints = new Map<string, Complaint>();
  const add = (complaint: Complaint) => {
    const key = `${pathText(complaint.path)} ${complaint.message}`;
    if (!complaints.has(key)) {
      complaints.set(key, complaint);
    }
  };
  for (const issue of issues) {
    if (complaints.size >= MOST_COMPLAINTS) {
      more += issue.code === 'unrecognized_keys' ? issue.keys.length : 1;
      continue;
    }
    const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
    const variant = variantAt(path, valueAt);
    if (issue.code === 'unrecognized_keys') {
      const room = MOST_COMPLAINTS - complaints.size;
      more += Math.max(0, issue.keys.length - room);
      for (const key of issue.keys.slice(0, room)) {
        add({
          path: [...path, key],
          others: [],
          part: 'key',
          message: `unknown setting${meantKey(tree, path, key, variant)}`,
        });
      }
    } else if (issue.code === 'custom' && issue.message !== '' && issue.message !== 'Invalid input') {
      add({ path, others: otherPaths(issue.params), part: 'value', message: issue.message });
    } else {
      const value = valueAt(path);
      const setting = tree.settingAt(path, variant);
      const isHidden = setting === undefined && mayBeSecret(tree, path);
      const what = isHidden ? 'something else, which is not shown' : found(setting, value);
      const inside = isHidden ? '' : meantInside(tree, path, variant, value);
      const message = `expected ${tree.expectedAt(path, variant)}, found ${what}${setting === undefined ? inside : hint(tree, setting, value)}`;
      add({ path, others: [], part: 'value', message });
    }
  }
  return { complaints: [...complaints.values()], more };
}

function otherPaths(params: Record<string, unknown> | undefined): SettingPath[] {
  return Array.isArray(params?.others) ? params.others : [];
}

/** The `type` that is written in the entry of a list that a path leads into; undefined outside of lists. */
function variantAt(path: SettingPath, valueAt: (path: SettingPath) => unknown): string | undefined {
  const position = path.findIndex((segment) => typeof segment === 'number');
  const type = position < 0 ? undefined : valueAt([...path.slice(0, position + 1), 'type']);
  return typeof type === 'string' ? type : undefined;
}

/** Settings that had another name once. */
const FORMER_NAMES: Readonly<Record<string, string>> = { 'frames.tolerateLength255': 'tolerateShortLength' };

/** A key beside it that looks alike or begins so, else the place where a setting of this name lives, else what kind of entry has it. */
function meantKey(tree: SchemaTree, path: SettingPath, key: string, variant: string | undefined): string {
  const present = FORMER_NAMES[pathText([...path, key])];
  if (present !== undefined) {
    return ` (it is called ${present} now)`;
  }
  if (key === '*' && path.length === 0) {
    return ' (pre-defined topics are in a file of their own, which the setting predefinedTopics names)';
  }
  const keys = tree.keysAt(path, variant);
  const beginning = key.length < 3 ? [] : keys.filter((each) => each.toLowerCase().startsWith(key.toLowerCase()));
  const beside = nearest(key, keys) ?? (beginning.length === 1 ? beginning[0] : undefined);
  if (beside !== undefined) {
    return didYouMean(beside);
  }
  const owners = new Set(
    tree.settings
      .filter((setting) => setting.variant !== undefined && isUnder(setting, [...path, key]))
      .map(({ variant: type }) => type),
  );
  if (variant !== undefined && owners.size > 0) {
    return ` (it belongs to type ${[...owners].join(' and ')})`;
  }
  const places = tree.settings.filter(
    (setting) => setting.variant === undefined && setting.path.at(-1) === key && setting.path.length > 1,
  );
  const elsewhere = new Set(places.map((setting) => pathText(setting.path)));
  return elsewhere.size === 1 ? didYouMean([...elsewhere][0]) : '';
}

/** Whether what stands in place of a group may be meant for a secret in it. In place of a whole section it is meant for its first setting. */
function mayBeSecret(tree: SchemaTree, path: SettingPath): boolean {
  return path.length > 1 && tree.settings.some((setting) => isSecretText(setting) && isUnder(setting, path));
}

/** Whether a setting stands at a path, or inside of what stands there. */
function isUnder(setting: Setting, path: SettingPath): boolean {
  return path.every((segment, depth) => setting.path[depth] === (typeof segment === 'number' ? ANY_INDEX : segment));
}

function found(setting: Setting | undefined, value: unknown): string {
  const wrong = wrongEntries(setting, value);
  if (wrong.length > 0) {
    return `in it: ${wrong.join(', ')}`;
  }
  if (value === undefined || value === null) {
    return 'nothing';
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? 'an empty list' : 'a list';
  }
  if (typeof value === 'object') {
    return 'a map';
  }
  if (setting?.kind.secret === true) {
    if (typeof value !== 'string') {
      return `a ${typeof value}`;
    }
    return value === '' ? 'an empty text' : 'another text, which is not shown';
  }
  if (typeof value !== 'string') {
    return String(value);
  }
  const shown = maskUrl(value);
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}

/** What does not fit in a list, each with its hint. */
function wrongEntries(setting: Setting | undefined, value: unknown): string[] {
  const entry = setting?.kind.entry;
  if (entry === undefined) {
    return [];
  }
  const wrong = (entriesOf(value) ?? []).filter((each) => readEntry(entry, each) === undefined);
  const shown = wrong.slice(0, MOST_ENTRIES).map((each) => {
    return `${found(undefined, each)}${entryHint(entry, each)}`;
  });
  return wrong.length > MOST_ENTRIES ? [...shown, `and ${wrong.length - MOST_ENTRIES} more`] : shown;
}

function entryHint(entry: ListEntry, written: unknown): string {
  if (typeof written !== 'string') {
    // 0013200040401122 without quotes is a number in YAML
    return typeof written === 'number' ? ' (write it in quotes)' : '';
  }
  const problem = entry.problem?.(written);
  return problem === undefined ? didYouMean(entry.meant(written)) : ` (${problem})`;
}

/** Where a word was written for a whole section: the first setting in it that takes the word. */
function meantInside(tree: SchemaTree, path: SettingPath, variant: string | undefined, value: unknown): string {
  if ((typeof value !== 'string' && typeof value !== 'boolean') || typeof path.at(-1) === 'number') {
    return '';
  }
  const key = tree.keysAt(path, variant).find((each) => {
    const inside = [...path, each];
    const schema = tree.settingAt(inside, variant) && tree.schemaAt(inside, variant);
    return schema !== undefined && z.safeParse(schema, value).success;
  });
  return key === undefined ? '' : didYouMean(`${pathText([...path, key])}: ${maskUrl(String(value))}`);
}

function hint(tree: SchemaTree, setting: Setting, value: unknown): string {
  switch (setting.kind.kind) {
    case 'duration':
      return durationHint(tree, setting, value);
    case 'choice':
      return typeof value === 'string' ? didYouMean(nearest(value, setting.choices ?? TRANSPORT_TYPES)) : '';
    case 'boolean':
      return didYouMean(meantFlag(value));
    case 'octets':
      return typeof value === 'string' && !/^\d+$/.test(value)
        ? sizeHint(value, (octets) => takes(tree, setting, octets))
        : withoutQuotes(value);
    case 'number':
      return withoutQuotes(value);
    case 'map':
      return '';
    case 'text':
      if (typeof value === 'string' && setting.kind.meant !== undefined) {
        const meant = setting.kind.meant(value);
        return takes(tree, setting, meant) && meant !== value ? didYouMean(meant) : '';
      }
      return inQuotes(value);
    case 'list':
    case 'file':
      return inQuotes(value);
  }
}

function withoutQuotes(value: unknown): string {
  return typeof value === 'string' && /^\d+$/.test(value) ? ' (write it without quotes)' : '';
}

function inQuotes(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? ' (write it in quotes)' : '';
}

/** Whether a setting would be right with this value. */
function takes(tree: SchemaTree, setting: Setting, value: unknown): boolean {
  const schema = tree.schemaAt(setting.path, setting.variant);
  return schema !== undefined && z.safeParse(schema, value).success;
}

function durationHint(tree: SchemaTree, setting: Setting, value: unknown): string {
  const days = withoutWeeks(value);
  const meant =
    days === undefined ? meantDuration(tree, setting, value) : takes(tree, setting, days) ? days : undefined;
  const isUnreadable = typeof value === 'string' && parseDuration(value) === undefined;
  return meant === undefined && isUnreadable ? ' (units are ms, s, m, h and d)' : didYouMean(meant);
}

/** The same with a unit, where that would be accepted. */
function meantDuration(tree: SchemaTree, setting: Setting, value: unknown): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|[smhd]|$)[a-z]*\s*$/i.exec(String(value));
  if (match === null) {
    return undefined;
  }
  const written = `${match[1]}${match[2] === '' ? 's' : match[2]?.toLowerCase()}`;
  const millis = parseDuration(written);
  if (millis === undefined || millis === 0) {
    return undefined;
  }
  const meant = formatDuration(millis);
  return meant !== value && takes(tree, setting, meant) ? meant : undefined;
}

function meantFlag(value: unknown): string | undefined {
  if (value === 1 || /^(yes|on|y|1|true)$/i.test(String(value))) {
    return 'true';
  }
  if (value === 0 || /^(no|off|n|0|false)$/i.test(String(value))) {
    return 'false';
  }
  return undefined;
}
