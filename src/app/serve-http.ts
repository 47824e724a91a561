/** Serves the status page of a gateway that runs. */
import type { Settings } from '../config/schema.ts';
import { LoopDelay } from '../observe/loop-delay.ts';
import { decodeOptions } from './decode-options.ts';
import type { Gateway } from './gateway.ts';
import type { ProgramOperator } from './program-operator.ts';
import { systemClock } from './system-clock.ts';

export interface ServeHttpParts {
  /** As it was started with. */
  readonly settings: Settings;
  readonly gateway: Gateway;
  readonly operator: ProgramOperator;
}

/**
 * Loads and starts it, in its own time: the gateway does not wait for that, and goes on where it comes to nothing, which is noted. Returns how to stop
 * it; that never rejects.
 */
export function serveHttp(parts: ServeHttpParts): () => Promise<void> {
  const { gateway } = parts;
  const loopDelay = new LoopDelay(systemClock);
  const starting = start(parts, loopDelay).catch((error: unknown) => {
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

async function start({ settings, gateway, operator }: ServeHttpParts, loopDelay: LoopDelay) {
  // Loaded late: a gateway without a status page does not pay for one, and one with it is ready before.
  const { startHttp } = await import('../http/start-http.ts');
  loopDelay.start();
  return startHttp({
    settings: settings.http,
    access: () => operator.settings.http,
    sessions: gateway,
    site: gateway.site,
    operator,
    clock: systemClock,
    wall: Date.now,
    loopDelay,
    // Settings may change while it is served: each is looked at when it is needed.
    frames: {
      get trailing() {
        return decodeOptions(operator.settings.frames).trailing;
      },
      get tolerateShortLength() {
        return decodeOptions(operator.settings.frames).tolerateShortLength;
      },
      get payloads() {
        return operator.settings.logging.payloads;
      },
    },
    limits: {
      get sessions() {
        return operator.settings.sessions.limit;
      },
      get qos0Octets() {
        return operator.settings.sessions.sleepBufferOctetsInAll;
      },
      get queueOctets() {
        return queueOctets(operator.settings);
      },
    },
    observe: (observer) => gateway.observe(observer),
    note: (note) => gateway.note(note),
  });
}

/** What may wait for all clients together, with any QoS; undefined: it waits at the broker. */
function queueOctets({ sessions, upstream }: Settings): number | undefined {
  return upstream.mode === 'aggregating' ? sessions.queue.octetsInAll : undefined;
}
