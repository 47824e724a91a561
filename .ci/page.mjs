// Makes of what tsc has compiled of the status page what a browser can load, dist/http/page: style sheets and libraries beside it, and each
// library named by where its file is, for a browser knows no node_modules, and a map of them would be a script that stands in the page, which its
// security policy forbids. Nothing is bundled.
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/http/page');
const page = join(root, 'dist/http/page');

/** Library to its file, and to where it is served. */
const LIBRARIES = {
  preact: ['preact/dist/preact.mjs', 'library/preact.js'],
  'preact/hooks': ['preact/hooks/dist/hooks.mjs', 'library/preact-hooks.js'],
  htm: ['htm/dist/htm.mjs', 'library/htm.js'],
  uplot: ['uplot/dist/uPlot.esm.js', 'library/uplot.js'],
};
const FILES = { 'uplot/dist/uPlot.min.css': 'library/uplot.css' };
const LICENSES = ['preact', 'htm', 'uplot'];
const IMPORT = /(\bfrom\s*|\bimport\s*)(["'])([^"'./\s][^"'\s]*)\2/g;

const below = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split('\\').join('/'));

// What a former build has left goes: the folder is served as it is.
const compiled = new Set(
  below(source)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, '.js')),
);
for (const file of below(page).filter((one) => !compiled.has(one))) {
  rmSync(join(page, file));
}

for (const file of below(source).filter((one) => /\.(?:html|css|svg)$/.test(one))) {
  cpSync(join(source, file), join(page, file));
}
for (const [from, to] of [...Object.values(LIBRARIES), ...Object.entries(FILES)]) {
  copyFileSync(join(root, 'node_modules', from), join(page, to));
}
writeFileSync(
  join(page, 'library/licenses.txt'),
  LICENSES.map((name) => `${name}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')}`).join(
    '\n\n',
  ),
);

// It comes with its comments, a hundred kilobytes of them.
const plots = join(page, 'library/uplot.js');
writeFileSync(plots, transformSync(readFileSync(plots, 'utf8'), { minify: true, legalComments: 'inline' }).code);

const modules = below(page).filter((file) => file.endsWith('.js'));
for (const file of modules) {
  const text = readFileSync(join(page, file), 'utf8');
  const named = text
    .replaceAll(IMPORT, (_, before, quote, name) => {
      const [, to] = LIBRARIES[name] ?? [];
      if (to === undefined) {
        throw new Error(`${file} imports ${name}, which .ci/page.mjs does not know`);
      }
      const path = posix.relative(dirname(file), to);
      return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    })
    .replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n');
  if (named !== text) {
    writeFileSync(join(page, file), named);
  }
}

// All modules are asked for at once, not one after the other as each is found in another.
const index = join(page, 'index.html');
const preloads = modules.map((file) => `    <link rel="modulepreload" href="${file}" />\n`).join('');
writeFileSync(
  index,
  readFileSync(index, 'utf8').replace(/^ *<script /m, (script) => `${preloads}${script}`),
);
