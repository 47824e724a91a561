/** How the modules that make transports of one's own are named in the settings. */

const PATTERN = '^(\\.{0,2}[/\\\\]|[A-Za-z]:[/\\\\])';
const MODULE_PATH = new RegExp(PATTERN);

/** JSON Schema of the written form of `type`. */
export const MODULE_JSON_SCHEMA = { anyOf: [{ const: 'module' }, { type: 'string', pattern: PATTERN }] } as const;

/** Whether what stands as type of a transport is the path of a module: `./my-radio.js`, `../radio.mjs`, `/opt/radio.js`, `C:\\radio.js`. */
export function isModulePath(type: unknown): type is string {
  return typeof type === 'string' && MODULE_PATH.test(type);
}
