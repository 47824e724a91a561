/**
 * Finds the parts of the core in a build of this project, also in an older or a newer one: the places and the shape of the settings
 * have changed over time, and a comparison reaches over such a change.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const CORE = 'dist/core/gateway-core.js';
const CODEC = 'dist/codec/decode.js';
/** Where DEFAULT_CORE_SETTINGS is, the newest place first. */
const SETTINGS = ['dist/core/contract/core-settings.js', 'dist/core/core-settings.js', 'dist/core/timer-values.js'];

/** Ways to allow so many sessions, by what the settings look like; the newest first. */
const SESSION_LIMITS = [
  {
    setting: 'sessions.limit',
    fits: (settings) => typeof settings.sessions?.limit === 'number',
    set: (settings, limit) => ({ ...settings, sessions: { ...settings.sessions, limit } }),
  },
  {
    setting: 'maxSessions',
    fits: (settings) => typeof settings.maxSessions === 'number',
    set: (settings, maxSessions) => ({ ...settings, maxSessions }),
  },
];

/**
 * Loads a build.
 * @param {string} directory a checkout that has been built
 * @returns {Promise<{ decode: (frame: Uint8Array) => object, makeCore: (sessions: number) => object }>} `makeCore` gives a new core with
 *   its default settings that takes so many sessions
 * @throws {Error} says what was looked for where the build does not fit
 */
export async function loadBuild(directory) {
  const { GatewayCore } = await load(directory, CORE, 'GatewayCore');
  const { decode } = await load(directory, CODEC, 'decode');
  const { defaults, place } = await loadSettings(directory);
  const sessionLimit = SESSION_LIMITS.find(({ fits }) => fits(defaults));
  if (sessionLimit === undefined) {
    const known = SESSION_LIMITS.map(({ setting }) => setting).join(', ');
    throw new Error(`${join(directory, place)}: DEFAULT_CORE_SETTINGS has none of the known session limits (${known})`);
  }
  const makeCore = (sessions) =>
    new GatewayCore({
      settings: sessionLimit.set(defaults, sessions),
      predefinedTopics: new Map(),
      random: () => 0.5,
    });
  return { decode, makeCore };
}

async function loadSettings(directory) {
  for (const place of SETTINGS) {
    if (!existsSync(join(directory, place))) {
      continue;
    }
    const { DEFAULT_CORE_SETTINGS: defaults } = await importFrom(directory, place);
    if (defaults !== undefined) {
      return { defaults, place };
    }
  }
  throw new Error(`${directory}: DEFAULT_CORE_SETTINGS is exported by none of ${SETTINGS.join(', ')}`);
}

/** A module that has to be there and to export this name. */
async function load(directory, place, name) {
  if (!existsSync(join(directory, place))) {
    throw new Error(`${directory}: ${place} is missing; has the checkout been built (npm ci, npm run build)?`);
  }
  const module = await importFrom(directory, place);
  if (typeof module[name] !== 'function') {
    throw new Error(`${join(directory, place)}: no function ${name} is exported`);
  }
  return module;
}

function importFrom(directory, place) {
  return import(pathToFileURL(join(directory, place)).href);
}
