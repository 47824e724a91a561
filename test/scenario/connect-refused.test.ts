import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame } from '../support/core-bench.ts';
import { keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';

describe('the broker refuses (C-4, 3.6)', () => {
  it.each([
    [1, '03'],
    [2, '03'],
    [3, '01'],
    [4, '03'],
    [5, '03'],
    [6, '01'],
  ])('MQTT 3.1.1 return code %i becomes 0x%s', (reasonCode, returnCode) => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    expect(bench.refused(1, reasonCode)).toEqual([`s < 0305${returnCode}`]);
  });

  it.each([
    [0x80, '01'],
    [0x81, '03'],
    [0x82, '03'],
    [0x83, '01'],
    [0x84, '03'],
    [0x85, '03'],
    [0x86, '03'],
    [0x87, '03'],
    [0x88, '01'],
    [0x89, '01'],
    [0x8a, '03'],
    [0x8c, '03'],
    [0x90, '03'],
    [0x93, '01'],
    [0x95, '03'],
    [0x97, '01'],
    [0x99, '03'],
    [0x9a, '03'],
    [0x9b, '03'],
    [0x9c, '01'],
    [0x9d, '01'],
    [0x9f, '01'],
    [0xff, '01'],
  ])('MQTT 5 reason code %i becomes 0x%s', (reasonCode, returnCode) => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    const refused = bench.feed({ type: 'upstream-refused', connection: 1, protocolVersion: 5, reasonCode });
    expect(refused).toEqual([`s < 0305${returnCode}`]);
  });

  it('keeps nothing of the attempt (C-12)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectKeep);
    bench.refused(1, 5);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.from('s', S1.register)).toEqual(['s < 0218']);
    expect(bench.pass(200_000)).toEqual([]);
  });

  it.each([
    ['CONNECT that would have kept it', S1.connectKeep120],
    ['clean CONNECT', S1.connectClean],
  ])('keeps a stored session through a refused %s (C-12, I-1)', (_, connect) => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.disconnect);
    bench.from('s', connect);
    expect(bench.refused(2, 3)).toEqual(['s < 030501']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
    expect(bench.up(3, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#3 PUBLISH qos0 a/b "x"']);
  });

  it('leaves an active client whose new CONNECT is refused disconnected, with its session (C-12, I-1)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('s', S1.connectClean)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 clean']);
    expect(bench.refused(2, 5)).toEqual(['s < 030503']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 0218']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
    expect(bench.up(3, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#3 PUBLISH qos0 a/b "x"']);
  });
});

describe('the broker cannot be reached (C-4, 3.5, I-2)', () => {
  it('answers 0x01 at once when it has not been there within the grace time', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    expect(bench.down(1)).toEqual(['#2 CONNECT (gateway) clean', 's < 030501']); // I-13: the own connection looks for the broker
    expect(bench.core.sessionCount).toBe(0);
  });

  it('answers 0x01 at once when the grace time is over', () => {
    const bench = new CoreBench();
    bench.connect('z', 'z1');
    bench.from('z', S1.disconnect);
    bench.pass(30_001);
    bench.from('s', S1.connectClean);
    expect(bench.down(2)).toEqual(['#3 CONNECT (gateway) clean', 's < 030501']);
  });

  it('answers 0x01 when the broker says nothing for T_retry, and ends that attempt (3.5, 3.6)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['s < 030501', '#1 DISCONNECT']);
    expect(bench.up(1)).toEqual([]);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('holds the CONNECT and tries again while the broker was there a moment ago', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.from('s', S1.connectClean);
    expect(unanswered(bench, 2)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s1 clean']);
    expect(unanswered(bench, 3)).toEqual([]);
    expect(bench.pass(1_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#4 CONNECT s1 clean']);
    expect(bench.up(4)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0001000100']);
  });

  it('gives a held CONNECT up after T_retry with 0x01 and ends the attempt that is still open', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.from('s', S1.connectClean);
    unanswered(bench, 2);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s1 clean']);
    unanswered(bench, 3);
    expect(bench.pass(2_000)).toEqual(['#4 CONNECT s1 clean']);
    expect(bench.pass(6_998)).toEqual([]);
    expect(bench.pass(2)).toEqual(['s < 030501', '#4 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.pass(100_000)).toEqual([]);
    expect(bench.up(4)).toEqual([]);
  });

  it('says nothing to a repeated CONNECT that is held (C-8)', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.from('s', S1.connectClean);
    bench.down(2);
    expect(bench.from('s', S1.connectClean)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s1 clean']);
    expect(bench.from('s', S1.connectClean)).toEqual([]);
    expect(bench.up(3)).toEqual(['s < 030500']);
  });
});

describe('the ClientId (5.3.1)', () => {
  it('is refused when it is empty (T-01)', () => {
    const bench = new CoreBench();
    expect(bench.from('s', '06 04 04 01 00 3C')).toEqual(['s < 030503']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('is generated when it is empty and the option says so, with a forced clean session (T-01)', () => {
    const bench = new CoreBench({ settings: { clients: { emptyClientId: 'generate' } } });
    expect(bench.from('s', '06 04 00 01 00 3C')).toEqual([expect.stringMatching(/^#1 CONNECT \S+ clean$/)]);
    expect(bench.up(1)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0001000100']);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('is generated differently for each address (T-01)', () => {
    const bench = new CoreBench({ settings: { clients: { emptyClientId: 'generate' } } });
    const [first = ''] = bench.from('s', '06 04 04 01 00 3C');
    const [second = ''] = bench.from('t', '06 04 04 01 00 3C');
    expect(second).toMatch(/^#2 CONNECT \S+ clean$/);
    expect(second.slice(2)).not.toBe(first.slice(2));
  });

  it('is generated differently for each node behind a forwarder, and once for a repeated CONNECT (T-01, C-8)', () => {
    const bench = new CoreBench({ settings: { clients: { emptyClientId: 'generate' } } });
    const [first = ''] = bench.from('f', '05 FE 00 12 34 06 04 04 01 00 3C');
    const [second = ''] = bench.from('f', '05 FE 00 56 78 06 04 04 01 00 3C');
    expect(second).toMatch(/^#2 CONNECT \S+ clean$/);
    expect(second.slice(2)).not.toBe(first.slice(2));
    expect(bench.from('f', '05 FE 00 12 34 06 04 04 01 00 3C')).toEqual([]);
    expect(bench.up(1)).toEqual(['f < 05fe001234030500']);
    expect(bench.from('f', '05 FE 00 12 34 06 04 04 01 00 3C')).toEqual(['f < 05fe001234030500']);
  });

  it('may have up to 64 octets (T-02)', () => {
    const bench = new CoreBench();
    expect(bench.from('s', frame('04 04 01 00 3c', 'i'.repeat(64)))).toEqual([`#1 CONNECT ${'i'.repeat(64)} clean`]);
    expect(bench.from('t', frame('04 04 01 00 3c', 'i'.repeat(65)))).toEqual(['t < 030503']);
  });

  it('has the configured greatest length, in octets and not in characters (T-02)', () => {
    const bench = new CoreBench({ settings: { clients: { maxClientIdOctets: 4 } } });
    expect(bench.from('s', '0A 04 04 01 00 3C C3 A9 C3 A9')).toEqual(['#1 CONNECT éé clean']);
    expect(bench.from('t', '0B 04 04 01 00 3C C3 A9 C3 A9 61')).toEqual(['t < 030503']);
  });

  it.each([
    ['invalid UTF-8', '08 04 04 01 00 3C 73 FF'],
    ['truncated UTF-8', '08 04 04 01 00 3C 73 C3'],
    ['U+0000', '08 04 04 01 00 3C 73 00'],
  ])('is refused with %s in it (T-02)', (_, connect) => {
    const bench = new CoreBench();
    expect(bench.from('s', connect)).toEqual(['s < 030503']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('is compared whole: s1 and s10 are two clients (T-02)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    expect(bench.from('t', '09 04 04 01 00 3C 73 31 30')).toEqual(['#2 CONNECT s10 clean']);
    expect(bench.up(2)).toEqual(['t < 030500']);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0001000100']);
  });
});

describe('the limit of sessions (N-1, S-7, I-22)', () => {
  it('is answered with congestion, without asking the broker', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    bench.connect('z', 'z1');
    expect(bench.from('s', S1.connectClean)).toEqual(['s < 030501']);
  });

  it('counts stored sessions', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    keepSession(bench);
    bench.from('s', S1.disconnect);
    expect(bench.from('t', '08 04 04 01 00 3C 7A 31')).toEqual(['t < 030501']);
  });

  it('counts a CONNECT that waits for the broker', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    bench.from('z', '08 04 04 01 00 3C 7A 31');
    expect(bench.from('s', S1.connectClean)).toEqual(['s < 030501']);
    bench.refused(1, 3);
    expect(bench.from('s', S1.connectClean)).toEqual(['#2 CONNECT s1 clean']);
  });

  it('does not count a client in its will dialogue, which gets congestion where all sessions are taken at its end (I-49)', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    expect(bench.from('z', '08 04 0C 01 00 3C 7A 31')).toEqual(['z < 0206']);
    expect(bench.from('s', S1.connectClean)).toEqual(['#1 CONNECT s1 clean']);
    expect(bench.from('z', S1.willTopic)).toEqual(['z < 0208']);
    expect(bench.from('z', S1.willMsg)).toEqual(['z < 030501']);
    expect(bench.core.sessionCount).toBe(1);
  });

  it('does not hold for a client that has a session', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    keepSession(bench);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
  });

  it('has room again when a clean session has ended', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    bench.connect('z', 'z1');
    bench.from('z', S1.disconnect);
    expect(bench.from('s', S1.connectClean)).toEqual(['#2 CONNECT s1 clean']);
  });
});

/** No CONNACK came in time, and the adapter has given the attempt up. */
function unanswered(bench: CoreBench, connection: number): string[] {
  return bench.feed({
    type: 'upstream-lost',
    connection,
    reason: 'no CONNACK within 10 s',
    takenOver: false,
    ours: true,
  });
}
