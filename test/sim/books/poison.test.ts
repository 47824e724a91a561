import { describe, expect, it } from '@jest/globals';
import type { UpstreamInput } from '../adapter.ts';
import type { PublishEntry } from './account.ts';
import { Findings } from './findings.ts';
import { PoisonBook } from './poison.ts';

const NONE: ReadonlySet<string> = new Set();

class Bench {
  now = 0;
  readonly entry = { action: { name: 'c0.1', qos: 1 } } as PublishEntry;
  readonly #findings = new Findings(NONE, NONE, () => this.now);
  /** Clients may wait for the disk. */
  isHeld = false;
  readonly book = new PoisonBook(
    this.#findings,
    () => this.now,
    () => 0,
    () => this.isHeld,
  );
  #next = 2;

  get check(): string | undefined {
    return this.#findings.first?.check;
  }

  /** The own connection stands, or is lost. */
  own(stands: boolean): void {
    this.#hear(stands, 1, true);
  }

  #hear(stands: boolean, connection: number, own: boolean, { ours = false, reasonCode = 0 } = {}): void {
    const why = { ...(ours && { ours }), ...(reasonCode > 0 && { reasonCode }) };
    const input: UpstreamInput = stands
      ? { type: 'upstream-connected', connection, sessionPresent: true }
      : { type: 'upstream-lost', connection, reason: 'gone', takenOver: false, ...why };
    this.book.heard(input, own);
  }

  /** A connection stands for so long, without the message, and ends. */
  endsOtherwise(stood: number): void {
    const connection = this.#next++;
    this.#hear(true, connection, false);
    this.now += stood;
    this.#hear(false, connection, false);
  }

  /** A connection is closed on the message, that has been out for so long, and two seconds pass. */
  breaks({ out = 100, ours = false, reasonCode = 0, beside = 0, isEnded = false, under = [0] } = {}): void {
    const connection = this.#next++;
    this.#hear(true, connection, false);
    for (const packetId of under) {
      this.book.sentUp(this.entry, connection, packetId);
    }
    for (let packetId = 1; packetId <= 1 + beside; packetId++) {
      this.book.emitted({ type: 'upstream-release', connection, packetId });
    }
    this.now += out;
    this.book.closes('c0', this.entry, connection);
    if (isEnded) {
      this.book.ended(connection);
    }
    this.#hear(false, connection, false, { ours, reasonCode });
    this.now += 2_000;
  }
}

/** The own connection stands. */
function witnessed(): Bench {
  const bench = new Bench();
  bench.own(true);
  bench.now += 1_000;
  return bench;
}

describe('books of what the broker answers by closing the connection', () => {
  it('object to a third connection', () => {
    const bench = witnessed();
    bench.breaks();
    bench.breaks();
    expect(bench.check).toBeUndefined();
    bench.breaks();
    expect(bench.check).toBe('poison-repeated');
  });

  it('count no break of a connection that the gateway had ended by itself', () => {
    const bench = witnessed();
    bench.breaks({ isEnded: true, reasonCode: 0x99 });
    bench.breaks({ reasonCode: 0x99 });
    expect(bench.check).toBeUndefined();
    bench.breaks();
    expect(bench.check).toBe('poison-repeated');
  });

  it('take the own connection for no witness that came up in the same moment (I-70)', () => {
    const bench = witnessed();
    bench.breaks();
    bench.own(false);
    bench.own(true);
    bench.breaks();
    bench.breaks();
    expect(bench.check).toBeUndefined();
    bench.breaks();
    expect(bench.check).toBe('poison-repeated');
  });

  it('take a break for no proof while the client may wait for the disk', () => {
    const bench = witnessed();
    bench.breaks();
    bench.isHeld = true;
    bench.breaks();
    bench.isHeld = false;
    bench.breaks();
    expect(bench.check).toBeUndefined();
    bench.breaks();
    expect(bench.check).toBe('poison-repeated');
  });

  it('begin anew where its turn may have passed while it waited for the disk', () => {
    for (const stood of [8_999, 9_000]) {
      const bench = witnessed();
      bench.breaks();
      bench.isHeld = true;
      bench.endsOtherwise(stood);
      bench.isHeld = false;
      bench.breaks();
      bench.breaks();
      expect(bench.check).toBe(stood < 9_000 ? 'poison-repeated' : undefined);
    }
  });

  it.each([
    ['names the message, which is out alone: one is enough', 0x99, 0, 'poison-repeated'],
    ['names the message, and something else is out', 0x99, 1, undefined],
    ['names another reason', 0x8b, 0, undefined],
  ])('where the broker %s', (_what, reasonCode, beside, check) => {
    const bench = new Bench();
    bench.breaks({ reasonCode, beside });
    bench.breaks();
    expect(bench.check).toBe(check);
  });

  it('object also where the own connection falls later', () => {
    const bench = witnessed();
    bench.breaks();
    bench.breaks();
    bench.own(false);
    bench.breaks();
    expect(bench.check).toBe('poison-repeated');
  });

  it('allow it where the own connection did not stand throughout, the broker was slow, or the gateway had ended the connection', () => {
    const fallen = witnessed();
    for (let time = 0; time < 3; time++) {
      fallen.breaks();
      fallen.now -= 1_500;
      fallen.own(false); // a moment later
      fallen.own(true);
      fallen.now += 1_500;
    }
    expect(fallen.check).toBeUndefined();
    for (const how of [{ out: 9_000 }, { ours: true }]) {
      const bench = witnessed();
      for (let time = 0; time < 3; time++) {
        bench.breaks(how);
      }
      expect(bench.check).toBeUndefined();
    }
  });

  it('begin anew where it was out for ten seconds on a connection that ended for another reason', () => {
    for (const out of [9_000, 1_000]) {
      const bench = witnessed();
      bench.breaks();
      bench.book.sentUp(bench.entry, 99);
      bench.now += out;
      bench.book.ended(99);
      bench.breaks();
      bench.breaks();
      expect(bench.check).toBe(out < 9_000 ? 'poison-repeated' : undefined);
    }
  });

  it('do not count one that the gateway had decided to end before it heard of it', () => {
    const bench = witnessed();
    bench.breaks();
    bench.book.ended(2);
    bench.breaks();
    bench.breaks();
    expect(bench.check).toBeUndefined();
    bench.breaks();
    expect(bench.check).toBe('poison-repeated');
  });

  it('know whether a connection fell with all others, and the own one a second later for the gateway', () => {
    for (const later of [900, 1_100]) {
      const bench = witnessed();
      bench.book.fells(2, 'with all');
      bench.breaks();
      bench.now += later - 2_000;
      bench.own(false);
      expect(bench.book.wasFelled(bench.entry)).toBe(later > 1_000);
    }
  });

  it('begin anew where the client does', () => {
    const bench = witnessed();
    bench.breaks();
    bench.breaks();
    bench.book.forgets(bench.entry);
    bench.breaks();
    bench.breaks();
    expect(bench.check).toBeUndefined();
  });

  it.each([
    [
      'the client has begun anew with it, and the packet of before goes on without it',
      true,
      [[1, 2], [1], [2]],
      undefined,
    ],
    ['each of them twice', true, [[1, 2], [1], [2], [2]], 'poison-repeated'],
    ['the one of before too', true, [[1, 2], [1], [1]], 'poison-repeated'],
    ['it has not', false, [[1, 2], [1], [2]], 'poison-repeated'],
  ] as const)('tell two packets with the same message apart where %s', (_what, isAnew, breaks, check) => {
    const bench = witnessed();
    bench.book.sentUp(bench.entry, 99, 1);
    if (isAnew) {
      bench.book.forgets(bench.entry);
    }
    for (const under of breaks) {
      expect(bench.check).toBeUndefined();
      bench.breaks({ under: [...under] });
    }
    expect(bench.check).toBe(check);
  });
});
