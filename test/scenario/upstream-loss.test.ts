import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import {
  attempts,
  brokerGone,
  failAttempts,
  lastAttempt,
  passWithoutBroker,
  radio,
} from '../support/core-bench-absence.ts';
import { breakUpstream, connected, persistent, registered, sent, subscribed } from '../support/core-bench-traffic.ts';

describe('attempts to reach the broker again (3.5 item 1)', () => {
  it('come after 1, 2, 4, 8, 16, 32, 60, 60 … s', () => {
    const bench = connected({ settings: { upstream: { grace: 1_000_000 } } });
    brokerGone(bench, 1);
    const times = attempts(passWithoutBroker(bench, 250_000), 's').map((line) => Number(line.split(' ')[0]) / 1_000);
    expect(times).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it('follow the settings for the shortest and the longest pause', () => {
    const bench = connected({ settings: { upstream: { grace: 1_000_000, reconnectMin: 500, reconnectMax: 3_000 } } });
    brokerGone(bench, 1);
    const times = attempts(passWithoutBroker(bench, 11_000), 's').map((line) => Number(line.split(' ')[0]));
    expect(times).toEqual([500, 1_500, 3_500, 6_500, 9_500]);
  });

  it('begin with 1 s again after a connection that lasted', () => {
    const bench = connected();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 6_000);
    const connection = lastAttempt(bench.pass(1_000), 's');
    bench.up(connection);
    bench.pass(60_000);
    brokerGone(bench, connection);
    expect(attempts(passWithoutBroker(bench, 2_999), 's')).toEqual([
      expect.stringMatching(/^1000 #\d+ CONNECT s clean$/),
    ]);
  });

  it('carry the same flags and the will (3.5 item 6)', () => {
    const bench = new CoreBench();
    bench.from('s', '07 04 08 01 03 E8 73');
    bench.from('s', frame('07 30', 'will/s'));
    expect(bench.from('s', frame('09', 'gone'))).toEqual(['#1 CONNECT s will will/s "gone" qos1 retain']);
    bench.up(1);
    bench.down(1);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s will will/s "gone" qos1 retain']);
  });

  it('are one at a time', () => {
    const bench = connected();
    breakUpstream(bench);
    expect(attempts(bench.pass(28_000), 's')).toEqual([]);
  });

  it('a refusal by the broker is tried again as well: nothing reaches the client within the grace time', () => {
    const bench = connected();
    breakUpstream(bench);
    expect(radio(bench.refused(3, 3))).toEqual([]);
    expect(bench.pass(1_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#4 CONNECT s clean']);
    expect(bench.up(4)).toEqual([]);
  });
});

describe('an active client within the grace time (3.5 item 3)', () => {
  it('does not notice: REGISTER, PINGREQ, will updates and UNSUBSCRIBE are answered', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    expect(brokerGone(bench, 1)).toEqual([]);
    expect(bench.from('s', frame('0a 0000 0001', 'new'))).toEqual([sent('0b 0002 0001 00')]);
    expect(bench.from('s', '02 16')).toEqual(['s < 0217']);
    expect(bench.from('s', frame('1a 20', 'will'))).toEqual(['s < 031b00']);
    expect(bench.from('s', frame('1c', 'gone'))).toEqual(['s < 031d00']);
    expect(bench.from('s', frame('14 00 0002', 'a/b'))).toEqual([sent('15 0002')]);
  });

  it('DISCONNECT is answered, and no further attempt is made for the client', () => {
    const bench = connected();
    brokerGone(bench, 1);
    expect(radio(bench.from('s', '02 18'))).toEqual(['s < 0218']);
    expect(attempts(passWithoutBroker(bench, 100_000), 's')).toEqual([]);
  });

  it('DISCONNECT(Duration) is answered: the client sleeps', () => {
    const bench = connected();
    brokerGone(bench, 1);
    expect(bench.from('s', '04 18 03 E8')).toEqual(['s < 0218']);
    expect(radio(passWithoutBroker(bench, 60_000))).toEqual([]);
  });

  it('nothing that needs the broker is acknowledged (3.5 items 2 and 3)', () => {
    const bench = connected();
    registered(bench, 'a/b');
    bench.from('s', frame('0c 20 0001 0001', 'sent before'));
    bench.from('s', frame('0c 40 0001 0002', 'sent before'));
    brokerGone(bench, 1);
    expect(bench.from('s', frame('0c a0 0001 0001', 'sent before'))).toEqual([]);
    expect(bench.from('s', frame('0c 20 0001 0003', 'x'))).toEqual([]);
    expect(bench.from('s', frame('0c 40 0001 0004', 'x'))).toEqual([]);
    expect(bench.from('s', frame('12 20 0005', 'c'))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 29_999))).toEqual([]);
  });
});

describe('an active client after the grace time (3.5 item 4)', () => {
  it('gets DISCONNECT after 30.000 s, not a millisecond before, and no attempt is made for it', () => {
    const bench = connected();
    brokerGone(bench, 1);
    expect(radio(passWithoutBroker(bench, 29_999))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 1))).toEqual(['1 s < 0218']);
    expect(attempts(passWithoutBroker(bench, 200_000), 's')).toEqual([]);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('counts the grace time from the loss, not from the last attempt', () => {
    const bench = connected({ settings: { upstream: { grace: 5_000 } } });
    bench.pass(123_456);
    brokerGone(bench, 1);
    expect(radio(passWithoutBroker(bench, 10_000))).toEqual(['5000 s < 0218']);
  });

  it('an attempt under way at its end decides: it fails, DISCONNECT (I-41)', () => {
    const bench = connected();
    breakUpstream(bench);
    expect(radio(bench.pass(35_000))).toEqual([]);
    expect(radio(bench.down(3))).toEqual(['s < 0218']);
    expect(attempts(bench.pass(100_000), 's')).toEqual([]);
  });

  it('an attempt under way at its end decides: it succeeds, and the client has noticed nothing (I-41)', () => {
    const bench = connected();
    breakUpstream(bench);
    expect(radio(bench.pass(35_000))).toEqual([]);
    expect(radio(bench.up(3))).toEqual([]);
    expect(radio(bench.pass(100_000))).toEqual([]);
  });

  it('the grace time begins anew with each loss', () => {
    const bench = connected();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 6_000);
    const connection = lastAttempt(bench.pass(1_000), 's');
    bench.up(connection);
    bench.pass(10_000);
    brokerGone(bench, connection);
    expect(radio(passWithoutBroker(bench, 29_999))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 1))).toEqual(['1 s < 0218']);
  });

  it('comes back with CONNECT and gets CONNACK 0x01 at once until the broker is there; a persistent session is kept', () => {
    const bench = persistent();
    subscribed(bench, 'a/b');
    brokerGone(bench, 1);
    expect(radio(passWithoutBroker(bench, 30_000))).toEqual(['30000 s < 0218']);
    const first = bench.from('s', connectFrame('s', false));
    expect(radio([...first, ...failAttempts(bench, first)])).toEqual(['s < 030501']);
    passWithoutBroker(bench, 60_000);
    const second = bench.from('s', connectFrame('s', false));
    const connection = lastAttempt(second, 's');
    const restored = bench.up(connection, false);
    expect(restored).toEqual([expect.stringMatching(/ SUBSCRIBE id\d+ a\/b qos1$/)]);
    expect(bench.suback(connection, Number(/id(\d+)/.exec(restored[0] ?? '')?.[1]), 1)).toEqual(['s < 030500']);
  });

  it('what was held for it is published once, when it comes back and repeats it', () => {
    const bench = persistent();
    registered(bench, 'a/b');
    brokerGone(bench, 1);
    expect(bench.from('s', frame('0c 20 0001 0009', 'x'))).toEqual([]);
    passWithoutBroker(bench, 40_000);
    const connection = lastAttempt(bench.from('s', connectFrame('s', false)), 's');
    const lines = [...bench.up(connection, true), ...bench.from('s', frame('0c a0 0001 0009', 'x'))];
    const publishes = lines.filter((line) => line.includes('PUBLISH'));
    expect(publishes).toEqual([
      expect.stringMatching(new RegExp(`^#${connection} PUBLISH qos1 id\\d+ a/b "x"( dup)?$`)),
    ]);
    const packetId = Number(/ id(\d+) /.exec(publishes[0] ?? '')?.[1]);
    expect(bench.acked(connection, 'PUBACK', packetId)).toEqual([sent('0d 0001 0009 00')]);
  });
});

describe('CONNECT while the broker is away (3.5 item 3, I-2)', () => {
  it('within the grace time it is held while the broker is tried; unanswered for T_retry, CONNACK 0x01', () => {
    const bench = connected();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 2_000);
    const lines = bench.from('t', connectFrame('t'));
    expect(attempts(lines, 't')).toHaveLength(1);
    expect(radio(bench.pass(9_999))).toEqual([]);
    expect(radio(bench.pass(1))).toEqual(['t < 030501']);
  });

  it('within the grace time a failed attempt is no answer yet: more follow, then CONNACK 0x01 once, T_retry after the CONNECT at the latest', () => {
    const bench = connected();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 2_000);
    const lines = bench.from('t', connectFrame('t'));
    expect(radio(failAttempts(bench, lines))).toEqual([]);
    const later = passWithoutBroker(bench, 10_000);
    expect(attempts(later, 't').length).toBeGreaterThanOrEqual(2);
    expect(radio(later)).toEqual([expect.stringMatching(/^\d+ t < 030501$/)]);
    expect(attempts(passWithoutBroker(bench, 100_000), 't')).toEqual([]);
  });

  it('is accepted where the broker is back in that time', () => {
    const bench = connected();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 2_000);
    const first = bench.from('t', connectFrame('t'));
    failAttempts(bench, first);
    let lines: string[] = [];
    while (attempts(lines, 't').length === 0) {
      lines = bench.pass(100);
    }
    expect(bench.up(lastAttempt(lines, 't'))).toContain('t < 030500');
  });

  it('a broker that was never there: CONNACK 0x01 at once', () => {
    const bench = new CoreBench();
    const lines = bench.from('t', connectFrame('t'));
    expect(lines).toEqual(['#1 CONNECT t clean']);
    expect(radio(bench.down(1))).toEqual(['t < 030501']);
  });
});

describe('discovery while the broker is away (3.5 item 2, D-2, D-13)', () => {
  it('stops ADVERTISE and GWINFO, and advertises at once when it is back', () => {
    const bench = new CoreBench({ broadcast: true, settings: { upstream: { grace: 2_000_000 } } });
    bench.up(1); // own connection: opened at start where multicast is (I-13)
    expect(radio(bench.from('x', '03 01 00'))).not.toEqual([]);
    brokerGone(bench, 1);
    passWithoutBroker(bench, 1_000); // the first attempt fails: I-13
    expect(radio(bench.from('x', '03 01 00'))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 1_000_000))).toEqual([]);
    let lines: string[] = [];
    while (attempts(lines, '(gateway)').length === 0) {
      lines = bench.pass(1_000);
    }
    expect(bench.up(lastAttempt(lines, '(gateway)'))).toEqual(['all udp r0 < 0500010384']);
  });
});
