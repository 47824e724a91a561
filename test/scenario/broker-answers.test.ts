import { describe, expect, it } from '@jest/globals';
import { type CoreBench, connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restartedAndUp } from '../support/core-bench-restart.ts';
import { breakUpstream, persistent, publisher, registered, sent } from '../support/core-bench-traffic.ts';
import { mainKeys } from '../support/disk-session.ts';

const publish = (msgId: number, payload = 'x', flags = '40'): string =>
  frame(`0c ${flags} 0001 ${hex16(msgId)}`, payload);

const types = (bench: CoreBench): string[] => bench.notes.map(({ type }) => type);

describe('a broker that answers a QoS 2 PUBLISH with PUBACK (I-35)', () => {
  it('PUBREC, PUBREL and PUBCOMP are completed with the client', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0f 0001')]);
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.from('s', publish(1))).toEqual([sent('0f 0001')]); // whatever DUP says (T-18)
    expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
    expect(bench.from('s', publish(1, 'x', 'c0'))).toEqual([sent('0f 0001')]);
    expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
  });

  it('the packet id is free at once, and nothing is sent again where the connection breaks', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    bench.acked(1, 'PUBACK', 1);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
    expect(types(bench)).toEqual(['broker-answer-ignored']);
    breakUpstream(bench);
    expect(bench.up(3, false)).toEqual([]);
    expect(bench.from('s', '04 10 00 01')).toEqual([sent('0e 0001')]);
  });

  it('it is told once, and again after the broker was away', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    bench.acked(1, 'PUBACK', 1);
    expect(types(bench)).toEqual(['broker-without-qos2']);
    bench.from('s', publish(2, 'y'));
    bench.acked(1, 'PUBACK', 2);
    expect(types(bench)).toEqual([]);
    bench.down(1);
    bench.down(2);
    bench.pass(1_000);
    bench.up(3, true);
    bench.from('s', publish(3, 'z'));
    bench.acked(3, 'PUBACK', 3);
    expect(types(bench)).toEqual(['broker-without-qos2']);
  });

  it('a client that does not say PUBREL keeps its place no longer than it may repeat (T-18, T-36)', () => {
    const bench = publisher();
    for (let id = 1; id <= 16; id++) {
      bench.from('s', publish(id));
      expect(bench.acked(1, 'PUBACK', id)).toEqual([sent(`0f ${hex16(id)}`)]);
    }
    expect(bench.from('s', publish(17, 'y', '20'))).toEqual([sent('0d 0001 0011 01')]);
    expect(bench.pass(40_000)).toEqual([]);
    expect(bench.from('s', publish(17, 'y', '20'))).toEqual(['#1 PUBLISH qos1 id17 a/b "y"']);
    expect(bench.from('s', publish(16, 'x', 'c0'))).toEqual([sent('0f 0010')]);
    expect(bench.from('s', '04 10 00 10')).toEqual([sent('0e 0010')]);
  });

  it('another message under its MsgId takes it over (T-18)', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    bench.acked(1, 'PUBACK', 1);
    expect(bench.from('s', publish(1, 'y'))).toEqual(['#1 PUBLISH qos2 id2 a/b "y"']);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0f 0001')]);
    const early = publisher();
    early.from('s', publish(1));
    early.from('s', publish(1, 'y'));
    expect(early.acked(1, 'PUBACK', 1)).toEqual([]);
    expect(early.acked(1, 'PUBACK', 2)).toEqual([sent('0f 0001')]);
  });

  it('a refusal ends it with PUBACK, as that of PUBREC (3.6)', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    expect(bench.acked(1, 'PUBACK', 1, 0x87)).toEqual([sent('0d 0001 0001 03')]);
  });

  it('over a restart: what the broker has is not published again, and the client is served to the end (3.3)', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.from('s', S1.publishQos2);
    expect(killed.acked(1, 'PUBACK', 2)).toEqual(['s < 040f0003']);
    expect(killed.lastTurn).toEqual(['durable', 'send']);
    const bench = restartedAndUp(killed, false);
    expect(bench.restored.filter((line) => line.includes('PUB'))).toEqual([]);
    expect(bench.from('s', '08 0C C0 00 01 00 03 78')).toEqual(['s < 040f0003']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('over a restart, and the client does not say PUBREL: let go', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.from('s', S1.publishQos2);
    killed.acked(1, 'PUBACK', 2);
    killed.from('s', S1.sleep300);
    const bench = restartedAndUp(killed, true);
    expect(bench.pass(40_000)).toEqual([]);
    expect(mainKeys(bench.disk).sort()).toEqual(['finished/s1/1', 'session/s1']);
  });

  it('a new one goes on where Receive Maximum was reached', () => {
    const bench = new DiskBench();
    bench.from('s', connectFrame('s', false, 1000));
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false, receiveMaximum: 1 });
    registered(bench, 'a/b');
    bench.from('s', publish(1));
    bench.from('s', publish(2, 'y'));
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0f 0001'), '#1 PUBLISH qos2 id2 a/b "y"']);
  });
});

describe('answers of the broker that are out of step are counted and end nothing else (I-34)', () => {
  const ignored = (packet: string) => [{ type: 'broker-answer-ignored', clientId: 's', link: 'udp:s', packet }];

  it.each(['PUBACK', 'PUBREC', 'PUBCOMP'] as const)('%s for a packet id that was never used', (packet) => {
    const bench = publisher();
    bench.from('s', publish(1));
    expect(bench.acked(1, packet, 77)).toEqual([]);
    expect(bench.notes).toEqual(ignored(packet));
    expect(bench.acked(1, 'PUBREC', 1)).toEqual([sent('0f 0001')]);
  });

  it('SUBACK and UNSUBACK for a packet id that was never used', () => {
    const bench = publisher();
    expect(bench.suback(1, 77, 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('SUBACK'));
    expect(bench.unsuback(1, 77)).toEqual([]);
    expect(bench.notes).toEqual(ignored('UNSUBACK'));
  });

  it('PUBCOMP before PUBREC, and PUBCOMP before PUBREL, are no end: the message may not be there', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('PUBCOMP'));
    expect(bench.acked(1, 'PUBREC', 1)).toEqual([sent('0f 0001')]);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.from('s', '04 10 00 01')).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('PUBACK after PUBREC', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    bench.acked(1, 'PUBREC', 1);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('PUBACK'));
    expect(bench.from('s', '04 10 00 01')).toEqual(['#1 PUBREL id1']);
  });

  it('a repeated PUBREC: no second one for the client; after PUBREL, PUBREL again', () => {
    const bench = publisher();
    bench.from('s', publish(1));
    bench.acked(1, 'PUBREC', 1);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('PUBREC'));
    bench.from('s', '04 10 00 01');
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([sent('0e 0001')]);
  });

  it('PUBCOMP for QoS 1', () => {
    const bench = publisher();
    bench.from('s', publish(1, 'x', '20'));
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('PUBCOMP'));
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0001 0001 00')]);
  });

  it('PUBREC for QoS 1 accepts it all the same; the broker gets the PUBREL that it waits for', () => {
    const bench = publisher();
    bench.from('s', publish(1, 'x', '20'));
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['#1 PUBREL id1', sent('0d 0001 0001 00')]);
    expect(bench.notes).toEqual(ignored('PUBREC'));
  });

  it('an acknowledgement of what has not been sent on this connection', () => {
    const bench = new DiskBench();
    bench.from('s', connectFrame('s', false, 1000));
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false, receiveMaximum: 1 });
    registered(bench, 'a/b');
    bench.from('s', publish(1, 'x', '20'));
    expect(bench.from('s', publish(2, 'y', '20'))).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([]);
    expect(bench.notes).toEqual(ignored('PUBACK'));
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['#1 PUBLISH qos1 id2 a/b "y"', sent('0d 0001 0001 00')]);
  });

  it('PUBACK for a SUBSCRIBE, SUBACK for a PUBLISH', () => {
    const bench = publisher();
    expect(bench.from('s', frame('12 20 0004', 'c/d'))).toEqual(['#1 SUBSCRIBE id1 c/d qos1']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('PUBACK'));
    expect(bench.unsuback(1, 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('UNSUBACK'));
    bench.from('s', publish(1, 'x', '20'));
    expect(bench.suback(1, 2, 1)).toEqual([]);
    expect(bench.notes).toEqual(ignored('SUBACK'));
    expect(bench.suback(1, 1, 1)).toEqual([expect.stringMatching(/^s < 0813200002000400$/)]);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual([sent('0d 0001 0001 00')]);
  });

  it('any answer on the gateway’s own connection, which asks for none', () => {
    const bench = persistent();
    openOwnConnection(bench, 2);
    bench.acked(2, 'PUBACK', 1);
    expect(bench.notes).toEqual([{ type: 'broker-answer-ignored', clientId: undefined, packet: 'PUBACK' }]);
  });
});
