/** Clients whose frames are shown: some that are named, or all that there are and that come. */
import { setMaxListeners } from 'node:events';
import type { ClientChanges, ClientItem, TracedFrame } from '../../http/api-contract.ts';
import { ApiError, clientPath, type GatewayApi } from './gateway-api.ts';

/** What is done with what comes. */
export interface FrameTarget {
  frame(clientId: string, frame: TracedFrame): void;
  /** Something that the user should know. */
  say(line: string): void;
}

/** Clients that a gateway shows at a time. */
const MOST = 10;
/** Seconds for which frames are asked for; it is asked again in time. */
const SPAN = 60;
const RENEW = 40_000;

const NOT_THERE = 404;
const BUSY = 503;

/** Somebody else has switched off that a client is shown, or its session is gone. */
class SwitchedOffError extends ApiError {}

export class FollowedClients {
  readonly #api: GatewayApi;
  readonly #target: FrameTarget;
  readonly #followed = new Map<string, Promise<void>>();
  #saidFull = false;

  constructor(api: GatewayApi, target: FrameTarget) {
    this.#api = api;
    this.#target = target;
  }

  /** Follows these clients, or all where none is named, until the signal ends it. Rejects with `ApiError` where that is not possible. */
  async follow(clientIds: readonly string[], signal: AbortSignal): Promise<void> {
    const stopper = new AbortController();
    setMaxListeners(0, stopper.signal); // each client waits for it
    const stop = (): void => stopper.abort();
    signal.addEventListener('abort', stop);
    if (signal.aborted) {
      stop();
    }
    try {
      await (clientIds.length > 0 ? this.#named(clientIds, stopper.signal) : this.#all(stopper.signal));
    } finally {
      stop();
      signal.removeEventListener('abort', stop);
      await Promise.allSettled(this.#followed.values());
    }
  }

  async #named(clientIds: readonly string[], signal: AbortSignal): Promise<void> {
    if (clientIds.length > MOST) {
      throw new ApiError(`a gateway shows the frames of ${MOST} clients at a time: name no more`);
    }
    await Promise.all([...new Set(clientIds)].map((clientId) => this.#one(clientId, signal)));
  }

  /** The stream of changes first, so that no client is missed between both. */
  async #all(signal: AbortSignal): Promise<void> {
    const { total, items } = await this.#api.get<{ readonly total: number; readonly items: readonly ClientItem[] }>(
      `api/v1/clients?sort=lastSeen&order=desc&limit=${MOST}`,
    );
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => undefined);
    const add = (clientId: string): void => this.#add(clientId, signal, fail);
    for (const { clientId } of items) {
      add(clientId);
    }
    if (total > MOST) {
      this.#full();
    }
    if (items.length === 0) {
      this.#target.say('no client yet; frames are shown from the next one on that connects');
    }
    const changes = async (): Promise<void> => {
      for await (const { name, data } of this.#api.events('api/v1/events?events=clients', signal)) {
        if (name === 'clients') {
          for (const { clientId } of (data as ClientChanges).changed) {
            add(clientId);
          }
        }
      }
      if (!signal.aborted) {
        throw new ApiError('the gateway has ended the stream of its clients: it stops, or its users have changed');
      }
    };
    await Promise.race([changes(), failed]);
  }

  #add(clientId: string, signal: AbortSignal, fail: (error: unknown) => void): void {
    if (this.#followed.has(clientId)) {
      return;
    }
    if (this.#followed.size >= MOST) {
      this.#full();
      return;
    }
    const followed = this.#one(clientId, signal)
      .catch((error: unknown) => {
        const { status } = error as { readonly status?: number };
        if (status === BUSY) {
          this.#full();
        } else if (error instanceof SwitchedOffError) {
          this.#target.say(error.message); // the others go on; it is shown again when something happens to it
        } else if (status !== NOT_THERE) {
          fail(error);
        }
      })
      .finally(() => this.#followed.delete(clientId));
    this.#followed.set(clientId, followed);
  }

  #full(): void {
    if (!this.#saidFull) {
      this.#saidFull = true;
      this.#target.say(
        `a gateway shows the frames of ${MOST} clients at a time; the others are not shown: name those that you want`,
      );
    }
  }

  /** Frames of one client until the signal, or the end of its session. */
  async #one(clientId: string, signal: AbortSignal): Promise<void> {
    const path = clientPath(clientId, '/trace');
    // Others may have it shown as well: with the last one that leaves it ends, unless somebody wants it for longer.
    const ask = async (): Promise<void> => {
      await this.#api.send('POST', path, { seconds: SPAN, untilLeft: true });
    };
    await ask();
    let problem: unknown;
    const stopper = new AbortController();
    const stop = (): void => stopper.abort();
    signal.addEventListener('abort', stop);
    if (signal.aborted) {
      stop();
    }
    const timer = setInterval(() => {
      ask().catch((error: unknown) => {
        problem = error;
        stop();
      });
    }, RENEW);
    try {
      for await (const { name, data } of this.#api.events(path, stopper.signal)) {
        if (name === 'frame') {
          this.#target.frame(clientId, data as TracedFrame);
        } else if (name === 'missed') {
          this.#target.say(
            `${(data as { readonly frames: number }).frames} frames of ${JSON.stringify(clientId)} are not shown: too many in a second`,
          );
        } else if (name === 'end') {
          break;
        }
      }
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
    }
    if (problem !== undefined) {
      throw problem;
    }
    if (!signal.aborted) {
      throw new SwitchedOffError(
        `the frames of ${JSON.stringify(clientId)} are not shown any more: somebody has switched that off`,
      );
    }
  }
}
