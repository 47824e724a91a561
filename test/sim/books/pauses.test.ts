import { describe, expect, it } from '@jest/globals';
import type { UpstreamEffect, UpstreamInput } from '../adapter.ts';
import { OWN } from '../wire.ts';
import { Findings } from './findings.ts';
import { Pauses } from './pauses.ts';

const NONE: ReadonlySet<string> = new Set();
const GRACE = 30_000;

class Bench {
  now = 0;
  /** Of the time so far, what the gateway stood still for. */
  paused = 0;
  readonly #findings = new Findings(NONE, NONE, () => this.now);
  readonly #pauses = new Pauses({
    findings: this.#findings,
    now: () => this.now,
    running: () => this.now - this.paused,
    grace: GRACE,
    isHeld: () => false,
  });
  #next = 1;

  get check(): string | undefined {
    return this.#findings.first?.check;
  }

  /** Connects after a pause, and the connection stands for so long; undefined: it is not made. */
  connection(clientId: string, pause: number, lasts?: number, meanwhile: () => void = () => {}, ours = false): void {
    this.now += pause;
    const connection = this.#next++;
    const connect: UpstreamEffect = {
      type: 'upstream-connect',
      connection,
      clientId,
      cleanSession: true,
      will: undefined,
    };
    this.#pauses.emitted(clientId, connect);
    if (lasts !== undefined) {
      this.#hear({ type: 'upstream-connected', connection, sessionPresent: false });
      this.now += lasts;
    }
    meanwhile();
    this.#hear({ type: 'upstream-lost', connection, reason: 'gone', takenOver: false, ...(ours && { ours: true }) });
  }

  /** The own connection comes up a moment later, and stands. */
  ownReturns(): void {
    this.now += 100;
    this.stands(OWN);
  }

  /** A connection is asked for, and comes up at once; its number. */
  stands(clientId: string): number {
    const connection = this.#next++;
    const whose = clientId === OWN ? undefined : clientId;
    this.#pauses.emitted(clientId, {
      type: 'upstream-connect',
      connection,
      clientId: whose,
      cleanSession: true,
      will: undefined,
    });
    this.#hear({ type: 'upstream-connected', connection, sessionPresent: false });
    return connection;
  }

  falls(connection: number): void {
    this.#hear({ type: 'upstream-lost', connection, reason: 'gone', takenOver: false });
  }

  #hear(input: UpstreamInput): void {
    this.#pauses.heard(input);
  }

  isPausing(clientId: string): boolean {
    return this.#pauses.isPausing(clientId);
  }

  asks(clientId: string): void {
    this.#pauses.asks(clientId);
  }

  /** QoS −1 goes out on the own connection. */
  publishes(): void {
    const publish = { topic: 'a', payload: new Uint8Array(), qos: 0, retain: false, packetId: 0, dup: false } as const;
    this.#pauses.emitted(OWN, { type: 'upstream-publish', connection: this.#next - 1, ...publish });
  }
}

/** Four connections, three of them after pauses that grow as they must. */
function grown(lasts?: number): Bench {
  const bench = new Bench();
  for (const pause of [0, 500, 1_000, 2_000]) {
    bench.connection('c0', pause, lasts);
  }
  return bench;
}

describe('books of the pauses between connections', () => {
  it('are content where they double, with jitter, and begin anew after a minute', () => {
    const bench = grown(20_000);
    bench.connection('c0', 4_000, 60_000);
    bench.connection('c0', 500);
    expect(bench.check).toBeUndefined();
  });

  it.each([[undefined], [100], [9_000]])('object to a shorter one after connections that stood for %p ms', (lasts) => {
    const bench = grown(lasts);
    expect(bench.check).toBeUndefined();
    bench.connection('c0', 3_900);
    expect(bench.check).toBe('connection-storm');
  });

  it('allow one at the end of the grace time: if it fails the client is sent away', () => {
    const bench = grown(100);
    for (const pause of [4_000, 8_000, 16_000, 2_000]) {
      bench.connection('c0', pause);
    }
    expect(bench.check).toBeUndefined();
    bench.connection('c0', 2_000);
    expect(bench.check).toBe('connection-storm');
  });

  it('allow another one at once where the broker has come back during that one (I-41)', () => {
    const bench = grown(100);
    for (const pause of [4_000, 8_000, 16_000]) {
      bench.connection('c0', pause);
    }
    bench.connection('c0', 2_000, undefined, () => bench.ownReturns());
    bench.connection('c0', 0);
    expect(bench.check).toBeUndefined();
    bench.connection('c0', 0);
    expect(bench.check).toBe('connection-storm');
  });

  it.each([
    [
      'allow one, and no second one, when another client has found the broker a second ago',
      true,
      true,
      1_000,
      undefined,
    ],
    ['object to one before that second is over', true, true, 900, 'connection-storm'],
    ['object to one where that one’s connection has broken since', true, false, 1_000, 'connection-storm'],
    ['object to one where the own connection has never stood', false, true, 1_000, 'connection-storm'],
  ] as const)('%s (I-40)', (_, isWitnessed, isFound, pause, check) => {
    const bench = new Bench();
    bench.connection(OWN, 0, isWitnessed ? 100 : undefined);
    for (const before of [500, 1_000, 2_000, 4_000]) {
      bench.connection('c0', before);
    }
    const found = bench.stands('c1');
    if (!isFound) {
      bench.falls(found);
    }
    bench.connection('c0', pause);
    expect(bench.check).toBe(check);
    bench.connection('c0', 1_000);
    expect(bench.check).toBe('connection-storm');
  });

  it('allow one for a CONNECT that is held, where the broker has come back since the last one began (I-2)', () => {
    const bench = new Bench();
    bench.connection('c0', 0);
    bench.asks('c0');
    bench.connection('c0', 9_000, undefined, () => bench.ownReturns());
    bench.connection('c0', 100);
    expect(bench.check).toBeUndefined();
    bench.connection('c0', 100);
    expect(bench.check).toBe('connection-storm');
  });

  it('allow the own connection a short one after the first break with a publish out, in ten minutes (I-72)', () => {
    const bench = new Bench();
    for (const pause of [0, 500, 1_000, 2_000, 4_000]) {
      bench.connection(OWN, pause);
    }
    bench.connection(OWN, 5_000, 20, () => bench.publishes(), true); // the gateway has ended that one: no publish was the reason
    bench.connection(OWN, 5_000, 20, () => bench.publishes());
    bench.connection(OWN, 500);
    expect(bench.check).toBeUndefined();
    bench.connection(OWN, 5_000, 20, () => bench.publishes());
    bench.now += 570_000;
    const again = bench.check;
    bench.connection(OWN, 5_000, 20, () => bench.publishes());
    bench.connection(OWN, 500);
    expect([again, bench.check]).toEqual([undefined, 'connection-storm']);
  });

  it('object to one of the own connection that is shorter than it must be, and shorter than 5 s', () => {
    const bench = new Bench();
    for (const pause of [0, 500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      bench.connection(OWN, pause);
    }
    expect(bench.check).toBeUndefined();
    bench.connection(OWN, 4_900);
    expect(bench.check).toBe('connection-storm');
  });

  it('allow one of the own connection, and no second one, when a grace time ends (I-41)', () => {
    const bench = new Bench();
    for (const pause of [0, 500, 1_000, 2_000, 4_000, 5_000]) {
      bench.connection(OWN, pause);
    }
    bench.connection('c0', 0, 100);
    for (const pause of [5_000, 5_000, 5_000, 5_000, 5_000, 5_000]) {
      bench.connection(OWN, pause);
    }
    bench.connection(OWN, 1_000);
    expect(bench.check).toBeUndefined();
    bench.connection(OWN, 1_000);
    expect(bench.check).toBe('connection-storm');
  });

  it.each([
    ['a moment', 1, 0],
    ['what a pause may take off', 1_000, 20_000],
  ])(
    'allow one of the own connection for each of two grace times that end %s apart (I-41, I-37)',
    (_, apart, paused) => {
      const bench = new Bench();
      for (const pause of [0, 500, 1_000, 2_000, 4_000, 5_000]) {
        bench.connection(OWN, pause);
      }
      bench.connection('c0', 0, 0);
      bench.connection('c1', apart, 0);
      bench.paused = paused;
      bench.connection(OWN, GRACE + paused - apart - 3_000);
      bench.connection(OWN, 3_000);
      bench.connection(OWN, 1_000);
      expect(bench.check).toBeUndefined();
      bench.connection(OWN, 1_000);
      expect(bench.check).toBe('connection-storm');
    },
  );

  it('know when an attempt has failed since the connection broke, until the next one is due (I-41)', () => {
    const bench = new Bench();
    bench.connection('c0', 0, 100);
    expect(bench.isPausing('c0')).toBe(false);
    bench.connection('c0', 500);
    expect(bench.isPausing('c0')).toBe(true);
    bench.now += 2_100;
    expect(bench.isPausing('c0')).toBe(false);
  });

  it('know that, too, where the client has repeated a CONNECT meanwhile that was answered: pauses go on growing', () => {
    const bench = new Bench();
    bench.connection('c0', 0, 100);
    bench.connection('c0', 500);
    bench.asks('c0');
    bench.connection('c0', 2_000);
    bench.now += 3_500; // of 4 s
    expect(bench.isPausing('c0')).toBe(true);
  });

  it('allow one of the own connection also where the client has had another connection since its grace time ended', () => {
    for (const late of [900, 1_200]) {
      const bench = new Bench();
      for (const pause of [0, 500, 1_000, 2_000, 4_000, 5_000]) {
        bench.connection(OWN, pause);
      }
      bench.connection('c0', 0, 0);
      bench.connection(OWN, GRACE - late);
      bench.connection('c0', late, 0);
      bench.connection(OWN, late - 100);
      expect(bench.check).toBe(late < 1_200 ? undefined : 'connection-storm');
    }
  });

  it('allow what the client has asked for before the last connection broke', () => {
    for (const asks of [true, false]) {
      const bench = grown();
      bench.connection('c0', 4_000, 5_000, () => asks && bench.asks('c0'));
      bench.connection('c0', 0);
      expect(bench.check).toBe(asks ? undefined : 'connection-storm');
    }
  });

  it('allow what the client asks for', () => {
    const bench = grown();
    bench.asks('c0');
    bench.connection('c0', 0);
    expect(bench.check).toBeUndefined();
  });

  it('allow one that the return of the own connection brings forward, and object to a second one in the same outage', () => {
    const bench = grown();
    bench.connection(OWN, 0, 100);
    bench.connection('c0', 1_000);
    expect(bench.check).toBeUndefined();
    bench.connection(OWN, 500, 100);
    bench.connection('c0', 1_000);
    expect(bench.check).toBe('connection-storm');
  });

  it('allow it where the own connection had not settled before a pause, for the gateway, when the other one broke', () => {
    for (const paused of [5_000, 0]) {
      const bench = grown();
      bench.connection(OWN, 0, 100);
      bench.now += 5_000;
      bench.paused = paused;
      bench.connection('c0', 0);
      bench.connection('c0', 1);
      expect(bench.check).toBe(paused > 0 ? undefined : 'connection-storm');
    }
  });

  it('allow it where the own connection settles in the moment in which the other one breaks', () => {
    for (const late of [1_001, 1_003]) {
      const bench = grown();
      bench.connection('c0', 4_000, 0, () => {
        bench.ownReturns();
        bench.now += late;
      });
      bench.connection('c0', 0);
      expect(bench.check).toBe(late < 1_003 ? undefined : 'connection-storm');
    }
  });

  it('object to one that comes before the own connection has settled', () => {
    const bench = grown();
    bench.connection(OWN, 0, 100);
    bench.connection('c0', 900);
    expect(bench.check).toBe('connection-storm');
  });
});
