import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { attempts, failAttempts, lastAttempt, passWithoutBroker, radio } from '../support/core-bench-absence.ts';
import type { PartialSettings } from '../support/settings-with.ts';

const OWN = '(gateway)';

/** A gateway that has started: its own connection stands as #1. */
function started(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  expect(bench.feed({ type: 'sessions-restored', records: [] })).toEqual(['#1 CONNECT (gateway) clean']);
  bench.up(1);
  return bench;
}

/** The same, and a minute ago so many clients connected as #2, #3, … (clean sessions, keep-alive 1000 s). */
function serving(clients: number, settings: PartialSettings = {}): CoreBench {
  const bench = started(settings);
  for (let client = 0; client < clients; client++) {
    bench.connect(`c${client}`, `c${client}`, { duration: 1000 });
  }
  bench.pass(60_000);
  return bench;
}

/** The broker goes away: so many clients' connections and then the own one break. */
function away(bench: CoreBench, clients: number, own = 1): void {
  for (let client = 0; client < clients; client++) {
    bench.down(own + client + 1);
  }
  bench.down(own);
}

/** The broker is back, and accepts the next attempt of the own connection; its number. All lines that came until then. */
function ownReturns(bench: CoreBench): { own: number; lines: string[] } {
  const lines: string[] = [];
  while (attempts(lines, OWN).length === 0) {
    lines.push(...bench.pass(100));
  }
  const own = lastAttempt(lines, OWN);
  lines.push(...bench.up(own));
  return { own, lines };
}

const seconds = (lines: readonly string[]): number[] => lines.map((line) => Number(line.split(' ')[0]) / 1_000);

describe('the gateway’s own connection (I-13, I-40)', () => {
  it('is opened at the start, without any client', () => {
    started();
  });

  it('stays open: a failed attempt is tried again', () => {
    const bench = new CoreBench();
    bench.feed({ type: 'sessions-restored', records: [] });
    expect(bench.down(1)).toEqual([]);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'upstream-down', clientId: undefined }));
    expect(bench.pass(1_000)).toEqual(['#2 CONNECT (gateway) clean']);
  });

  it('begins with short pauses again only after a connection that lasted a minute (3.5 item 1)', () => {
    const bench = started();
    const times: number[] = [];
    const begin = bench.now;
    bench.down(1);
    while (bench.now < begin + 300_000) {
      for (const line of attempts(bench.pass(100), OWN)) {
        times.push(bench.now - begin);
        const own = lastAttempt([line], OWN);
        bench.up(own); // and closes at once
        bench.down(own);
      }
    }
    expect(times).toEqual(
      [1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 123_000, 183_000, 243_000].filter((at) => at <= 300_000),
    );
  });

  it('after a minute it begins with a second again', () => {
    const bench = started();
    bench.pass(60_000);
    bench.down(1);
    expect(bench.pass(1_000)).toEqual(['#2 CONNECT (gateway) clean']);
    bench.up(2);
    bench.pass(60_000);
    bench.down(2);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT (gateway) clean']);
  });

  it('ended three times within a minute, alone: somebody else may have its client id, and the log says what to set (I-45)', () => {
    const bench = started();
    bench.pass(60_000);
    bench.down(1);
    const told = [1, 2, 3].map(() => {
      const { own } = ownReturns(bench);
      bench.pass(10_000);
      bench.down(own);
      return bench.notes.some((note) => note.type === 'own-connection-contested');
    });
    expect(told).toEqual([false, false, true]);
  });

  describe('that ends 0.3 s after CONNACK again and again (I-45)', () => {
    /** The proof of each warning while the broker does so three times. */
    function proofs(bench: CoreBench, first: number): unknown[] {
      let own = first;
      const told: unknown[] = [];
      for (let round = 0; round < 3; round++) {
        bench.down(own);
        told.push(...bench.notes.filter(({ type }) => type === 'own-connection-contested'));
        ({ own } = ownReturns(bench));
        bench.pass(300);
      }
      bench.down(own);
      return [...told, ...bench.notes.filter(({ type }) => type === 'own-connection-contested')];
    }

    it('without a client beside it: the broker may close every connection', () => {
      const bench = serving(2);
      bench.down(2);
      bench.down(3);
      expect(proofs(bench, 1)).toEqual([{ type: 'own-connection-contested', proof: 'none' }]);
    });

    it('while a client’s connection stands: somebody else has its client id', () => {
      expect(proofs(serving(1), 1)).toEqual([{ type: 'own-connection-contested', proof: 'client' }]);
    });
  });

  it('taken over by its client id (MQTT 5): the log says so at once, and clients go on by themselves (I-45)', () => {
    const bench = serving(1);
    bench.down(1, true);
    expect(bench.notes).toContainEqual({ type: 'own-connection-contested', proof: 'broker' });
    bench.down(2);
    expect(attempts(bench.pass(1_000), 'c0')).toHaveLength(1);
    expect(bench.from('n', connectFrame('n'))).toEqual([expect.stringMatching(/^#\d+ CONNECT n clean$/)]);
  });

  it('refused: the broker is there all the same, and clients try by themselves (I-40)', () => {
    const bench = serving(1);
    away(bench, 1);
    bench.pass(1_000);
    expect(bench.refused(3, 5)).toEqual([]);
    expect(attempts(bench.pass(1_000), 'c0')).toHaveLength(1);
  });
});

describe('a client that comes with the client id of the own connection (I-45)', () => {
  it('gets CONNACK 0x03, with the reason in the log, and takes nothing from it', () => {
    const bench = new CoreBench({ ownClientId: 'gw' });
    bench.feed({ type: 'sessions-restored', records: [{ kind: 'gateway', clientId: 'gw' }] });
    bench.up(1);
    expect(bench.from('n', connectFrame('gw'))).toEqual(['n < 030503']);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'client-refused', reason: expect.stringContaining('upstream.gatewayClientId') }),
    );
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.from('n', connectFrame('gx'))).toEqual(['#2 CONNECT gx clean']);
  });
});

describe('a client that comes with the client id of the connection for the status (I-107)', () => {
  it('gets CONNACK 0x03, and nobody else does', () => {
    const bench = new CoreBench({ ownClientId: 'gw', statusClientId: 'gw-status' });
    bench.feed({ type: 'sessions-restored', records: [{ kind: 'gateway', clientId: 'gw' }] });
    bench.up(1);
    expect(bench.from('n', connectFrame('gw-status'))).toEqual(['n < 030503']);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.from('n', connectFrame('gw-s'))).toEqual(['#2 CONNECT gw-s clean']);
  });
});

describe('while the broker is away (3.5 item 1)', () => {
  it('only the gateway’s own connection tries, every 5 s at least while a grace time runs', () => {
    const bench = serving(40);
    away(bench, 40);
    const lines = passWithoutBroker(bench, 29_900);
    expect(lines.filter((line) => line.includes(' CONNECT c'))).toEqual([]);
    expect(seconds(attempts(lines, OWN))).toEqual([1, 3, 7, 12, 17, 22, 27]);
  });

  it('the own connection goes back to long pauses when no grace time runs', () => {
    const bench = serving(1);
    away(bench, 1);
    const lines = passWithoutBroker(bench, 200_000);
    expect(seconds(attempts(lines, OWN)).slice(6)).toEqual([27, 30, 90, 150, 210].filter((at) => at <= 200)); // at the end of the grace time once more (I-41)
  });

  it('a CONNECT is held for T_retry within the grace time, and tried when the broker is back (I-2)', () => {
    const bench = serving(1);
    away(bench, 1);
    passWithoutBroker(bench, 10_000);
    expect(bench.from('n', connectFrame('n'))).toEqual([]);
    const { lines } = ownReturns(bench);
    expect(attempts(lines, 'n')).toEqual([]);
    const later = bench.pass(1_000);
    expect(attempts(later, 'n')).toHaveLength(1);
    expect(bench.up(lastAttempt(later, 'n'))).toEqual(['n < 030500']);
  });

  it('a CONNECT that is held gets CONNACK 0x01 after T_retry, and once (I-2)', () => {
    const bench = serving(1);
    away(bench, 1);
    passWithoutBroker(bench, 10_000);
    bench.from('n', connectFrame('n'));
    expect(radio(passWithoutBroker(bench, 19_000))).toEqual(['10000 n < 030501']);
  });

  it('a CONNECT after the grace time makes the own connection try within 5 s, whose failure is CONNACK 0x01 (I-2)', () => {
    const bench = serving(0);
    away(bench, 0);
    passWithoutBroker(bench, 100_000);
    expect(bench.from('n', connectFrame('n'))).toEqual([]);
    expect(passWithoutBroker(bench, 5_000)).toEqual([
      expect.stringMatching(/^5000 #\d+ CONNECT \(gateway\) clean$/),
      '5000 n < 030501',
    ]);
  });

  it('a CONNECT that comes while such an attempt is under way waits for the next one, for it may be too old to tell (I-2)', () => {
    const bench = serving(0);
    away(bench, 0);
    passWithoutBroker(bench, 60_000);
    const lines: string[] = [];
    while (attempts(lines, OWN).length === 0) {
      lines.push(...bench.pass(100));
    }
    bench.pass(100);
    expect(bench.from('n', connectFrame('n'))).toEqual([]);
    expect(bench.down(lastAttempt(lines, OWN))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 5_000))).toEqual(['5000 n < 030501']);
  });

  it('a CONNECT after the grace time is accepted where that attempt succeeds (I-2)', () => {
    const bench = serving(0);
    away(bench, 0);
    passWithoutBroker(bench, 100_000);
    bench.from('n', connectFrame('n'));
    const { lines } = ownReturns(bench);
    expect(radio(lines)).toEqual([]);
    expect(bench.up(lastAttempt(bench.pass(1_000), 'n'))).toEqual(['n < 030500']);
  });
});

describe('a CONNECT that has been held for T_retry when the broker has been back for less than a second (I-2)', () => {
  /** `n` has been held for 9.6 s, and the own connection stands since then. */
  function justBack(): { bench: CoreBench; own: number } {
    const bench = serving(1);
    away(bench, 1);
    passWithoutBroker(bench, 12_500);
    expect(bench.from('n', connectFrame('n'))).toEqual([]);
    const own = lastAttempt(bench.pass(9_600), OWN);
    expect(bench.up(own)).toEqual([]);
    return { bench, own };
  }

  it('is tried at once instead of refused', () => {
    const { bench } = justBack();
    const lines = bench.pass(400);
    expect(lines).toEqual([expect.stringMatching(/^#\d+ CONNECT n clean$/)]);
    expect(bench.up(lastAttempt(lines, 'n'))).toEqual(['n < 030500']);
  });

  it('where the broker closes that one and the next without an answer it is refused for that (I-43)', () => {
    const { bench } = justBack();
    expect(bench.down(lastAttempt(bench.pass(400), 'n'))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 1_000))).toEqual(['600 n < 030503']);
  });

  it('where that attempt gets no answer it is refused after T_retry, once', () => {
    const { bench } = justBack();
    bench.pass(400);
    expect(radio(bench.pass(9_999))).toEqual([]);
    expect(radio(bench.pass(1))).toEqual(['n < 030501']);
    expect(radio(bench.pass(30_000))).toEqual([]);
  });
});

describe('when the broker is back (3.5 item 1, I-40)', () => {
  it('and has stood for a second, every session that waited gets its attempt, a few at a time', () => {
    const bench = serving(40, { upstream: { maxConnecting: 20 } });
    away(bench, 40);
    passWithoutBroker(bench, 24_000);
    const { lines } = ownReturns(bench);
    lines.push(...bench.pass(999));
    expect(lines.filter((line) => line.includes(' CONNECT c'))).toEqual([]);
    const first = bench.pass(1).filter((line) => line.includes(' CONNECT c'));
    expect(first).toHaveLength(20);
    const rest = first.flatMap((line) => bench.up(Number(/#(\d+)/.exec(line)?.[1])));
    expect(rest).toHaveLength(20);
    for (const line of rest) {
      expect(bench.up(Number(/#(\d+)/.exec(line)?.[1]))).toEqual([]);
    }
    expect(radio(bench.pass(100_000))).toEqual([]);
  });

  it('active clients come before sleepers', () => {
    const bench = serving(3, { upstream: { maxConnecting: 1 } });
    bench.from('c0', '04 18 03 E8');
    bench.from('c1', '04 18 03 E8');
    away(bench, 3);
    passWithoutBroker(bench, 5_000);
    ownReturns(bench);
    expect(bench.pass(1_000).filter((line) => line.includes(' CONNECT c'))).toEqual([
      expect.stringMatching(/ CONNECT c2 clean$/),
    ]);
  });

  it('no client gets DISCONNECT: its grace time ends with the answer to its own attempt (I-41)', () => {
    const bench = serving(3, { upstream: { maxConnecting: 1 } });
    away(bench, 3);
    passWithoutBroker(bench, 26_000);
    ownReturns(bench);
    const lines = bench.pass(10_000); // past the grace time: one attempt is under way, the others are in line
    expect(radio(lines)).toEqual([]);
    const second = bench.up(lastAttempt(lines, 'c0'));
    expect(radio(bench.down(lastAttempt(second, 'c1')))).toEqual(['c1 < 0218']);
    expect(radio(bench.pass(10_000))).toEqual([]);
  });

  describe('an attempt of the client that had begun before that (I-41)', () => {
    /** The grace time of `c0` is over; its attempt had begun, without an answer, before the own connection fell and came back. It fails now. */
    function failsLate(): { bench: CoreBench; lines: string[] } {
      const bench = serving(1);
      bench.down(2);
      const attempt = lastAttempt(bench.pass(20_000), 'c0');
      bench.down(1);
      ownReturns(bench);
      expect(radio(bench.pass(20_000))).toEqual([]);
      return { bench, lines: bench.down(attempt) };
    }

    it('does not decide: the next one follows at once, and brings the client back', () => {
      const { bench, lines } = failsLate();
      lines.push(...bench.pass(1));
      expect(radio(lines)).toEqual([]);
      expect(radio(bench.up(lastAttempt(lines, 'c0')))).toEqual([]);
      expect(radio(bench.pass(100_000))).toEqual([]);
    });

    it('nor keeps the client waiting where that fails, too', () => {
      const { bench, lines } = failsLate();
      lines.push(...bench.pass(1));
      expect(radio(bench.down(lastAttempt(lines, 'c0')))).toEqual(['c0 < 0218']);
    });
  });

  describe('after 26.5 s, which the own connection finds out after the grace time of 30 s (I-41)', () => {
    /** 40 idle clients; the last attempt that failed began after 27 s, and 29.9 s have passed. */
    function nearlyOver(): CoreBench {
      const bench = serving(40);
      away(bench, 40);
      const lines = passWithoutBroker(bench, 29_900);
      expect(radio(lines)).toEqual([]);
      return bench;
    }

    it('it tries once when the grace times end, and every client is brought back', () => {
      const bench = nearlyOver();
      const lines = bench.pass(100);
      expect(lines).toEqual([expect.stringMatching(/ CONNECT \(gateway\) clean$/)]);
      expect(bench.pass(1_000)).toEqual([]); // no answer yet
      bench.up(lastAttempt(lines, OWN));
      let back = attempts(bench.pass(1_000), 'c');
      const reached: string[] = [];
      while (back.length > 0) {
        reached.push(...back);
        back = back.flatMap((line) => bench.up(Number(/#(\d+)/.exec(line)?.[1])));
      }
      expect(reached).toHaveLength(40);
      expect(radio(bench.pass(100_000))).toEqual([]);
    });

    it('where that attempt fails every client gets DISCONNECT at once', () => {
      const bench = nearlyOver();
      const own = lastAttempt(bench.pass(100), OWN);
      expect(radio(bench.pass(9_000))).toEqual([]); // a black hole
      expect(radio(bench.down(own))).toHaveLength(40);
      expect(radio(bench.pass(1_000))).toEqual([]);
    });

    it('also where it stands for less than a second', () => {
      const bench = nearlyOver();
      const own = lastAttempt(bench.pass(100), OWN);
      bench.up(own);
      bench.pass(500);
      expect(radio(bench.down(own))).toHaveLength(40);
    });

    it('where it is refused the broker is there, and each is decided by its own attempt', () => {
      const bench = nearlyOver();
      expect(radio(bench.refused(lastAttempt(bench.pass(100), OWN), 5))).toEqual([]);
      const lines = bench.pass(1_000);
      expect(radio(lines)).toEqual([]);
      expect(radio(bench.down(lastAttempt(lines, 'c0')))).toEqual(['c0 < 0218']);
    });

    it('an attempt that began before, and hangs, decides', () => {
      const bench = serving(1);
      away(bench, 1);
      passWithoutBroker(bench, 26_000);
      const own = lastAttempt(bench.pass(1_000), OWN);
      expect(bench.pass(9_000)).toEqual([]);
      expect(radio(bench.down(own))).toEqual(['c0 < 0218']);
    });
  });

  it('grace times that end one after the other make the own connection try once a second at most (I-41)', () => {
    const bench = serving(40);
    const begun: string[] = [];
    for (let client = 0; client < 40; client++) {
      bench.down(client + 2);
      begun.push(...bench.pass(100));
    }
    bench.down(1);
    failAttempts(bench, begun);
    const lines = passWithoutBroker(bench, 40_000); // they end from 26 s to 30 s
    expect(radio(lines)).toHaveLength(40);
    const times = seconds(attempts(lines, OWN)).filter((at) => at >= 26 && at < 31.1);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0.999);
    expect(times.length).toBeGreaterThanOrEqual(4);
  });

  it('where it falls again within a minute, each session keeps its back-off', () => {
    const bench = serving(2);
    away(bench, 2);
    const { own } = ownReturns(bench);
    const back = bench.pass(1_000);
    expect(back).toHaveLength(2);
    const [a, b] = [lastAttempt(back, 'c0'), lastAttempt(back, 'c1')];
    bench.up(a);
    bench.up(b);
    bench.pass(20_000);
    bench.down(a);
    bench.down(b);
    bench.down(own);
    const again = ownReturns(bench);
    const times = attempts(passWithoutBroker(bench, 1_500), 'c0');
    expect([...again.lines, ...times].filter((line) => line.includes(' CONNECT c'))).toEqual([]);
    expect(attempts(bench.pass(1_500), 'c0')).toHaveLength(1); // one second until it counts as back, then the second pause: 2 s
  });

  it('a back-off that is longer than the grace time ends with that (I-41)', () => {
    const bench = serving(1);
    let [own, connection] = [1, 2];
    const pauses: number[] = [];
    for (let round = 0; round < 8; round++) {
      const begin = bench.now;
      bench.down(connection);
      bench.down(own);
      const { own: next, lines } = ownReturns(bench);
      while (attempts(lines, 'c0').length === 0 && bench.now < begin + 60_000) {
        lines.push(...bench.pass(100));
      }
      expect(radio(lines)).toEqual([]);
      pauses.push(bench.now - begin);
      [own, connection] = [next, lastAttempt(lines, 'c0')];
      bench.up(connection);
      bench.pass(1_000);
    }
    expect(Math.max(...pauses)).toBe(30_000);
  });

  it('after a minute the next outage is another one', () => {
    const bench = serving(1);
    away(bench, 1);
    const { own } = ownReturns(bench);
    const connection = lastAttempt(bench.pass(1_000), 'c0');
    bench.up(connection);
    bench.pass(60_000);
    bench.down(connection);
    bench.down(own);
    passWithoutBroker(bench, 3_500);
    ownReturns(bench);
    expect(attempts(bench.pass(1_000), 'c0')).toHaveLength(1);
  });

  it('a publish with QoS −1 goes out with the own connection', () => {
    const bench = serving(0);
    away(bench, 0);
    passWithoutBroker(bench, 90_000);
    expect(bench.from('n', frame('0c 62 7470 0000', 'x'))).toEqual([]);
    const begin = bench.now;
    const { lines } = ownReturns(bench);
    expect(lines.at(-1)).toMatch(/ PUBLISH qos0 tp "x"$/);
    expect(bench.now - begin).toBeLessThanOrEqual(5_000);
  });
});

describe('a client whose connection falls while the broker is there (3.5 item 1)', () => {
  it('is tried again after 1, 2, 4 … s although each attempt is accepted and closed at once', () => {
    const bench = serving(2, { upstream: { grace: 100_000 } });
    const begin = bench.now;
    const times: number[] = [];
    bench.down(2);
    bench.down(3); // not alone: no take-over
    while (bench.now < begin + 63_000) {
      for (const line of bench.pass(100).filter((text) => text.includes(' CONNECT c'))) {
        if (line.includes('c0')) {
          times.push(bench.now - begin);
        }
        const connection = Number(/#(\d+)/.exec(line)?.[1]);
        bench.up(connection);
        bench.down(connection);
      }
    }
    expect(times).toEqual([1_000, 3_000, 7_000, 15_000, 31_000, 63_000]);
  });

  describe('and its pauses have grown longer than the grace time (I-41)', () => {
    /** `c0` and `c1` fell together, again and again: the pause before the next attempt of `c0` is half a minute, as its grace time. */
    function longPause(): CoreBench {
      const bench = serving(2);
      const lines = [...bench.down(2), ...bench.down(3)];
      for (let round = 0; round < 5; round++) {
        for (const line of attempts([...lines, ...bench.pass(16_000)], 'c')) {
          const connection = Number(/#(\d+)/.exec(line)?.[1]);
          bench.up(connection);
          lines.splice(0, lines.length, ...bench.down(connection));
        }
      }
      return bench;
    }

    it('an attempt is made at its end, and where that succeeds the client has noticed nothing', () => {
      const bench = longPause();
      const lines = bench.pass(60_000);
      expect(radio(lines)).toEqual([]);
      expect(attempts(lines, 'c0')).toHaveLength(1);
      expect(radio(bench.up(lastAttempt(lines, 'c0')))).toEqual([]);
      expect(radio(bench.pass(100_000))).toEqual([]);
    });

    it('a sleeper that wakes before it is made gets PINGRESP, and after it has failed DISCONNECT (3.5 item 5)', () => {
      const bench = longPause();
      bench.from('c0', '04 18 03 E8');
      bench.pass(31_000);
      expect(bench.from('c0', '02 16')).toEqual(['c0 < 0217']);
      bench.down(lastAttempt(bench.pass(1_000), 'c0'));
      expect(radio(bench.from('c0', '02 16'))).toEqual(['c0 < 0218']);
    });

    it('where that fails, DISCONNECT', () => {
      const bench = longPause();
      const lines = bench.pass(60_000);
      expect(radio(bench.down(lastAttempt(lines, 'c0')))).toEqual(['c0 < 0218']);
    });
  });

  describe('with all others, while the attempt of a client is under way, which succeeds before the own connection’s next one (I-40)', () => {
    /** So long after the fall; `c0` sleeps, `c1` has connected anew with an attempt that hangs, and the own connection has failed after 1, 3, 7 s, and then after 15. */
    function beginning(settings: PartialSettings, after: number): { bench: CoreBench; anew: number } {
      const bench = serving(2, { timing: { retryInterval: 20_000 }, ...settings });
      bench.from('c0', '04 18 03 E8');
      const anew = lastAttempt(bench.from('c1', connectFrame('c1')), 'c1');
      away(bench, 1);
      passWithoutBroker(bench, after);
      return { bench, anew };
    }

    /** Eight seconds after it, where that attempt succeeds. */
    function anotherStands(settings: PartialSettings = {}): { bench: CoreBench; anew: number; lines: string[] } {
      const { bench, anew } = beginning(settings, 8_000);
      return { bench, anew, lines: bench.up(anew) };
    }

    it('those that wait are tried when it has stood for a second; the own connection keeps its pause', () => {
      const { bench, lines } = anotherStands();
      expect(attempts([...lines, ...bench.pass(999)], '')).toEqual([]);
      const next = attempts(bench.pass(2), '');
      expect(next).toEqual([expect.stringMatching(/ CONNECT c0/)]);
      expect(seconds(attempts(passWithoutBroker(bench, 7_000), OWN))).toEqual([5.999]);
    });

    it('and they are, although the own connection fails meanwhile', () => {
      const { bench, anew } = beginning({}, 14_500);
      bench.up(anew);
      expect(attempts(passWithoutBroker(bench, 1_000), '')).toEqual([
        expect.stringMatching(/^500 #\d+ CONNECT .gateway/),
        expect.stringMatching(/^1000 #\d+ CONNECT c0/),
      ]);
    });

    it('not because the own one stood for a moment, while another connection still does', () => {
      const bench = serving(2);
      const standsAndFalls = (connection: number): void => {
        bench.up(connection);
        bench.down(connection);
      };
      bench.down(2);
      bench.pass(400);
      bench.down(1);
      standsAndFalls(lastAttempt(bench.pass(600), 'c0'));
      standsAndFalls(lastAttempt(bench.pass(400), OWN));
      expect(attempts(bench.pass(1_599), 'c0')).toEqual([]);
      expect(attempts(bench.pass(1), 'c0')).toHaveLength(1);
    });

    it('not where it breaks again before: the broker is away', () => {
      const { bench, anew } = anotherStands();
      bench.down(anew);
      expect(attempts(passWithoutBroker(bench, 3_000), 'c0')).toEqual([]);
    });

    it.each([
      ['is not over', 30_000],
      ['is over (I-41)', 5_000],
    ])('a sleeper that wakes meanwhile, whose grace time %s, gets PINGRESP', (_, grace) => {
      const { bench } = anotherStands({ upstream: { grace } });
      expect(radio(bench.from('c0', '02 16'))).toEqual(['c0 < 0217']);
    });

    it('the same where its own attempt had failed before', () => {
      const bench = serving(2, { upstream: { grace: 5_000 } });
      bench.from('c0', '04 18 03 E8');
      const anew = lastAttempt(bench.from('c1', connectFrame('c1')), 'c1');
      bench.down(2);
      const lines = bench.pass(1_000);
      bench.down(1);
      bench.down(lastAttempt(lines, 'c0'));
      passWithoutBroker(bench, 7_000);
      bench.up(anew);
      expect(radio(bench.from('c0', '02 16'))).toEqual(['c0 < 0217']);
    });
  });

  it('while nothing stands and the own connection never stood, clients are tried by themselves', () => {
    const bench = new CoreBench();
    bench.feed({ type: 'sessions-restored', records: [] });
    bench.down(1);
    const lines = bench.from('n', connectFrame('n'));
    expect(lines).toEqual([expect.stringMatching(/ CONNECT n clean$/)]);
    expect(radio(failAttempts(bench, lines))).toEqual(['n < 030501']);
  });
});
