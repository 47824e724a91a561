import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EventStream } from '../../../../src/http/page/model/event-stream.ts';
import { type Connection, LiveStream, type StreamEvent } from '../../../../src/http/page/model/live-stream.ts';

/** A stream of which the test says what happens to it. */
class FakeStream implements EventStream {
  readonly events: readonly StreamEvent[];
  isClosed = false;
  readonly #listeners = new Map<string, (event: { readonly data: string }) => void>();

  constructor(events: readonly StreamEvent[]) {
    this.events = events;
  }

  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  say(name: string, data: unknown = {}): void {
    this.#listeners.get(name)?.({ data: JSON.stringify(data) });
  }
}

let streams: FakeStream[];
let states: Connection['state'][];
let told: string[];
let opened: number;
let live: LiveStream;

beforeEach(() => {
  jest.useFakeTimers();
  [streams, states, told, opened] = [[], [], [], 0];
  live = new LiveStream({
    open: (events) => {
      const stream = new FakeStream(events);
      streams.push(stream);
      return stream;
    },
    opened: () => {
      opened += 1;
    },
    event: (name, data) => told.push(`${name} ${JSON.stringify(data)}`),
    changed: ({ state }) => states.push(state),
  });
  live.want(['overview', 'incident']);
});

afterEach(() => {
  jest.useRealTimers();
});

function last(): FakeStream {
  const stream = streams.at(-1);
  if (stream === undefined) {
    throw new Error('there is no stream');
  }
  return stream;
}

describe('the stream of the page', () => {
  it('is live when it is open, and tells what comes', () => {
    last().say('open');
    last().say('overview', { version: '1' });
    expect([states, told, opened]).toEqual([['live'], ['overview {"version":"1"}'], 1]);
  });

  it('is opened again for other events, and stays live meanwhile', () => {
    last().say('open');
    live.want(['overview', 'incident']);
    expect(streams).toHaveLength(1);
    live.want(['overview', 'incident', 'clients']);
    expect(streams.map(({ events, isClosed }) => [events.length, isClosed])).toEqual([
      [2, true],
      [3, false],
    ]);
    expect(states).toEqual(['live']);
  });

  it('is tried again where it breaks, less and less often, until it stands', async () => {
    last().say('open');
    last().say('error');
    expect(states).toEqual(['live', 'lost']);
    const attempts: number[] = [];
    for (let second = 1; second <= 30; second += 1) {
      const before = streams.length;
      await jest.advanceTimersByTimeAsync(1_000);
      if (streams.length > before) {
        attempts.push(second);
        last().say('error');
      }
    }
    expect(attempts).toEqual([1, 2, 4, 8, 16, 24]);
    expect(states).toEqual(['live', 'lost']);
    await jest.advanceTimersByTimeAsync(2_000);
    last().say('open');
    expect([states, opened]).toEqual([['live', 'lost', 'live'], 2]);
    expect(streams.filter(({ isClosed }) => !isClosed)).toHaveLength(1);
    last().say('error');
    await jest.advanceTimersByTimeAsync(500);
    expect(states.at(-1)).toBe('lost');
    expect(last().isClosed).toBe(false);
  });

  it('is tried at once where somebody asks for it', () => {
    last().say('error');
    live.tryNow();
    expect(streams).toHaveLength(2);
    last().say('open');
    live.tryNow();
    expect(streams).toHaveLength(2);
  });

  it('is dead where nothing comes, though nobody has closed it', async () => {
    last().say('open');
    for (let second = 0; second < 60; second += 1) {
      await jest.advanceTimersByTimeAsync(1_000);
      last().say('overview');
    }
    expect(states).toEqual(['live']);
    await jest.advanceTimersByTimeAsync(15_000);
    expect(states.slice(0, 2)).toEqual(['live', 'lost']);
    expect(streams[0]?.isClosed).toBe(true);
  });

  it('is let go while nobody sees the page for a while, and there again when somebody does', async () => {
    last().say('open');
    live.seen(false);
    await jest.advanceTimersByTimeAsync(5_000);
    last().say('overview');
    live.seen(true);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(states).toEqual(['live']);

    live.seen(false);
    for (let second = 0; second < 40; second += 1) {
      await jest.advanceTimersByTimeAsync(1_000);
      last().say('overview');
    }
    expect([states, last().isClosed]).toEqual([['live', 'paused'], true]);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(streams).toHaveLength(1);
    live.want(['overview', 'incident', 'clients']);
    expect(streams).toHaveLength(1);
    live.seen(true);
    expect([streams.length, last().events.length]).toEqual([2, 3]);
    last().say('open');
    expect(states).toEqual(['live', 'paused', 'connecting', 'live']);
  });
});
