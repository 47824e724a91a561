/** Who may import whom (design 2 and 3): rooms of `src`, and the floors of the core. */
import type { Import } from './import-graph.ts';

/** Folder of `src` to the folders and libraries that it may name. `node:` is listed where it is allowed. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  codec: [],
  core: ['codec'],
  ports: ['core', 'codec'],
  transport: ['ports', 'node:', 'serialport'],
  upstream: ['ports', 'node:', 'mqtt', 'mqtt-packet', 'aedes'],
  store: ['ports', 'node:', 'classic-level'],
  observe: ['ports', 'codec', 'winston', 'node:'],
  http: [
    'ports',
    'observe',
    'fastify',
    '@fastify',
    'fastify-type-provider-zod',
    'zod',
    'prom-client',
    'preact',
    'htm',
    'uplot',
    'node:',
  ],
  status: ['ports', 'observe', 'node:'],
  config: ['core', 'yaml', 'zod', 'node:'],
  app: ['codec', 'core', 'ports', 'transport', 'upstream', 'store', 'observe', 'http', 'status', 'config', 'node:'],
  client: ['codec', 'transport', 'node:'],
  cli: ['app', 'config', 'codec', 'client', 'http', 'yargs', 'node:'],
  '': ['app', 'client', 'codec', 'config', 'ports'],
};

/** What of the core the rooms outside may see. */
const CORE_FROM_OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  ports: ['core/contract/'],
  config: [
    'core/contract/core-settings.ts',
    'core/contract/access-settings.ts',
    'core/contract/units.ts',
    'core/topics/topic-name.ts',
    'core/topics/glob.ts',
  ],
  app: ['core/contract/', 'core/aggregating-core.ts', 'core/access-question.ts'],
};

/** What of the transports the client may see: how DTLS is spoken by its side, which is pure; a serial line, and how frames are told apart on it. */
const TRANSPORT_FROM_CLIENT = ['transport/dtls/client/', 'transport/framing/', 'transport/line/'];

/** What of the HTTP interface the commands may see: what it says and hears, which are types alone. */
const HTTP_FROM_CLI = 'http/api-contract.ts';

/** What runs in the browser, and all that it may name besides itself. Nobody else names any of it, nor its libraries. */
const PAGE = 'http/page/';
const PAGE_LIBRARIES = ['preact', 'htm', 'uplot'];
const PAGE_SEES = ['http/api-contract.ts'];

/** Floors of the core, from below: folder to the folders that it may name besides itself. `core/` is what stands in none of them. */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  'core/contract': ['codec'],
  'core/topics': ['codec'],
  'core/state': ['codec', 'core/contract', 'core/topics'],
  'core/steps': ['codec', 'core/contract', 'core/topics', 'core/state'],
  'core/procedures': ['codec', 'core/contract', 'core/topics', 'core/state', 'core/steps'],
  'core/aggregate': ['codec', 'core/contract', 'core/topics', 'core/state', 'core/steps'],
  core: ['codec', 'core/contract', 'core/topics', 'core/state', 'core/steps', 'core/procedures', 'core/aggregate'],
};

/** The room of `src` that a file is in; empty for the files of `src` itself. */
export function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}

/** The room or the library that an import names. */
export function placeOf({ target, resolved }: Import): string {
  if (resolved !== undefined) {
    return roomOf(resolved);
  }
  return target.startsWith('node:') ? 'node:' : (target.split('/')[0] ?? target);
}

function floorOf(file: string): string {
  const folder = file.slice(0, file.lastIndexOf('/'));
  return folder.startsWith('core') || folder.startsWith('codec') ? folder : roomOf(file);
}

/** Imports that leave a room for one that it may not name. */
export function breaksOfRooms(imports: readonly Import[]): string[] {
  return imports
    .filter((one) => placeOf(one) !== roomOf(one.file) && !ROOMS[roomOf(one.file)]?.includes(placeOf(one)))
    .map(inWords);
}

/** Imports of the core's inside by rooms that may see only a part of it. */
export function breaksFromOutside(imports: readonly Import[]): string[] {
  return imports
    .filter(({ file, resolved }) => roomOf(file) !== 'core' && resolved?.startsWith('core/'))
    .filter(({ file, resolved }) => !CORE_FROM_OUTSIDE[roomOf(file)]?.some((seen) => resolved?.startsWith(seen)))
    .map(inWords);
}

/** Imports by the client of transports, but for what it speaks itself. */
export function breaksOfClient(imports: readonly Import[]): string[] {
  return imports
    .filter(({ file, resolved }) => roomOf(file) === 'client' && resolved?.startsWith('transport/'))
    .filter(({ resolved }) => !TRANSPORT_FROM_CLIENT.some((seen) => resolved?.startsWith(seen)))
    .map(inWords);
}

/** Imports by the commands of the HTTP interface, but for its contract. */
export function breaksOfCommands(imports: readonly Import[]): string[] {
  return imports
    .filter(({ file, resolved }) => roomOf(file) === 'cli' && resolved?.startsWith('http/'))
    .filter(({ resolved }) => resolved !== HTTP_FROM_CLI)
    .map(inWords);
}

/** Imports by the status page of what a browser does not have, and of the page by the rest. */
export function breaksOfPage(imports: readonly Import[]): string[] {
  return imports
    .filter((one) => {
      const { file, resolved } = one;
      if (!file.startsWith(PAGE)) {
        return resolved?.startsWith(PAGE) || PAGE_LIBRARIES.includes(placeOf(one));
      }
      return resolved === undefined
        ? !PAGE_LIBRARIES.includes(placeOf(one))
        : !resolved.startsWith(PAGE) && !PAGE_SEES.includes(resolved);
    })
    .map(inWords);
}

/** Imports within the core that go up, or beside where two floors do not know each other. */
export function breaksOfFloors(imports: readonly Import[]): string[] {
  return imports
    .filter(({ file, resolved }) => {
      if (roomOf(file) !== 'core') {
        return false;
      }
      const floor = floorOf(file);
      const target = resolved === undefined ? 'a library' : floorOf(resolved);
      return target !== floor && !FLOORS[floor]?.includes(target);
    })
    .map(inWords);
}

export function inWords({ file, target }: Import): string {
  return `${file} imports ${target}`;
}
