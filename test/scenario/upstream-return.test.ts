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

describe('a sleeper while the broker is away (3.5 item 5)', () => {
  it('sleeps on past the grace time; the gateway goes on trying', () => {
    const bench = sleeper();
    brokerGone(bench, 1);
    const lines = passWithoutBroker(bench, 130_000);
    expect(radio(lines)).toEqual([]);
    expect(attempts(lines, 's')).toHaveLength(7);
  });

  it('PINGREQ within the grace time: what is buffered, then PINGRESP', () => {
    const bench = sleeper();
    bench.message(1, 'a/b', 'x');
    brokerGone(bench, 1);
    passWithoutBroker(bench, 29_000);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 00 0001 0000', 'x'), 's < 0217']);
  });

  it('PINGREQ within the grace time, nothing buffered: PINGRESP', () => {
    const bench = sleeper();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 29_999);
    expect(bench.from('s', frame('16', 's'))).toEqual(['s < 0217']);
  });

  it('PINGREQ after the grace time, nothing buffered: DISCONNECT, and the attempts end', () => {
    const bench = sleeper();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 30_000);
    expect(radio(bench.from('s', frame('16', 's')))).toEqual(['s < 0218']);
    expect(attempts(passWithoutBroker(bench, 200_000), 's')).toEqual([]);
  });

  it('PINGREQ after the grace time: what is buffered, then DISCONNECT instead of PINGRESP', () => {
    const bench = sleeper();
    bench.message(1, 'a/b', '1');
    bench.message(1, 'a/b', '2', { packetId: 10, qos: 1 });
    brokerGone(bench, 1);
    passWithoutBroker(bench, 31_000);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 00 0001 0000', '1'), sent('0c 20 0001 0001', '2')]);
    expect(radio(bench.from('s', frame('0d 0001 0001 00')))).toEqual(['s < 0218']);
  });

  it('the broker back before PINGREQ: as if nothing had been', () => {
    const bench = sleeper();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 62_000);
    const connection = lastAttempt(bench.pass(1_000), 's');
    bench.up(connection, true);
    expect(bench.message(connection, 'a/b', 'x')).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 00 0001 0000', 'x'), 's < 0217']);
  });

  it('the connection lost while awake: the cycle is finished (2.15)', () => {
    const bench = sleeper();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.message(1, 'a/b', '2');
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0001', '1')]);
    brokerGone(bench, 1);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([sent('0c 00 0001 0000', '2'), 's < 0217']);
  });

  it('that CONNECTs within the grace time is answered when the broker is back (I-2)', () => {
    const bench = sleeper();
    breakUpstream(bench);
    expect(radio(bench.from('s', connectFrame('s', false, 1000)))).toEqual([]);
    bench.pass(5_000);
    expect(bench.up(3, true)).toEqual(['s < 030500']);
  });

  it('that CONNECTs within the grace time gets 0x01 after T_retry at the latest, and once (I-2)', () => {
    const bench = sleeper();
    brokerGone(bench, 1);
    passWithoutBroker(bench, 2_000);
    const lines = bench.from('s', connectFrame('s', false, 1000));
    expect(radio([...lines, ...failAttempts(bench, lines)])).toEqual([]);
    expect(radio(passWithoutBroker(bench, 10_000))).toEqual([expect.stringMatching(/^\d+ s < 030501$/)]);
  });

  it('lost while the broker is away: no connection is left and no attempt made', () => {
    const bench = sleeper();
    brokerGone(bench, 1);
    expect(radio(passWithoutBroker(bench, 1_100_000))).toEqual([]);
    expect(attempts(passWithoutBroker(bench, 200_000), 's')).toEqual([]);
    expect(radio(bench.from('s', frame('16', 's')))).toEqual(['s < 0218']);
  });
});

describe('the broker is back (3.5 item 6)', () => {
  it('session present: publishes under way with DUP, then what was held, in order; the subscriptions are the broker’s', () => {
    const bench = persistent();
    working(bench);
    expect(bench.up(3, true)).toEqual(['#3 PUBLISH qos1 id2 a/b "under way" dup']);
    expect(bench.acked(3, 'PUBACK', 2)).toEqual([
      sent('0d 0001 0001 00'),
      '#3 PUBLISH qos1 id3 a/b "held"',
      '#3 PUBLISH qos0 a/b "queued 1"',
      '#3 PUBLISH qos0 a/b "queued 2"',
    ]);
  });

  it('no session: subscriptions first, then publishes under way, then what was held', () => {
    const bench = connected();
    working(bench);
    const subscribe = bench.up(3);
    expect(subscribe).toEqual([expect.stringMatching(/^#3 SUBSCRIBE id\d+ c\/# qos1$/)]);
    const packetId = Number(/id(\d+)/.exec(subscribe[0] ?? '')?.[1]);
    expect(bench.suback(3, packetId, 1)).toEqual(['#3 PUBLISH qos1 id2 a/b "under way"']);
    const lines = bench.acked(3, 'PUBACK', 2);
    expect(lines).toEqual([
      sent('0d 0001 0001 00'),
      '#3 PUBLISH qos1 id3 a/b "held"',
      '#3 PUBLISH qos0 a/b "queued 1"',
      '#3 PUBLISH qos0 a/b "queued 2"',
    ]);
  });

  it('the grace time is over with it: no DISCONNECT later', () => {
    const bench = connected();
    breakUpstream(bench);
    expect(bench.up(3)).toEqual([]);
    expect(radio(bench.pass(100_000))).toEqual([]);
  });

  it('deliveries go on: ids stay known to the client', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    breakUpstream(bench);
    bench.up(3);
    expect(bench.message(3, 'a/b', 'x')).toEqual([sent('0c 00 0001 0000', 'x')]);
  });

  it('several clients come back each on its own connection', () => {
    const bench = connected();
    bench.connect('t', 't', { duration: 1000 });
    expect(bench.down(1)).toEqual([]); // the other connection stands: no question of the broker
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s clean']);
    expect(bench.up(3)).toEqual([]);
    expect(bench.from('t', '02 16')).toEqual(['t < 0217']);
  });

  it('nothing comes from a connection that is over', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    breakUpstream(bench);
    bench.up(3);
    expect(bench.message(1, 'a/b', 'old')).toEqual([]);
    expect(bench.released(1, 10)).toEqual([]);
    expect(bench.down(1)).toEqual([]);
    expect(bench.suback(1, 1, 0)).toEqual([]);
  });
});

describe('the client id was taken over (3.5 item 8, T-51, I-12)', () => {
  it('MQTT 5: DISCONNECT to the client at once, no attempt until it CONNECTs', () => {
    const bench = connected();
    expect(bench.down(1, true)).toContain('s < 0218');
    expect(attempts(bench.pass(300_000), 's')).toEqual([]);
    expect(attempts(bench.from('s', connectFrame('s')), 's')).toHaveLength(1);
  });

  it('MQTT 5, a persistent session: kept for the next CONNECT', () => {
    const bench = persistent();
    registered(bench, 'a/b');
    expect(radio(bench.down(1, true))).toEqual(['s < 0218']);
    const connection = lastAttempt(bench.from('s', connectFrame('s', false)), 's');
    expect(bench.up(connection, true)).toEqual(['s < 030500']);
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual([`#${connection} PUBLISH qos0 a/b "x"`]);
  });

  it('MQTT 5, a sleeper: no attempt; its PINGREQ gets DISCONNECT', () => {
    const bench = sleeper();
    bench.down(1, true);
    expect(attempts(bench.pass(100_000), 's')).toEqual([]);
    expect(radio(bench.from('s', frame('16', 's')))).toEqual(['s < 0218']);
  });

  it('3.1.1: three connections in a row that the broker ends within 5 s of CONNACK, while the own one stands, count as that (I-12)', () => {
    const { bench, connection } = witnessed();
    const last = fallsAgain(bench, connection, [4_900, 4_900, 4_900]);
    expect(radio(bench.down(last))).toEqual([]);
    const lines = bench.pass(300_000);
    expect(radio(lines)).toEqual(['s < 0218']);
    expect(attempts(lines, 's')).toEqual([]);
  });

  it('3.1.1: a connection that lasts longer than 5 s in between starts the count again (I-12)', () => {
    const { bench, connection } = witnessed();
    const last = fallsAgain(bench, connection, [4_900, 4_900, 5_100, 4_900, 4_900]);
    expect(radio([...bench.down(last), ...bench.pass(29_000)])).toEqual([]);
  });

  it('3.1.1: without the own connection as a witness they are a broker that drops everybody (I-12, 3.5 item 8)', () => {
    const { bench, connection } = witnessed();
    const last = fallsAgain(bench, connection, [4_900, 4_900, 4_900]);
    bench.down(last);
    bench.down(1); // the own connection falls a moment later
    expect(radio(bench.pass(29_900))).toEqual([]);
  });

  it('3.1.1: nor where the own connection fell with one of them, and stands again; then it takes three more (I-12)', () => {
    const { bench, connection } = witnessed();
    bench.down(fallsAgain(bench, connection, [4_900, 4_900]));
    bench.down(1); // a moment later
    bench.up(lastAttempt(bench.pass(3_000), '(gateway) clean'));
    const third = lastAttempt(bench.pass(16_000), 's');
    bench.up(third);
    bench.pass(4_900);
    const last = fallsAgain(bench, third, [4_900, 4_900]);
    expect(radio(bench.down(last))).toEqual([]);
    const lines = bench.pass(300_000);
    expect(radio(lines)).toEqual(['s < 0218']);
    expect(attempts(lines, 's')).toEqual([]);
  });

  it('3.1.1: nor are they one where another client falls in that time as well (I-12)', () => {
    const { bench, connection } = witnessed();
    const second = fallsAgain(bench, connection, [4_900, 4_900]);
    const other = bench.connect('t', 't', { duration: 1000 });
    bench.down(other);
    const last = fallsAgain(bench, second, [4_900]);
    expect(radio([...bench.down(last), ...bench.pass(29_900)])).toEqual([]);
  });

  it('MQTT 5: a reason that is none of a take-over is believed, however often (3.5 item 8)', () => {
    const { bench, connection } = witnessed();
    let last = connection;
    for (let round = 0; round < 4; round++) {
      expect(radio(lost(bench, last, 0x98))).toEqual([]);
      last = lastAttempt(bench.pass(16_000), 's');
      expect(radio(bench.up(last))).toEqual([]);
    }
  });

  it('3.1.1: connections that were never made do not count (I-12)', () => {
    const bench = connected();
    bench.pass(60_000);
    brokerGone(bench, 1);
    expect(radio(passWithoutBroker(bench, 29_999))).toEqual([]);
  });
});

/** The own connection stands as #1, and a client (clean session, keep-alive 1000 s) has been connected for a minute. */
function witnessed(): { bench: CoreBench; connection: number } {
  const bench = new CoreBench();
  bench.feed({ type: 'sessions-restored', records: [] });
  bench.up(1);
  const connection = bench.connect('s', 's', { duration: 1000 });
  bench.pass(60_000);
  return { bench, connection };
}

/** The connection of `s` breaks, and each of the next ones so many milliseconds after CONNACK, save the last; its number. */
function fallsAgain(bench: CoreBench, connection: number, lasts: readonly number[]): number {
  let last = connection;
  for (const milliseconds of lasts) {
    expect(radio(bench.down(last))).toEqual([]);
    last = lastAttempt(bench.pass(16_000), 's');
    bench.up(last);
    expect(radio(bench.pass(milliseconds))).toEqual([]);
  }
  return last;
}

/** MQTT 5 DISCONNECT of the broker with a reason. */
function lost(bench: CoreBench, connection: number, reasonCode: number): string[] {
  return bench.feed({ type: 'upstream-lost', connection, reason: 'for a reason', takenOver: false, reasonCode });
}

/** A client asleep for 1000 s, subscribed to a/b (QoS 1, id 1), with a persistent session. */
function sleeper(): CoreBench {
  const bench = persistent();
  subscribed(bench, 'a/b');
  expect(bench.from('s', '04 18 03 E8')).toEqual(['s < 0218']);
  return bench;
}

/** A client with a subscription (packet id 1), a publish under way (2), one held (3) and two queued; the broker is away. */
function working(bench: CoreBench): void {
  subscribed(bench, 'c/#');
  registered(bench, 'a/b');
  expect(bench.from('s', frame('0c 20 0001 0001', 'under way'))).toEqual(['#1 PUBLISH qos1 id2 a/b "under way"']);
  breakUpstream(bench);
  expect(bench.from('s', frame('0c 00 0001 0000', 'queued 1'))).toEqual([]);
  expect(bench.from('s', frame('0c 20 0001 0002', 'held'))).toEqual([]);
  expect(bench.from('s', frame('0c 00 0001 0000', 'queued 2'))).toEqual([]);
}
