import { describe, expect, it } from '@jest/globals';
import { frame } from '../support/core-bench.ts';
import { connected, registered, sent, subscribed, subscribedWith } from '../support/core-bench-traffic.ts';

const predefined = { '*': { 10: 'x/y' } };

describe('SUBSCRIBE (6.9)', () => {
  it('by name: the SUBACK after the broker’s brings an id, known to the client for both directions (U-1)', () => {
    const bench = connected();
    expect(bench.from('s', '0F 12 20 00 04 63 6D 64 2F 73 31 2F 6C 65 64')).toEqual([
      '#1 SUBSCRIBE id1 cmd/s1/led qos1',
    ]);
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.suback(1, 1, 1)).toEqual(['s < 0813200001000400']);
    expect(bench.message(1, 'cmd/s1/led', 'on')).toEqual([sent('0c 00 0001 0000', 'on')]);
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos0 cmd/s1/led "x"']);
  });

  it('with wildcard: TopicId 0x0000 (U-2, T-21)', () => {
    const bench = connected();
    expect(bench.from('s', '0D 12 20 00 05 63 6D 64 2F 73 31 2F 23')).toEqual(['#1 SUBSCRIBE id1 cmd/s1/# qos1']);
    expect(bench.suback(1, 1, 1)).toEqual(['s < 0813200000000500']);
    expect(registered(bench, 'first')).toBe('0001');
  });

  it.each(['$share/g/a/b', '$share/g/a/#', '$share/g/+'])(
    'with the shared filter %s: TopicId 0x0000 as with a wildcard, and each topic that it brings gets its id by REGISTER (U-2, T-21)',
    (filter) => {
      const bench = connected();
      expect(bench.from('s', frame('12 20 0005', filter))).toEqual([`#1 SUBSCRIBE id1 ${filter} qos1`]);
      expect(bench.suback(1, 1, 1)).toEqual(['s < 0813200000000500']);
      expect(bench.message(1, 'a/b', 'on')).toEqual([sent('0a 0001 0001', 'a/b')]);
      expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 00 0001 0000', 'on')]);
    },
  );

  it.each(['$share/', '$share/g', '$share/g/', '$share//a', '$share/+/a', '$share/#', '$share/g/a#'])(
    'with %s, which is no shared filter: SUBACK 0x03, for a broker would cut the connection (U-8)',
    (filter) => {
      expect(connected().from('s', frame('12 20 0005', filter))).toEqual(['s < 0813000000000503']);
    },
  );

  it('by pre-defined id: the SUBACK brings the same id, publishes come with type 01 (U-3)', () => {
    const bench = connected({ predefined });
    expect(bench.from('s', '07 12 01 00 06 00 0A')).toEqual(['#1 SUBSCRIBE id1 x/y qos0']);
    expect(bench.suback(1, 1, 0)).toEqual(['s < 081300000a000600']);
    expect(bench.message(1, 'x/y', 'on')).toEqual([sent('0c 01 000a 0000', 'on')]);
  });

  it('by an unknown pre-defined id: SUBACK 0x02 (U-3)', () => {
    const bench = connected({ predefined });
    expect(bench.from('s', '07 12 21 00 06 00 0B')).toEqual(['s < 0813000000000602']);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({
        ...{ type: 'request-rejected', clientId: 's', message: 'SUBSCRIBE', predefinedId: 11 },
        reason: 'pre-defined topic id is not configured, neither for this client nor under "*"',
      }),
    );
  });

  it('by short name: TopicId 0x0000, publishes come with type 10 (U-4, T-21)', () => {
    const bench = connected();
    expect(bench.from('s', '07 12 42 00 07 74 70')).toEqual(['#1 SUBSCRIBE id1 tp qos2']);
    expect(bench.suback(1, 1, 2)).toEqual(['s < 0813400000000700']);
    expect(bench.message(1, 'tp', 'on')).toEqual([sent('0c 02 7470 0000', 'on')]);
  });

  it('by a name of two octets: a normal id, delivered with it (T-17)', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0007', 'tp'));
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0001 0007 00')]);
    expect(bench.message(1, 'tp', 'on')).toEqual([sent('0c 00 0001 0000', 'on')]);
  });

  it('by a name of one octet: a normal id, never a short topic (T-17)', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0007', 't'));
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0001 0007 00')]);
    expect(bench.message(1, 't', 'on')).toEqual([sent('0c 00 0001 0000', 'on')]);
  });

  it('of a $-topic is passed on (T-48)', () => {
    expect(connected().from('s', frame('12 00 0001', '$SYS/broker/uptime'))).toEqual([
      '#1 SUBSCRIBE id1 $SYS/broker/uptime qos0',
    ]);
  });

  it('with MsgId 0: echoed (T-13)', () => {
    const bench = connected();
    expect(bench.from('s', frame('12 20 0000', 'a/b'))).toEqual(['#1 SUBSCRIBE id1 a/b qos1']);
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0001 0000 00')]);
  });

  it.each([
    ['a filter with # in the middle', frame('12 20 0006', 'a/#/b')],
    ['a filter with # behind letters', frame('12 20 0006', 'a#')],
    ['a filter with + beside letters', frame('12 20 0006', 'a+/b')],
    ['an empty name', '05 12 20 00 06'],
    ['invalid UTF-8', frame('12 20 0006 c328')],
    ['U+0000', frame('12 20 0006 610062')],
    ['TopicIdType 11', '07 12 23 00 06 00 0A'],
    ['QoS bits 11', frame('12 60 0006', 'a/b')],
    ['QoS bits 11 by pre-defined id', '07 12 61 00 06 00 0A'],
    ['a short name with #', '07 12 22 00 06 61 23'],
    ['a short name with +', '07 12 22 00 06 2B 61'],
    ['a short name with NUL', '07 12 22 00 06 61 00'],
    ['a short name of invalid UTF-8', '07 12 22 00 06 C3 28'],
    ['a short name of three octets', '08 12 02 00 06 61 62 63'],
  ])('with %s: SUBACK 0x03, QoS bits and TopicId 0, nothing upstream (U-5, U-8, T-20)', (_what, subscribe) => {
    expect(connected({ predefined }).from('s', subscribe)).toEqual(['s < 0813000000000603']);
  });

  it('with a pre-defined id of one octet: dropped (T-20)', () => {
    expect(connected({ predefined }).from('s', '06 12 01 00 06 00')).toEqual([]);
  });

  it('by name with a full topic table: SUBACK 0x01; by wildcard it needs no id (R-10, N-1)', () => {
    const bench = connected({ settings: { clients: { maxTopics: 1 } } });
    registered(bench, 'a');
    expect(bench.from('s', frame('12 20 0006', 'b'))).toEqual([sent('13 00 0000 0006 01')]);
    expect(bench.from('s', frame('12 20 0007', 'a'))).toEqual(['#1 SUBSCRIBE id1 a qos1']);
    bench.suback(1, 1, 1);
    expect(bench.from('s', frame('12 20 0008', 'b/#'))).toEqual(['#1 SUBSCRIBE id2 b/# qos1']);
  });
});

describe('SUBACK of the broker (3.6)', () => {
  it.each([
    [0x00, '13 00 0001 0004 00'],
    [0x01, '13 20 0001 0004 00'],
    [0x02, '13 40 0001 0004 00'],
    [0x80, '13 00 0000 0004 03'],
    [0x83, '13 00 0000 0004 03'],
    [0x87, '13 00 0000 0004 03'],
    [0x8f, '13 00 0000 0004 03'],
    [0x97, '13 00 0000 0004 01'],
    [0x9e, '13 00 0000 0004 03'],
    [0xa1, '13 00 0000 0004 03'],
    [0xa2, '13 00 0000 0004 03'],
  ])('0x%x: QoS in Flags, code in ReturnCode (U-5, T-21)', (reason, suback) => {
    const bench = connected();
    expect(bench.from('s', frame('12 40 0004', 'a/b'))).toEqual(['#1 SUBSCRIBE id1 a/b qos2']);
    expect(bench.suback(1, 1, reason)).toEqual([sent(suback)]);
  });

  it('0x91, packet id in use: tried again with another packet id', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0004', 'a/b'));
    expect(bench.suback(1, 1, 0x91)).toEqual(['#1 SUBSCRIBE id2 a/b qos1']);
    expect(bench.suback(1, 2, 1)).toEqual([sent('13 20 0001 0004 00')]);
  });

  it('with a lower QoS than asked for (RabbitMQ grants 1 for 2): the granted one, deliveries as they come', () => {
    const bench = connected();
    expect(bench.from('s', frame('12 40 0004', 'a/b'))).toEqual(['#1 SUBSCRIBE id1 a/b qos2']);
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0001 0004 00')]);
    expect(bench.message(1, 'a/b', 'x', { packetId: 9, qos: 1 })).toEqual([sent('0c 20 0001 0001', 'x')]);
  });

  it('rejected: the client does not know the id from it (3.6)', () => {
    const bench = connected();
    subscribed(bench, 'a/#', 0);
    bench.from('s', frame('12 20 0004', 'a/b'));
    expect(bench.suback(1, 2, 0x87)).toEqual([sent('13 00 0000 0004 03')]);
    const [line] = bench.message(1, 'a/b', 'x');
    expect(line).toMatch(/^s < 090a....0001612f62$/); // REGISTER first
  });
});

describe('repeated and further SUBSCRIBEs (U-7, U-11, U-12, T-36)', () => {
  it('a repeat while the broker has not answered is not forwarded, and answered once (U-11)', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0004', 'a/b'));
    expect(bench.from('s', frame('12 a0 0004', 'a/b'))).toEqual([]);
    expect(bench.from('s', frame('12 20 0004', 'a/b'))).toEqual([]);
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0001 0004 00')]);
  });

  it.each(['a0', '20'])('a repeat just answered gets the same SUBACK again, flags 0x%s (U-11, I-9)', (flags) => {
    const bench = connected();
    subscribed(bench, 'a/b');
    bench.pass(39_000);
    expect(bench.from('s', frame(`12 ${flags} 0700`, 'a/b'))).toEqual([sent('13 20 0001 0700 00')]);
  });

  it('a repeat of a rejected SUBSCRIBE gets the same rejection, one with 0x01 is tried again (I-9)', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0004', 'a/b'));
    bench.suback(1, 1, 0x80);
    expect(bench.from('s', frame('12 a0 0004', 'a/b'))).toEqual([sent('13 00 0000 0004 03')]);
    bench.from('s', frame('12 20 0005', 'a/c'));
    expect(bench.suback(1, 2, 0x97)).toEqual([sent('13 00 0000 0005 01')]);
    expect(bench.from('s', frame('12 a0 0005', 'a/c'))).toEqual(['#1 SUBSCRIBE id3 a/c qos1']);
  });

  it.each([
    ['another MsgId', '12 20 0701', 'a/b', 'a/b qos1'],
    ['another QoS', '12 00 0700', 'a/b', 'a/b qos0'],
    ['another topic', '12 20 0700', 'a/c', 'a/c qos1'],
  ])('with %s is a new one (U-12, I-9)', (_what, hex, name, upstream) => {
    const bench = connected();
    subscribed(bench, 'a/b');
    expect(bench.from('s', frame(hex, name))).toEqual([`#1 SUBSCRIBE id2 ${upstream}`]);
  });

  it('the same SUBSCRIBE is a new one after T_retry·(N_retry+1) (I-9)', () => {
    const bench = connected();
    subscribed(bench, 'a/b');
    bench.pass(40_001);
    expect(bench.from('s', frame('12 20 0700', 'a/b'))).toEqual(['#1 SUBSCRIBE id2 a/b qos1']);
    expect(bench.suback(1, 2, 1)).toEqual([sent('13 20 0001 0700 00')]);
  });

  it('waits while another request is pending, then goes its way, in order (U-7, T-36)', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0001', 'a'));
    expect(bench.from('s', frame('12 20 0002', 'b'))).toEqual([]);
    expect(bench.from('s', frame('14 00 0003', 'c'))).toEqual([]);
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0001 0001 00'), '#1 SUBSCRIBE id2 b qos1']);
    expect(bench.from('s', frame('12 a0 0002', 'b'))).toEqual([]);
    expect(bench.suback(1, 2, 1)).toEqual([sent('13 20 0002 0002 00'), sent('15 0003')]);
  });

  it('does not hold publishes and registrations up (T-36)', () => {
    const bench = connected();
    const id = registered(bench, 'p');
    bench.from('s', frame('12 20 0001', 'a'));
    expect(bench.from('s', frame(`0c 00 ${id} 0000`, 'x'))).toEqual(['#1 PUBLISH qos0 p "x"']);
  });
});

describe('messages before the SUBACK (T-39)', () => {
  it('wait until it has been sent, then come without REGISTER', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0004', 'a/b'));
    expect(bench.message(1, 'a/b', 'kept', { packetId: 5, qos: 1, retain: true })).toEqual([]);
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0001 0004 00'), sent('0c 30 0001 0001', 'kept')]);
  });

  it('wait with a wildcard, too, and then begin with REGISTER', () => {
    const bench = connected();
    bench.from('s', frame('12 20 0004', 'a/#'));
    expect(bench.message(1, 'a/b', 'kept', { retain: true })).toEqual([]);
    expect(bench.suback(1, 1, 1)).toEqual([sent('13 20 0000 0004 00'), sent('0a 0001 0001', 'a/b')]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 10 0001 0000', 'kept')]);
  });

  it('come with type 01 and 10 where it was subscribed so', () => {
    const bench = connected({ predefined });
    bench.from('s', '07 12 01 00 06 00 0A');
    expect(bench.message(1, 'x/y', '1')).toEqual([]);
    expect(bench.suback(1, 1, 0)).toEqual(['s < 081300000a000600', sent('0c 01 000a 0000', '1')]);
    bench.from('s', '07 12 02 00 07 74 70');
    expect(bench.message(1, 'tp', '2')).toEqual([]);
    expect(bench.suback(1, 2, 0)).toEqual(['s < 0813000000000700', sent('0c 02 7470 0000', '2')]);
  });

  it('do not hold other topics up longer than the SUBACK', () => {
    const bench = connected();
    subscribed(bench, 'x');
    bench.from('s', frame('12 20 0004', 'a/b'));
    expect(bench.message(1, 'a/b', '1')).toEqual([]);
    expect(bench.message(1, 'x', '2')).toEqual([]); // behind the other one: G-6
    expect(bench.suback(1, 2, 1)).toEqual([
      sent('13 20 0002 0004 00'),
      sent('0c 00 0002 0000', '1'),
      sent('0c 00 0001 0000', '2'),
    ]);
  });
});

describe('a topic subscribed by more than one kind of id (I-8)', () => {
  it('is ended by any UNSUBSCRIBE of it', () => {
    const bench = connected({ predefined });
    subscribed(bench, 'x/y');
    subscribedWith(bench, '07 12 21 00 06 00 0A');
    expect(bench.from('s', frame('14 00 0008', 'x/y'))).toEqual(['#1 UNSUBSCRIBE id3 x/y']);
    expect(bench.unsuback(1, 3)).toEqual([sent('15 0008')]);
  });
});
