import type { ServerResponse } from 'node:http';
import type { Clock, Millis } from '../../ports/clock.ts';
import type { ClientChanges, Incident, Overview } from '../api-contract.ts';
import type { Viewer } from '../route.ts';
import { EventViewer, eventText } from './event-viewer.ts';
import type { StreamPlaces } from './stream-places.ts';

/** What a viewer of the stream can be told of. */
export const LIVE_EVENTS = ['overview', 'incident', 'clients'] as const;
export type LiveEvent = (typeof LIVE_EVENTS)[number];

/** How often viewers are told. */
const INTERVAL: Millis = 1_000;

/** What a viewer is told that has lost changes: the list is to be asked for again. */
const LOST: ClientChanges = { changed: [], removed: [], reset: true };
const RESET = eventText('clients', JSON.stringify(LOST));

export interface LiveEventsParts {
  readonly clock: Clock;
  readonly places: StreamPlaces;
  overview(): Overview;
  /** What happens to clients is watched only while somebody wants to know. */
  readonly changes: {
    start(): void;
    stop(): void;
    /** What has changed since the last call; undefined: nothing. */
    take(): ClientChanges | undefined;
  };
}

/** The event stream: everything is made once for all viewers, and nothing while there is none. */
export class LiveEvents {
  readonly #parts: LiveEventsParts;
  readonly #viewers = new Map<EventViewer, ReadonlySet<LiveEvent>>();
  #cancel: (() => void) | undefined;

  constructor(parts: LiveEventsParts) {
    this.#parts = parts;
  }

  /** Viewers that there are. */
  get size(): number {
    return this.#viewers.size;
  }

  /** Makes a place for a viewer, who is then told by `begin` of the events that he wants. Throws `HttpProblem` where there is none. */
  admit({ address, isCurrent }: Viewer, wanted: ReadonlySet<LiveEvent>): (response: ServerResponse) => void {
    const { clock, places } = this.#parts;
    let viewer: EventViewer | undefined;
    const leave = places.take(address, () => viewer?.cut());
    return (response) => {
      if (response.destroyed) {
        leave();
        return;
      }
      const gone = () => {
        leave();
        this.#viewers.delete(begun);
        this.#settle();
      };
      const begun = new EventViewer({ response, clock, isWelcome: isCurrent, gone });
      viewer = begun;
      this.#viewers.set(begun, wanted);
      this.#settle();
      if (wanted.has('overview')) {
        begun.send(this.#overview());
      }
    };
  }

  /** Tells all who want to know. */
  incident(incident: Incident): void {
    if (this.#viewers.size > 0) {
      this.#send('incident', eventText('incident', JSON.stringify(incident)));
    }
  }

  /** Ends all streams. */
  stop(): void {
    for (const viewer of this.#viewers.keys()) {
      viewer.cut();
    }
  }

  /** Works only while somebody looks. */
  #settle(): void {
    if (this.#wants('clients')) {
      this.#parts.changes.start();
    } else {
      this.#parts.changes.stop();
    }
    if (this.#viewers.size === 0) {
      this.#cancel?.();
      this.#cancel = undefined;
    } else if (this.#cancel === undefined) {
      this.#wait();
    }
  }

  #wait(): void {
    this.#cancel = this.#parts.clock.wakeAt(this.#parts.clock.now() + INTERVAL, () => {
      this.#tick();
      if (this.#viewers.size > 0) {
        this.#wait();
      }
    });
  }

  /** One text for each viewer: every piece that is written by itself costs as much as a row. */
  #tick(): void {
    const overview = this.#wants('overview') ? this.#overview() : '';
    const changes = this.#wants('clients') ? this.#parts.changes.take() : undefined;
    const clients = changes === undefined ? '' : eventText('clients', JSON.stringify(changes));
    for (const [viewer, wanted] of this.#viewers) {
      const wantsClients = wanted.has('clients');
      const makesGood = wantsClients && viewer.hasLost;
      const text = `${wanted.has('overview') ? overview : ''}${makesGood ? RESET : wantsClients ? clients : ''}`;
      if (text !== '' && viewer.send(text) && makesGood) {
        viewer.caughtUp();
      }
    }
  }

  #overview(): string {
    return eventText('overview', JSON.stringify(this.#parts.overview()));
  }

  #wants(event: LiveEvent): boolean {
    for (const wanted of this.#viewers.values()) {
      if (wanted.has(event)) {
        return true;
      }
    }
    return false;
  }

  #send(event: LiveEvent, text: string): void {
    for (const [viewer, wanted] of this.#viewers) {
      if (wanted.has(event)) {
        viewer.send(text);
      }
    }
  }
}
