import type { EventEmitter } from 'node:events';
import { LogObserver, type LogObserverSettings } from '../../observe/log-observer.ts';
import { enabledLevels, type Logger, type LogLevel } from '../../observe/logger.ts';
import type { Link, Note, Observer } from '../../ports/observer.ts';
import { systemClock } from '../system-clock.ts';
import type { GatewayEvents } from './gateway-events.ts';

type Events = EventEmitter<GatewayEvents>;

/** Turns what the gateway tells into events, save messages and the log. */
export class EventObserver implements Observer {
  /** Somebody listens to `frame`. */
  wantsFrames = false;
  readonly #events: Events;

  constructor(events: Events) {
    this.#events = events;
  }

  frame(direction: 'received' | 'sent' | 'broadcast', link: Link, frame: Uint8Array): void {
    this.#events.emit('frame', { direction, link, frame });
  }

  note(note: Note): void {
    switch (note.type) {
      case 'client-connected':
        this.#events.emit(note.type, note);
        return;
      case 'client-refused':
        this.#events.emit(note.type, note);
        return;
      case 'client-disconnected':
        this.#events.emit(note.type, note);
        return;
      case 'client-lost':
        this.#events.emit(note.type, note);
        return;
      case 'client-asleep':
        this.#events.emit(note.type, note);
        return;
      case 'client-awake':
        this.#events.emit(note.type, note);
        return;
      case 'client-moved':
        this.#events.emit(note.type, note);
        return;
      case 'gateway-reachable': {
        const { reachable, reason } = note;
        this.#events.emit('broker', { reachable, ...(reason !== undefined && { reason }) });
        return;
      }
      case 'transport-up':
        this.#events.emit(note.type, note);
        return;
      case 'transport-down':
      case 'transport-problem':
        this.#events.emit(note.type, note);
    }
  }
}

/** Application messages as events. */
export function messageEvents(events: Events): Observer {
  return {
    wantsFrames: false,
    note: () => undefined,
    frame: () => undefined,
    message: (message) => void events.emit('message', message),
  };
}

/** The log of the gateway as events. */
export function logEvents(events: Events, level: LogLevel, settings: LogObserverSettings): LogObserver {
  const logger: Logger = {
    level,
    enabled: enabledLevels(level),
    log(of, event, message, fields = {}) {
      if (this.enabled[of]) {
        events.emit('log', { level: of, event, message, fields });
      }
    },
  };
  return new LogObserver(logger, settings, systemClock);
}
