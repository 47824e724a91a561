/** Serves the status page of a gateway that runs. */
import type { Settings } from '../config/schema.ts';
import { LoopDelay } from '../observe/loop-delay.ts';
import { decodeOptions } from './decode-options.ts';
import type { Gateway } from './gateway.ts';
import { systemClock } from './system-clock.ts';

export interface ServeHttpParts {
  readonly settings: Settings;
  readonly gateway: Gateway;
}

/**
 * Loads and starts it, in its own time: the gateway does not wait for that, and goes on where it comes to nothing, which is noted. Returns how to stop
 * it; that never rejects.
 */
export function serveHttp({ settings, gateway }: ServeHttpParts): () => Promise<void> {
  const loopDelay = new LoopDelay(systemClock);
  const starting = start(settings, gateway, loopDelay).catch((error: unknown) => {
    const { code = 'defect', message, stack } = error as NodeJS.ErrnoException;
    const reason = code === 'defect' ? (stack ?? message) : message;
    gateway.note({ type: 'http-problem', code, reason: `it cannot be served: ${reason}` });
    return undefined;
  });
  return async () => {
    loopDelay.stop();
    await (await starting)?.stop();
  };
}

async function start(settings: Settings, gateway: Gateway, loopDelay: LoopDelay) {
  // Loaded late: a gateway without a status page does not pay for one, and one with it is ready before.
  const { startHttp } = await import('../http/start-http.ts');
  loopDelay.start();
  const { http, logging, frames, sessions, upstream } = settings;
  const { octetsInAll } = sessions.queue;
  return startHttp({
    settings: http,
    sessions: gateway,
    site: gateway.site,
    operator: gateway.operator,
    program: undefined,
    clock: systemClock,
    wall: Date.now,
    loopDelay,
    frames: { ...decodeOptions(frames), payloads: logging.payloads },
    limits: {
      sessions: sessions.limit,
      queueOctets: sessions.sleepBufferOctetsInAll + (upstream.mode === 'aggregating' ? octetsInAll : 0),
    },
    observe: (observer) => gateway.observe(observer),
    note: (note) => gateway.note(note),
  });
}
