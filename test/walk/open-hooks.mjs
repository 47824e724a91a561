import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const options = {
  jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** TypeScript as it stands; of the core the private fields are open, as `$name`, for a walker that looks at everything. */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) {
    return next(url, context);
  }
  const filename = fileURLToPath(url);
  const source = await readFile(filename, 'utf8');
  const opened = url.includes('/src/core/') ? source.replace(/(?<![\w'"`/])#(?=[a-zA-Z])/g, '$') : source;
  const { code } = await transform(opened, { ...options, filename });
  return { format: 'module', shortCircuit: true, source: code };
}
