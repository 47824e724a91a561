import type { EventStream } from './event-stream.ts';

/** Whether what is shown is what is. `since`: when that began, in milliseconds of this browser. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'paused' }
  | { readonly state: 'lost'; readonly since: number };

export type StreamEvent = 'overview' | 'incident' | 'clients';

export interface LiveStreamOptions {
  /** Opens the stream with these events. */
  open(events: readonly StreamEvent[]): EventStream;
  /** A stream stands: whatever came before it may be old. */
  opened(): void;
  event(name: StreamEvent, data: unknown): void;
  changed(connection: Connection): void;
}

const EVENTS: readonly StreamEvent[] = ['overview', 'incident', 'clients'];

/** Pauses before the next attempt, in milliseconds; the last one again and again. */
const PAUSES = [500, 1_000, 2_000, 4_000, 8_000];
/** A stream that says nothing for so long is dead, though nobody has closed it, in milliseconds: `overview` comes each second. */
const SILENCE = 12_000;
/** A page that nobody sees lets go of its stream after so long, in milliseconds. */
const HIDDEN = 30_000;

/** The event stream of the gateway, which is opened again when it breaks. */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  #wanted: readonly StreamEvent[] = [];
  #source: EventStream | undefined;
  #connection: Connection = { state: 'connecting' };
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  /** Opens the stream with these events, in place of the one that is there. */
  want(events: readonly StreamEvent[]): void {
    if (events.join() !== this.#wanted.join()) {
      this.#wanted = events;
      if (this.#connection.state !== 'paused') {
        this.#open();
      }
    }
  }

  /** Tries again now, where there is no stream. */
  tryNow(): void {
    if (this.#connection.state === 'lost') {
      this.#open();
    }
  }

  /** Whether somebody sees the page. */
  seen(isSeen: boolean): void {
    clearTimeout(this.#hidden);
    if (!isSeen) {
      this.#hidden = setTimeout(() => {
        this.#close();
        this.#change({ state: 'paused' });
      }, HIDDEN);
    } else if (this.#connection.state === 'paused') {
      this.#change({ state: 'connecting' });
      this.#open();
    }
  }

  #open(): void {
    this.#close();
    const source = this.#options.open(this.#wanted);
    this.#source = source;
    // What a stream says that was let go no longer counts.
    const hear = (name: string, heard: (data: string) => void): void =>
      source.addEventListener(name, ({ data }) => {
        if (source === this.#source) {
          heard(data);
        }
      });
    hear('open', () => {
      this.#failures = 0;
      this.#change({ state: 'live' });
      this.#options.opened();
    });
    hear('error', () => this.#broken());
    for (const name of EVENTS) {
      hear(name, (data) => {
        this.#listen();
        this.#options.event(name, JSON.parse(data));
      });
    }
    this.#listen();
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#broken(), SILENCE);
  }

  #broken(): void {
    this.#close();
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)] ?? 0;
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#open(), pause);
    if (this.#connection.state !== 'lost') {
      this.#change({ state: 'lost', since: Date.now() });
    }
  }

  #close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = undefined;
  }

  #change(connection: Connection): void {
    if (connection.state !== this.#connection.state) {
      this.#connection = connection;
      this.#options.changed(connection);
    }
  }
}
