import { afterEach, describe, expect, it } from '@jest/globals';
import { Backlog, type Backlogged } from '../../../src/upstream/backlog.ts';
import { eventually } from '../../support/eventually.ts';

/** A stream whose backlog a test sets. */
class FakeStream implements Backlogged {
  backlog = 0;
  readonly told: boolean[] = [];

  blocked(isBlocked: boolean): void {
    this.told.push(isBlocked);
  }
}

/** When what was written has been looked at. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('the backlog towards the broker', () => {
  const streams: FakeStream[] = [];
  let backlog: Backlog;

  function watched(limits: Partial<ConstructorParameters<typeof Backlog>[0]> = {}): FakeStream[] {
    backlog = new Backlog({ maxBacklog: 1_000, maxBacklogInAll: 10_000, ...limits });
    streams.push(new FakeStream(), new FakeStream(), new FakeStream());
    return streams;
  }

  async function write(stream: FakeStream, octets: number): Promise<void> {
    stream.backlog += octets;
    backlog.written(stream);
    await turn();
  }

  function take(stream: FakeStream): void {
    stream.backlog = 0;
    backlog.drained(stream);
  }

  afterEach(() => {
    for (const stream of streams.splice(0)) {
      backlog.forget(stream);
    }
  });

  it('blocks a stream that is over the limit, once, until it is empty', async () => {
    const [stream, other] = watched() as [FakeStream, FakeStream];
    await write(stream, 1_000);
    expect(stream.told).toEqual([]);
    await write(stream, 1);
    await write(stream, 1);
    expect(stream.told).toEqual([true]);
    await write(other, 1_000);
    expect(other.told).toEqual([]);
    take(stream);
    expect(stream.told).toEqual([true, false]);
    expect(backlog.inAll).toBe(1_000);
  });

  it('never tells anything from inside a write', () => {
    const [stream] = watched() as [FakeStream];
    stream.backlog = 2_000;
    backlog.written(stream);
    expect(stream.told).toEqual([]);
  });

  it('lets a stream go on when half of the limit is free, which nothing tells of', async () => {
    const [stream] = watched() as [FakeStream];
    await write(stream, 1_001);
    stream.backlog = 501;
    await write(stream, 0);
    expect(stream.told).toEqual([true]);
    stream.backlog = 500;
    await eventually('the stream to go on', () => stream.told.length === 2);
    expect(stream.told).toEqual([true, false]);
  });

  it('blocks every stream that is behind where all together are over their limit, and none that is not', async () => {
    const [one, two, three] = watched({ maxBacklogInAll: 1_500 }) as [FakeStream, FakeStream, FakeStream];
    await write(one, 900);
    await write(two, 700);
    await write(three, 0);
    expect([one.told, two.told, three.told]).toEqual([[], [true], []]);
    await eventually('the first to be blocked as well', () => one.told.length === 1);
    expect([one.told, three.told]).toEqual([[true], []]);
    take(one);
    two.backlog = 500;
    await eventually('the second to go on', () => two.told.length === 2);
    expect([one.told, two.told]).toEqual([
      [true, false],
      [true, false],
    ]);
  });

  it('gives the room of a stream that is closed to the others', async () => {
    const [one, two] = watched({ maxBacklogInAll: 1_500 }) as [FakeStream, FakeStream];
    await write(one, 900);
    await write(two, 400);
    await write(two, 300);
    expect(two.told).toEqual([true]);
    backlog.forget(one);
    expect(backlog.inAll).toBe(700);
    two.backlog = 500;
    await write(two, 0);
    expect(two.told).toEqual([true, false]);
  });
});
