import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CREDENTIALS_TREE } from '../../src/config/credentials-file.ts';
import type { SchemaTree } from '../../src/config/schema-tree.ts';
import { ANY_INDEX, pathText, SETTINGS_TREE } from '../../src/config/setting-list.ts';

/** What every secret of the tests has in it, in one of the forms that secrets have. */
export const SECRET = /geheim|c0ffeec0ffee/i;

/** The pre-shared key among them. */
export const SECRET_KEY = 'c0ffeec0ffeec0ffeec0ffeec0ffee00';

const FORMS = [
  'geheim-0123456789abcdef',
  SECRET_KEY,
  `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$geheim${'B'.repeat(37)}`,
  { key: 'geheim', geheim: ['geheim'] },
];

/** A transport that has no medium. */
const MODULE = 'secret-transport.mjs';
const MODULE_TEXT = `export const transportInterface = 1;
export const createTransport = () => ({
  open: async () => ({ description: 'nothing', maxFrame: 64 }),
  send: async () => undefined,
  close: async () => undefined,
});
`;

/** Beside which other settings a secret is right. */
const COMPANIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'upstream.password': { username: 'gw' },
  'upstream.psk.key': { identity: 'gw' },
  'http.users[].passwordHash': { name: 'anna' },
  'transports[].options': { type: 'module', module: `./${MODULE}` },
  'rules[].password': { username: 'u' },
  'rules[].passwordTemplate': { username: 'u' },
  'rules[].psk.key': { identity: 'i' },
};

type Branch = Record<string, unknown>;

/** One secret of a schema, with all that it needs to be right. */
export interface SecretPlace {
  /** As in messages. */
  readonly name: string;
  /** Content of a file in which it stands; in place of it `value`. */
  readonly file: (value?: unknown) => Branch;
}

/** Every secret of a schema: one that has no form of its own here fails the test. */
function placesOf(tree: SchemaTree): readonly SecretPlace[] {
  return tree.settings
    .filter(({ kind }) => kind.secret === true)
    .map(({ path, variant }) => {
      const name = pathText(path);
      const schema = tree.schemaAt(path, variant);
      const secret = FORMS.find((form) => schema !== undefined && z.safeParse(schema, form).success);
      if (secret === undefined) {
        throw new Error(`${name} is a secret of a form that this test does not know: add one to FORMS`);
      }
      return { name, file: (value = secret) => branchOf(path, { ...COMPANIONS[name], [path.at(-1) ?? '']: value }) };
    });
}

function branchOf(path: readonly string[], leaf: Branch): Branch {
  return path
    .slice(0, -1)
    .reduceRight<unknown>((inner, key) => (key === ANY_INDEX ? [inner] : { [key]: inner }), leaf) as Branch;
}

export const SECRET_SETTINGS = placesOf(SETTINGS_TREE);

export const SECRET_CREDENTIALS = placesOf(CREDENTIALS_TREE);

/** One map of several; lists are put behind each other. */
export function merged(...branches: readonly Branch[]): Branch {
  const all: Branch = {};
  for (const [key, value] of branches.flatMap((branch) => Object.entries(branch))) {
    const known = all[key];
    if (Array.isArray(known) && Array.isArray(value)) {
      all[key] = [...known, ...value];
    } else {
      all[key] = isBranch(known) && isBranch(value) ? merged(known, value) : value;
    }
  }
  return all;
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Writes files in which every secret stands; `more`: other settings. The file of settings is `gateway.yaml`. */
export function writeSecrets(folder: string, more: Branch): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: Branch): void =>
    writeFileSync(join(folder, name), JSON.stringify(content), { mode: 0o600 });
  write('credentials.yaml', merged(...SECRET_CREDENTIALS.map(({ file }) => file())));
  writeFileSync(join(folder, MODULE), MODULE_TEXT);
  write('psk.yaml', { 'sensor-1': SECRET_KEY });
  write(
    'gateway.yaml',
    merged(more, { upstream: { credentials: 'credentials.yaml' } }, ...SECRET_SETTINGS.map(({ file }) => file())),
  );
}
