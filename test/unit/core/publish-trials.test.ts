import { describe, expect, it } from '@jest/globals';
import { PublishTrials, type Trial } from '../../../src/core/state/publish-trials.ts';

const MINUTE = 60_000;

function trial(kind: string, octets = 10, link = 'udp:a:1', host = 'udp a'): Trial {
  const publish = { topic: kind, payload: new Uint8Array(0), retain: false, clientId: undefined, link, host };
  return { publish: { ...publish, qos: -1 }, kind, octets };
}

/** Kinds have been tried since 0. */
function begun(): PublishTrials {
  const trials = new PublishTrials();
  trials.begin(0);
  return trials;
}

function stood(trials: PublishTrials, ...tried: readonly Trial[]): void {
  trials.out.push(...tried);
  trials.stood();
}

describe('trials of kinds of publishes (I-72)', () => {
  it('remember no more of kinds and senders than they may, the last that were used', () => {
    const trials = begun();
    for (let n = 0; n < 20_000; n++) {
      stood(trials, trial(`good ${n}`));
      trials.felled(trial(`bad ${n}`, 10, `udp:${n}:1`, `udp ${n}`), false, n);
      trials.suspect([trial(`perhaps ${n}`)], n);
    }
    expect(trials.size).toBe(4_096 + 1_024 + 1_024);
    expect(trials.stands(trial('good 19999'))).toBe(true);
    expect(trials.stands(trial('good 0'))).toBe(false);
  });

  it('a kind is refused the second time that it fell alone, from that size on, for 10, 20, 40, at most 60 minutes', () => {
    const trials = begun();
    const bad = trial('bad');
    expect(trials.felled(bad, false, 0)).toBe(false);
    let now = MINUTE;
    for (const minutes of [10, 20, 40, 60, 60]) {
      expect(trials.felled(bad, false, now)).toBe(true);
      expect(trials.refusal(trial('bad', 9, 'udp:b:1', 'udp b'), now)).toBeUndefined();
      expect(trials.refusal(trial('bad', 10, 'udp:b:1', 'udp b'), now + minutes * MINUTE - 1)).toBe('condemned');
      now += minutes * MINUTE;
      expect(trials.refusal(trial('bad', 10, 'udp:b:1', 'udp b'), now)).toBeUndefined();
    }
  });

  it('a sender that fell pauses for 5, 10, 20 s, at most 5 minutes; its host from the fourth time on', () => {
    const trials = begun();
    let now = 0;
    for (const [n, seconds] of [5, 10, 20, 40, 80, 160, 300, 300].entries()) {
      trials.felled(trial(`bad ${n}`), false, now);
      expect(trials.refusal(trial('other'), now + seconds * 1_000 - 1)).toBe('paused');
      expect(trials.refusal(trial('other'), now + seconds * 1_000)).toBeUndefined();
      expect(trials.refusal(trial('other', 10, 'udp:a:2'), now)).toBe(n < 3 ? undefined : 'paused');
      now += seconds * 1_000;
    }
  });

  it('what has stood is refused to nobody, for whatever its sender does', () => {
    const trials = begun();
    stood(trials, trial('good', 20));
    trials.felled(trial('bad'), true, 0);
    expect(trials.refusal(trial('good', 20), 0)).toBeUndefined();
    expect(trials.refusal(trial('good', 21), 0)).toBe('paused');
  });

  it('a size is too long for all where its topic stood with less, and nothing that is as long has stood', () => {
    const trials = begun();
    stood(trials, trial('a', 10), trial('b', 50));
    trials.felled(trial('a', 40), true, 0);
    expect(trials.refusal(trial('c', 60, 'udp:b:1', 'udp b'), 0)).toBeUndefined();
    trials.felled(trial('a', 60), true, 0);
    expect(trials.refusal(trial('c', 60, 'udp:b:1', 'udp b'), 0)).toBe('too-long');
    expect(trials.refusal(trial('c', 59, 'udp:b:1', 'udp b'), 0)).toBeUndefined();
  });

  it('a fall is forgotten after an hour, or where a connection breaks on nothing that is known', () => {
    const later = begun();
    later.felled(trial('bad'), false, 0);
    expect(later.felled(trial('bad'), false, 61 * MINUTE)).toBe(false);
    const unexplained = begun();
    unexplained.felled(trial('bad'), false, 0);
    unexplained.unexplained();
    expect(unexplained.felled(trial('bad', 10, 'udp:b:1', 'udp b'), false, 1_000)).toBe(false);
  });

  it('four at a time, twice as many whenever they have stood; one where they have not, until eight have stood', () => {
    const trials = begun();
    const room = (): number => {
      let n = 0;
      for (; trials.takesMore; n++) {
        trials.out.push(trial(`${n}`));
      }
      trials.out = [];
      return n;
    };
    expect(room()).toBe(4);
    stood(trials, trial('a'));
    expect(room()).toBe(8);
    trials.suspect([trial('b')], 0);
    expect(room()).toBe(1);
    expect(trials.isSuspect(trial('c'))).toBe(true);
    for (let n = 0; n < 8; n++) {
      stood(trials, trial('a'));
    }
    expect(room()).toBe(1);
    stood(trials, trial('a'));
    expect(room()).toBe(2);
    expect([trials.isSuspect(trial('b')), trials.isSuspect(trial('c'))]).toEqual([true, false]);
  });
});
