import type { TracedFrame } from '../../api-contract.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import type { EventStream, OpenEventStream } from './event-stream.ts';
import { Value } from './value.ts';

/** Lines that are kept. */
const LINES = 500;
/** Pause before a stream that broke is opened again, in milliseconds. */
const PAUSE = 1_000;

export interface TraceState {
  /** Frames come until then, milliseconds since 1970 at the gateway; undefined: none do. */
  readonly until: number | undefined;
  /** It has been on, and is over. */
  readonly ended: boolean;
  readonly problem: string | undefined;
}

type TraceEvent =
  | { readonly type: 'frame'; readonly frame: TracedFrame }
  /** So many frames were too many to be told. */
  | { readonly type: 'missed'; readonly frames: number };

/** What the trace has told, with its number in this page. */
export type TraceLine = { readonly number: number } & TraceEvent;

type TraceApi = Pick<ApiClient, 'startTrace' | 'stopTrace' | 'traceUrl' | 'client'>;

/** The frames of one client, for a while. */
export class FrameTrace {
  readonly state = new Value<TraceState>({ until: undefined, ended: false, problem: undefined });
  /** Oldest first; only the last ones. */
  readonly lines = new Value<readonly TraceLine[]>([]);
  readonly #api: TraceApi;
  readonly #openStream: OpenEventStream;
  readonly #clientId: string;
  #source: EventStream | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #count = 0;

  constructor(api: TraceApi, openStream: OpenEventStream, clientId: string) {
    this.#api = api;
    this.#openStream = openStream;
    this.#clientId = clientId;
  }

  /** Switches it on at the gateway for so many seconds. Never rejects: what went wrong is in `state`. */
  async start(seconds: number): Promise<void> {
    try {
      const { traceUntil } = await this.#api.startTrace(this.#clientId, seconds);
      this.attach(Date.parse(traceUntil));
    } catch (error) {
      const problem = error instanceof ApiError ? error.message : String(error);
      this.state.set({ until: undefined, ended: false, problem });
    }
  }

  /** Shows the frames of a trace that is on until then. */
  attach(until: number): void {
    this.state.set({ until, ended: false, problem: undefined });
    this.#open();
  }

  /** Switches it off at the gateway. */
  async stop(): Promise<void> {
    this.#end();
    await this.#api.stopTrace(this.#clientId).catch(() => undefined);
  }

  /** Lets go of it; at the gateway it ends by itself. */
  leave(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  #open(): void {
    this.leave();
    const source = this.#openStream(this.#api.traceUrl(this.#clientId));
    this.#source = source;
    source.addEventListener('frame', (event) => {
      this.#add({ type: 'frame', frame: JSON.parse(event.data) as TracedFrame });
    });
    source.addEventListener('missed', (event) => {
      this.#add({ type: 'missed', frames: (JSON.parse(event.data) as { frames: number }).frames });
    });
    source.addEventListener('end', () => this.#end());
    source.addEventListener('error', () => {
      source.close();
      this.#retry = setTimeout(() => void this.#again(), PAUSE);
    });
  }

  /** The stream broke: it is opened again where the trace is still on. */
  async #again(): Promise<void> {
    try {
      const { traceUntil } = await this.#api.client(this.#clientId);
      if (traceUntil === null) {
        this.#end();
      } else {
        this.attach(Date.parse(traceUntil));
      }
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0) {
        this.#end();
      } else {
        this.#retry = setTimeout(() => void this.#again(), PAUSE);
      }
    }
  }

  #add(line: TraceEvent): void {
    this.#count += 1;
    this.lines.set([...this.lines.get().slice(1 - LINES), { ...line, number: this.#count }]);
  }

  #end(): void {
    this.leave();
    this.state.set({ until: undefined, ended: true, problem: undefined });
  }
}
