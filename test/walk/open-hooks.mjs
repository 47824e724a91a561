import { loadTypeScript } from '../sim/typescript-hooks.mjs';

/** TypeScript as it stands; of the core the private fields are open, as `$name`, for a walker that looks at everything. */
export function load(url, context, next) {
  const isCore = url.includes('/src/core/');
  return loadTypeScript(url, context, next, (source) => (isCore ? opened(source) : source));
}

function opened(source) {
  return source.replace(/(?<![\w'"`/])#(?=[a-zA-Z])/g, '$');
}
