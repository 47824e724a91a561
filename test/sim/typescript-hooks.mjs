import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const options = {
  jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

export function load(url, context, next) {
  return loadTypeScript(url, context, next, (source) => source);
}

/** `prepare`: what is compiled of a source. */
export async function loadTypeScript(url, context, next, prepare) {
  if (!url.endsWith('.ts')) {
    return next(url, context);
  }
  const filename = fileURLToPath(url);
  const { code } = await transform(prepare(await readFile(filename, 'utf8')), { ...options, filename });
  return { format: 'module', shortCircuit: true, source: code };
}
