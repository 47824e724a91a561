/** The thread in which a module runs (module-thread.ts): loads it, checks its version, passes on what it says and what it is told. */
import { dirname } from 'node:path';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { ModuleTransport, TransportModule } from '../../ports/transport-module.ts';
import { checkedMedium } from './checked-medium.ts';
import { moduleError, moduleWords } from './module-error.ts';
import { SpokenModule } from './spoken-module.ts';
import type { ModuleAnswer, ModuleStart, ModuleStep, ToModule } from './thread-messages.ts';

const { module: path, name, options, memory } = workerData as ModuleStart;
const folder = dirname(path);
const port = parentPort;
const answer = (message: ModuleAnswer): void => port?.postMessage(message);
const spoken = new SpokenModule({ name, options, folder, post: (message) => port?.postMessage(message) });

const MEBIBYTE = 1_048_576;

/** The version of the interface that this gateway speaks. */
const VERSION: TransportModule['transportInterface'] = 1;

/** Undefined: it has failed, and the gateway knows. */
async function start(): Promise<ModuleTransport | undefined> {
  let step: ModuleStep = 'load';
  try {
    const loaded: unknown = await import(pathToFileURL(path).href);
    const exported = exportsOf(loaded);
    step = 'version';
    checkVersion(exported.transportInterface);
    step = 'load';
    if (typeof exported.createTransport !== 'function') {
      throw new TypeError('it exports no function createTransport');
    }
    step = 'create';
    const transport = await (exported as unknown as TransportModule).createTransport(spoken.context);
    for (const method of ['open', 'send', 'close'] as const) {
      if (typeof (transport as Partial<ModuleTransport> | undefined)?.[method] !== 'function') {
        throw new TypeError(`what createTransport gives has no function ${method}`);
      }
    }
    step = 'open';
    const medium = checkedMedium(await transport.open());
    answer({ type: 'opened', medium, canBroadcast: typeof transport.broadcast === 'function' });
    return transport;
  } catch (error) {
    answer({ type: 'failed', step, ...moduleError(error, folder) });
    return undefined;
  }
}

/** Named exports, of a CommonJS module too. */
function exportsOf(loaded: unknown): Partial<Record<keyof TransportModule, unknown>> {
  const named = loaded as Partial<Record<keyof TransportModule | 'default', unknown>>;
  const inside = named.default;
  return named.createTransport === undefined && typeof inside === 'object' && inside !== null ? inside : named;
}

function checkVersion(version: unknown): void {
  if (version === undefined) {
    throw new TypeError(`it exports no transportInterface: write "export const transportInterface = ${VERSION};"`);
  }
  if (version !== VERSION) {
    throw new TypeError(
      `it was written for version ${typeof version === 'string' ? `"${moduleWords(version)}" (a text)` : moduleWords(version)} of the interface, this gateway has version ${VERSION}: take the version of the module, or of the gateway, that fits`,
    );
  }
}

/** Ends the thread where it uses too much memory: in time, for where V8 itself ends it, an array that grows ends the whole process. */
function watchMemory(): void {
  new PerformanceObserver((collections) => {
    const isWhole = collections.getEntries().some((entry) => {
      const { kind } = (entry as { readonly detail?: { readonly kind?: number } }).detail ?? {};
      return kind === constants.NODE_PERFORMANCE_GC_MAJOR;
    });
    if (isWhole && getHeapStatistics().used_heap_size > memory * MEBIBYTE) {
      const error = new Error(`it has used more than ${memory} MiB of memory`);
      throw Object.assign(error, { code: 'ENOMEM' });
    }
  }).observe({ entryTypes: ['gc'] });
}

watchMemory();
const starting = start();

async function send(transport: ModuleTransport, message: ToModule & { type: 'send' | 'broadcast' }): Promise<void> {
  const { id, frame } = message;
  try {
    await (message.type === 'send'
      ? transport.send(message.address, frame)
      : transport.broadcast?.(frame, message.radius));
    answer({ type: 'sent', id });
  } catch (error) {
    answer({ type: 'unsent', id, ...moduleError(error, folder) });
  }
}

async function close(transport: ModuleTransport | undefined): Promise<void> {
  try {
    await transport?.close();
  } catch (error) {
    spoken.context.problem('ECLOSE', moduleError(error, folder).reason);
  }
  answer({ type: 'closed' });
}

port?.on('message', (message: ToModule) => {
  switch (message.type) {
    case 'taken':
      spoken.taken(message.count);
      return;
    case 'ping':
      answer({ type: 'pong' });
      return;
    case 'close':
      void starting.then(close);
      return;
    default:
      void starting.then((transport) => transport && send(transport, message));
  }
});
