/** All single settings, read from the schema: for environment variables, documentation, command line and messages. */
import type * as z from 'zod';
import { settingsSchema } from './schema.ts';
import { SchemaTree, type Section, type Setting, type SettingPath, subsectionsUnder } from './schema-tree.ts';

export {
  ANY_INDEX,
  coreOf,
  pathText,
  type Section,
  type Setting,
  type SettingPath,
  writtenPathText,
} from './schema-tree.ts';

/** The schema of the settings, place by place. */
export const SETTINGS_TREE = new SchemaTree(settingsSchema);

/** Every setting, in the order of the schema. */
export const SETTINGS: readonly Setting[] = SETTINGS_TREE.settings;

/** The groups inside sections, such as `upstream.offlineQueue`. */
export const SUBSECTIONS: readonly Section[] = [...subsectionsUnder(settingsSchema, [])];

/** The schema of what stands at a path, in entries of the type `variant`; undefined where the schema knows no such place. */
export function schemaAt(path: SettingPath, variant?: string): z.core.$ZodType | undefined {
  return SETTINGS_TREE.schemaAt(path, variant);
}

/** The keys that are known at a path, in entries of the type `variant`. */
export function keysAt(path: SettingPath, variant?: string): string[] {
  return SETTINGS_TREE.keysAt(path, variant);
}

/** The setting at a path with list positions, in entries of the type `variant`; undefined for sections and unknown paths. */
export function settingAt(path: SettingPath, variant?: string): Setting | undefined {
  return SETTINGS_TREE.settingAt(path, variant);
}
