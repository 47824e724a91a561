import type { ServerResponse } from 'node:http';
import { type FrameTextOptions, frameHex, frameText, saidClientId, senderOf } from '../../observe/frame-text.ts';
import type { Clock, Millis } from '../../ports/clock.ts';
import type { Note, Observer } from '../../ports/observer.ts';
import type { TracedFrame } from '../api-contract.ts';
import { EventViewer, eventText } from '../events/event-viewer.ts';
import type { StreamPlaces } from '../events/stream-places.ts';
import { HttpProblem } from '../http-problem.ts';
import type { Viewer } from '../route.ts';
import { isoTime } from './wall-clock.ts';

/** Clients that are watched at a time. */
const MOST = 10;
/** Frames of a client that are shown in a second; the others are counted. */
const MOST_PER_SECOND = 50;
/** Frames that are kept until the first viewer comes. */
const MOST_KEPT = 200;

/** So soon the first viewer comes of a trace that ends with its viewers; who has asked for it may be gone before. */
const COMES: Millis = 10_000;

const END = eventText('end', '{}');

export interface ClientTracesParts {
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  readonly places: StreamPlaces;
  /** From now on the observer is told everything; returns how to stop that. */
  observe(observer: Observer): () => void;
  /** Where a client is; undefined: it has no session. */
  linkOf(clientId: string): string | undefined;
  /** How frames are read, and whether payloads are shown. */
  readonly frames: FrameTextOptions;
}

interface Trace {
  readonly clientId: string;
  link: string;
  /** Where somebody last said that he is this client, without having been taken for it yet. */
  claimed: string | undefined;
  /** Milliseconds since 1970. */
  until: number;
  /** It ends when the last viewer has left. */
  untilLeft: boolean;
  readonly viewers: Set<EventViewer>;
  /** Before anybody has seen them. */
  kept: string[];
  second: number;
  inSecond: number;
  cancel: () => void;
}

/** The frames of single clients, decoded, for a while. Frames are looked at only while a client is watched. */
export class ClientTraces implements Observer {
  readonly #parts: ClientTracesParts;
  readonly #byClient = new Map<string, Trace>();
  /** By the address from which frames of the client come. */
  readonly #byLink = new Map<string, Trace>();
  /** By the address from which somebody says that he is the client. */
  readonly #byClaim = new Map<string, Trace>();
  #endObserving: (() => void) | undefined;

  constructor(parts: ClientTracesParts) {
    this.#parts = parts;
  }

  /** Asked before each frame. */
  get wantsFrames(): boolean {
    return this.#byClient.size > 0;
  }

  /** Until when a client is watched, in milliseconds since 1970; undefined: it is not. */
  until(clientId: string): number | undefined {
    return this.#byClient.get(clientId)?.until;
  }

  /**
   * Watches a client from now on for so long; one that is watched, for so long from now. `untilLeft`: until the last viewer has left, if that is sooner;
   * or nobody has come; one that is watched for longer, or for somebody who has not asked for that, goes on as it was. Returns until when. Throws `HttpProblem`.
   */
  start(clientId: string, duration: Millis, untilLeft = false): number {
    const link = this.#parts.linkOf(clientId);
    if (link === undefined) {
      throw noSuchClient(clientId);
    }
    const known = this.#byClient.get(clientId);
    if (known === undefined && this.#byClient.size >= MOST) {
      throw new HttpProblem('busy', `The frames of ${MOST} clients are shown already. Switch one of them off.`);
    }
    const until = this.#parts.wall() + duration;
    if (known && untilLeft && known.until >= until) {
      return known.until;
    }
    const trace = known ?? this.#add(clientId, link);
    trace.untilLeft = untilLeft && (known?.untilLeft ?? true);
    trace.until = until;
    trace.cancel();
    this.#wake(trace, duration);
    return until;
  }

  /** It ends in so long; sooner where nobody comes who would see it, and who asked for it wants that. */
  #wake(trace: Trace, duration: Millis): void {
    const { clock } = this.#parts;
    const isAwaited = trace.untilLeft && trace.viewers.size === 0;
    const first = isAwaited ? Math.min(duration, COMES) : duration;
    trace.cancel = clock.wakeAt(clock.now() + first, () => {
      if (first < duration && trace.viewers.size > 0) {
        this.#wake(trace, duration - first);
      } else {
        this.stop(trace.clientId);
      }
    });
  }

  /** No longer watches a client, if it does. */
  stop(clientId: string): void {
    const trace = this.#byClient.get(clientId);
    if (trace === undefined) {
      return;
    }
    trace.cancel();
    this.#byClient.delete(clientId);
    this.#byLink.delete(trace.link);
    this.#claim(trace, undefined);
    for (const viewer of trace.viewers) {
      viewer.send(END);
      viewer.end();
    }
    if (this.#byClient.size === 0) {
      this.#endObserving?.();
      this.#endObserving = undefined;
    }
  }

  stopAll(): void {
    for (const clientId of [...this.#byClient.keys()]) {
      this.stop(clientId);
    }
  }

  /** Makes a place for a viewer of the frames of a client; of one that is not watched the stream ends at once. Throws `HttpProblem`. */
  admit(clientId: string, { address, isCurrent }: Viewer): (response: ServerResponse) => void {
    const { clock, places } = this.#parts;
    let viewer: EventViewer | undefined;
    const leave = places.take(address, () => viewer?.cut());
    return (response) => {
      if (response.destroyed) {
        leave();
        return;
      }
      const trace = this.#byClient.get(clientId);
      const gone = () => {
        leave();
        if (trace) {
          this.#left(trace, begun);
        }
      };
      const begun = new EventViewer({ response, clock, isWelcome: isCurrent, gone });
      viewer = begun;
      if (trace === undefined) {
        begun.send(END);
        begun.end();
        return;
      }
      trace.viewers.add(begun);
      for (const text of trace.kept) {
        begun.send(text);
      }
      trace.kept = [];
    };
  }

  note(note: Note): void {
    if (note.type !== 'client-moved' && note.type !== 'client-connected') {
      return;
    }
    const claimant = this.#byClaim.get(note.link);
    if (claimant !== undefined) {
      this.#claim(claimant, undefined);
    }
    const trace = this.#byClient.get(note.clientId);
    if (trace !== undefined && trace.link !== note.link) {
      this.#byLink.delete(trace.link);
      trace.link = note.link;
      this.#byLink.set(note.link, trace);
    }
  }

  frame(direction: 'received' | 'sent' | 'broadcast', link: string, frame: Uint8Array): void {
    if (direction === 'broadcast') {
      return;
    }
    const address = this.#byLink.has(link) ? link : senderOf(link, frame);
    let trace = this.#byLink.get(address);
    if (trace === undefined) {
      // Its CONNECT, or its PINGREQ, comes before it is known there, and may be refused.
      const said = direction === 'received' ? saidClientId(frame, this.#parts.frames) : undefined;
      const claimant = said === undefined ? undefined : this.#byClient.get(said);
      if (claimant !== undefined) {
        this.#claim(claimant, address);
      }
      trace = this.#byClaim.get(address);
    }
    if (trace !== undefined) {
      this.#show(trace, direction, address, frame);
    }
  }

  #left(trace: Trace, viewer: EventViewer): void {
    trace.viewers.delete(viewer);
    if (trace.untilLeft && trace.viewers.size === 0 && this.#byClient.get(trace.clientId) === trace) {
      this.stop(trace.clientId);
    }
  }

  /** One address for each client, the last one. */
  #claim(trace: Trace, address: string | undefined): void {
    if (trace.claimed !== undefined && this.#byClaim.get(trace.claimed) === trace) {
      this.#byClaim.delete(trace.claimed);
    }
    trace.claimed = address;
    if (address !== undefined) {
      this.#byClaim.set(address, trace);
    }
  }

  #add(clientId: string, link: string): Trace {
    const trace: Trace = {
      ...{
        clientId,
        link,
        claimed: undefined,
        until: 0,
        untilLeft: false,
        viewers: new Set<EventViewer>(),
        kept: [],
        second: 0,
        inSecond: 0,
      },
      cancel: () => undefined,
    };
    this.#byClient.set(clientId, trace);
    this.#byLink.set(link, trace);
    this.#endObserving ??= this.#parts.observe(this);
    return trace;
  }

  #show(trace: Trace, direction: 'received' | 'sent', link: string, frame: Uint8Array): void {
    const now = this.#parts.wall();
    const second = Math.floor(now / 1_000);
    if (second !== trace.second) {
      const { inSecond } = trace;
      trace.second = second;
      trace.inSecond = 0;
      if (inSecond > MOST_PER_SECOND) {
        this.#tell(trace, eventText('missed', JSON.stringify({ frames: inSecond - MOST_PER_SECOND })));
      }
    }
    trace.inSecond += 1;
    if (trace.inSecond > MOST_PER_SECOND) {
      return;
    }
    const { frames } = this.#parts;
    const traced: TracedFrame = {
      time: isoTime(now),
      direction,
      link,
      text: frameText(frame, frames),
      hex: frameHex(frame, frames),
    };
    this.#tell(trace, eventText('frame', JSON.stringify(traced)));
  }

  #tell(trace: Trace, text: string): void {
    if (trace.viewers.size > 0) {
      for (const viewer of trace.viewers) {
        viewer.send(text);
      }
    } else if (trace.kept.length < MOST_KEPT) {
      trace.kept.push(text);
    }
  }
}

/** The problem of a client that is not there. */
export function noSuchClient(clientId: string): HttpProblem {
  const shown = clientId.length > 100 ? `${clientId.slice(0, 100)}…` : clientId;
  return new HttpProblem('no-such-client', `No session has the client id ${JSON.stringify(shown)}.`);
}
