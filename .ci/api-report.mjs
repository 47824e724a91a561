// The public types, as docs/public-api.txt has them: every declaration that can be reached from dist/index.d.ts, without comments, by name. With --write
// the file is renewed, else it, or another one that is named, is compared. A change of it is a change of the interface, and belongs into CHANGELOG.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from '@swc/core';

const root = join(import.meta.dirname, '..');
const isWriting = process.argv.includes('--write');
const report = isWriting
  ? join(root, 'docs', 'public-api.txt')
  : resolve(process.argv[2] ?? join(root, 'docs', 'public-api.txt'));
const dist = join(root, 'dist');
const HEADER =
  '# The public types of mqtt-sn-gateway, made by `npm run api:update`. What changes here changes for whoever embeds it.\n';

/** A file of declarations: what it declares by name, what it takes from elsewhere, what it gives. */
const files = new Map();

function fileOf(path) {
  const known = files.get(path);
  if (known !== undefined) {
    return known;
  }
  const text = readFileSync(path, 'utf8');
  const octets = Buffer.from(text);
  const read = { path, declared: new Map(), imported: new Map(), exported: new Map(), stars: [] };
  files.set(path, read);
  const ast = parseSync(text, { syntax: 'typescript' });
  const start = ast.span.start - leading(text); // spans count on from one file to the next, and begin behind the first comment
  for (const item of ast.body) {
    readItem(item, read, octets, start);
  }
  return read;
}

/** Octets before the first statement. */
function leading(text) {
  const [before] = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*)*/.exec(text);
  return Buffer.byteLength(before);
}

function readItem(item, read, octets, start) {
  const target = () => resolve(dirname(read.path), item.source.value).replace(/\.[jt]s$/, '.d.ts');
  switch (item.type) {
    case 'ImportDeclaration':
      for (const { local, imported } of item.specifiers) {
        const isOurs = item.source.value.startsWith('.');
        read.imported.set(local.value, isOurs ? { path: target(), name: (imported ?? local).value } : undefined);
      }
      return;
    case 'ExportNamedDeclaration':
      for (const { orig, exported } of item.specifiers) {
        read.exported.set((exported ?? orig).value, { path: item.source ? target() : read.path, name: orig.value });
      }
      return;
    case 'ExportAllDeclaration':
      read.stars.push(target());
      return;
    default: {
      const { declaration = item } = item;
      const text = octets.subarray(item.span.start - start, item.span.end - start).toString();
      const declarators = declaration.declarations?.map(({ id }) => id.value);
      for (const name of declarators ?? [(declaration.id ?? declaration.identifier)?.value]) {
        if (name !== undefined) {
          read.declared.set(name, [...(read.declared.get(name) ?? []), withoutComments(text)]);
        }
      }
    }
  }
}

function withoutComments(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .replace(/^export (declare )?/, '')
    .replace(/^ {4,}/gm, (blanks) => ' '.repeat(blanks.length / 2))
    .trim();
}

/** Where a name that a file gives is declared. */
function origin(path, name) {
  const file = fileOf(path);
  const given = file.exported.get(name);
  if (given !== undefined && (given.path !== path || given.name !== name)) {
    return origin(given.path, given.name);
  }
  if (file.declared.has(name)) {
    return { path, name };
  }
  const imported = file.imported.get(name);
  if (imported !== undefined) {
    return origin(imported.path, imported.name);
  }
  for (const star of file.stars) {
    const found = origin(star, name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** What a program can import, by its name there. */
function exportsOf(path) {
  const { exported, declared, stars } = fileOf(path);
  const own = path.endsWith('index.d.ts') ? [] : [...declared.keys()];
  return [...exported.keys(), ...own, ...stars.flatMap(exportsOf)];
}

const index = join(dist, 'index.d.ts');
const names = [...new Set(exportsOf(index))].sort();
const reached = new Map();
const waiting = names.map((name) => origin(index, name));
for (const place of waiting) {
  if (place === undefined || reached.has(`${place.path} ${place.name}`)) {
    continue;
  }
  const file = fileOf(place.path);
  const text = file.declared.get(place.name).join('\n');
  reached.set(`${place.path} ${place.name}`, { ...place, text });
  const codeOnly = text.replace(/'[^'\n]*'/g, "''");
  for (const word of new Set(codeOnly.match(/[A-Za-z_$][\w$]*/g) ?? [])) {
    if (word !== place.name && (file.declared.has(word) || file.imported.get(word) !== undefined)) {
      waiting.push(origin(place.path, word));
    }
  }
}

const isExported = new Set(names.map((name) => origin(index, name)).map((place) => `${place?.path} ${place?.name}`));
const blocks = [...reached.entries()]
  .map(([key, { path, name, text }]) => ({
    name,
    text: `${isExported.has(key) ? 'export' : `internal (${relative(dist, path).replace('.d.ts', '')})`} ${text}`,
  }))
  .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.text < b.text ? -1 : 1));
const now = `${HEADER}\nexports: ${names.join(', ')}\n\n${blocks.map(({ text }) => text).join('\n\n')}\n`;

if (isWriting) {
  writeFileSync(report, now);
} else if (readFileSync(report, 'utf8') !== now) {
  const before = new Set(readFileSync(report, 'utf8').split('\n'));
  const after = new Set(now.split('\n'));
  const gone = [...before].filter((line) => !after.has(line)).map((line) => `- ${line}`);
  const come = [...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`); // none: another order, or a line twice
  console.error(['The public types have changed:', ...gone, ...come].slice(0, 60).join('\n'));
  console.error('Where that is meant: npm run api:update, and a line in CHANGELOG.md.');
  process.exitCode = 1;
}
