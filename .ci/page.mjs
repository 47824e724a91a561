// Puts together the status page, dist/http/page, of what tsc has compiled, of style sheets and of libraries. Each library is named by where its
// file is, for a browser knows no node_modules, and a map of them would be a script that stands in the page, which its security policy forbids.
// Nothing is bundled. All but index.html is in a folder whose name says what is in it, so that a browser keeps it until there is a new one.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/http/page');
const compiled = join(root, 'dist/page-modules');
const page = join(root, 'dist/http/page');
const content = join(page, 'content');

/** Library to its file, and to where it is served. */
const LIBRARIES = {
  preact: ['preact/dist/preact.mjs', 'library/preact.js'],
  'preact/hooks': ['preact/hooks/dist/hooks.mjs', 'library/preact-hooks.js'],
  htm: ['htm/dist/htm.mjs', 'library/htm.js'],
  uplot: ['uplot/dist/uPlot.esm.js', 'library/uplot.js'],
};
const UPLOT_STYLE = ['uplot/dist/uPlot.min.css', 'library/uplot.css'];
const LICENSES = ['preact', 'htm', 'uplot'];
const IMPORT = /(\bfrom\s*|\bimport\s*)(["'])([^"'./\s][^"'\s]*)\2/g;

const inLibraries = (path) => join(root, 'node_modules', path);
const change = (file, changed) => writeFileSync(file, changed(readFileSync(file, 'utf8')));
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split('\\').join('/'))
    .sort();

rmSync(page, { recursive: true, force: true });
mkdirSync(dirname(page), { recursive: true });
cpSync(join(compiled, 'http/page'), content, { recursive: true });
rmSync(compiled, { recursive: true });
for (const file of filesIn(source).filter((one) => /\.(?:css|svg)$/.test(one))) {
  cpSync(join(source, file), join(content, file));
}
for (const [from, to] of [...Object.values(LIBRARIES), UPLOT_STYLE]) {
  cpSync(inLibraries(from), join(content, to));
}
// It comes with its comments, a hundred kilobytes of them.
change(
  join(content, 'library/uplot.js'),
  (text) => transformSync(text, { minify: true, legalComments: 'inline' }).code,
);
writeFileSync(
  join(content, 'library/licenses.txt'),
  LICENSES.map((name) => `${name}\n\n${readFileSync(inLibraries(`${name}/LICENSE`), 'utf8')}`).join('\n\n'),
);

const modules = filesIn(content).filter((file) => file.endsWith('.js'));
for (const file of modules) {
  const named = (_, before, quote, name) => {
    const [, to] = LIBRARIES[name] ?? [];
    if (to === undefined) {
      throw new Error(`${file} imports ${name}, which .ci/page.mjs does not know`);
    }
    const path = posix.relative(dirname(file), to);
    return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  };
  change(join(content, file), (text) =>
    text.replaceAll(IMPORT, named).replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n'),
  );
}

const hash = createHash('sha256');
for (const file of filesIn(content)) {
  hash.update(`${file}\n`).update(readFileSync(join(content, file)));
}
const folder = `v-${hash.digest('hex').slice(0, 16)}`;
renameSync(content, join(page, folder));

// All modules are asked for at once, not one after the other as each is found in another.
const preloads = modules.map((file) => `    <link rel="modulepreload" href="${file}" />\n`).join('');
const index = readFileSync(join(source, 'index.html'), 'utf8')
  .replace(/^ *<script /m, (script) => `${preloads}${script}`)
  .replaceAll(/(<(?:link|script) [^>]*(?:href|src)=")/g, (before) => `${before}${folder}/`);
writeFileSync(join(page, 'index.html'), index);
