import { describe, expect, it } from '@jest/globals';
import type { UpstreamConnected, UpstreamMessage } from '../../src/core/contract/input.ts';
import { CoreBench, connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';

type Limits = Omit<UpstreamConnected, 'type' | 'connection' | 'sessionPresent'>;

/** `s` connected on #1 to a broker with these limits, "a/b" registered as id 1. */
function connected(limits: Limits): CoreBench {
  const bench = new CoreBench();
  bench.from('s', connectFrame('s', true, 1_000));
  up(bench, 1, limits);
  bench.from('s', frame('0a 0000 0001', 'a/b'));
  return bench;
}

function up(bench: CoreBench, connection: number, limits: Limits, sessionPresent = false): string[] {
  return bench.feed({ type: 'upstream-connected', connection, sessionPresent, ...limits });
}

function publish(bench: CoreBench, qos: 0 | 1 | 2, msgId: number, data = `${msgId}`): string[] {
  return bench.from('s', frame(`0c ${['00', '20', '40'][qos]} 0001 ${hex16(qos === 0 ? 0 : msgId)}`, data));
}

/** The same lines, without packet ids. */
function comparable(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/ id\d+/, ''));
}

function packetIdOf(lines: readonly string[]): number {
  return Number(/PUBLISH.* id(\d+) /.exec(lines.join('\n'))?.[1]);
}

describe('Receive Maximum of the broker (MQTT 3.2.2.3.3)', () => {
  it('QoS 1: the next goes out when one is acknowledged, in order', () => {
    const bench = connected({ receiveMaximum: 2 });
    const ids = [1, 2].map((msgId) => packetIdOf(publish(bench, 1, msgId)));
    for (const msgId of [3, 4, 5]) {
      expect(publish(bench, 1, msgId)).toEqual([]);
    }
    const third = bench.acked(1, 'PUBACK', ids[1] ?? 0);
    expect(comparable(third).sort()).toEqual(['#1 PUBLISH qos1 a/b "3"', 's < 070d0001000200']);
    const fourth = bench.acked(1, 'PUBACK', ids[0] ?? 0);
    expect(comparable(fourth).sort()).toEqual(['#1 PUBLISH qos1 a/b "4"', 's < 070d0001000100']);
    expect(comparable(bench.acked(1, 'PUBACK', packetIdOf(third))).sort()).toEqual([
      '#1 PUBLISH qos1 a/b "5"',
      's < 070d0001000300',
    ]);
    expect(bench.acked(1, 'PUBACK', packetIdOf(fourth))).toEqual(['s < 070d0001000400']);
  });

  it('QoS 2: PUBCOMP frees the place, PUBREC does not; PUBREL needs none', () => {
    const bench = connected({ receiveMaximum: 1 });
    const id = packetIdOf(publish(bench, 2, 1));
    expect(publish(bench, 1, 2)).toEqual([]);
    expect(bench.acked(1, 'PUBREC', id)).toEqual(['s < 040f0001']);
    expect(bench.from('s', '04 10 00 01')).toEqual([`#1 PUBREL id${id}`]);
    expect(comparable(bench.acked(1, 'PUBCOMP', id)).sort()).toEqual(['#1 PUBLISH qos1 a/b "2"', 's < 040e0001']);
  });

  it('QoS 2: so does a PUBREC that refuses', () => {
    const bench = connected({ receiveMaximum: 1 });
    const id = packetIdOf(publish(bench, 2, 1));
    expect(publish(bench, 2, 2)).toEqual([]);
    expect(comparable(bench.acked(1, 'PUBREC', id, 0x97)).sort()).toEqual([
      '#1 PUBLISH qos2 a/b "2"',
      's < 070d0001000101',
    ]);
  });

  it('a publish that waits is not published twice when the client repeats it', () => {
    const bench = connected({ receiveMaximum: 1 });
    const id = packetIdOf(publish(bench, 1, 1));
    expect(publish(bench, 1, 2)).toEqual([]);
    expect(bench.from('s', frame('0c a0 0001 0002', '2'))).toEqual([]);
    expect(comparable(bench.acked(1, 'PUBACK', id)).sort()).toEqual(['#1 PUBLISH qos1 a/b "2"', 's < 070d0001000100']);
  });

  it('does not hold for QoS 0', () => {
    const bench = connected({ receiveMaximum: 1 });
    publish(bench, 1, 1);
    expect(publish(bench, 0, 0, 'zero')).toEqual(['#1 PUBLISH qos0 a/b "zero"']);
  });

  it('each client has its own', () => {
    const bench = connected({ receiveMaximum: 1 });
    bench.from('t', connectFrame('t', true, 1_000));
    up(bench, 2, { receiveMaximum: 1 });
    bench.from('t', frame('0a 0000 0001', 'a/b'));
    expect(publish(bench, 1, 1)).toHaveLength(1);
    expect(bench.from('t', frame('0c 20 0001 0001', 't'))).toEqual([
      expect.stringMatching(/^#2 PUBLISH qos1 id\d+ a\/b "t"$/),
    ]);
  });

  it('none given: 16 publishes of a client go out at once', () => {
    const bench = connected({});
    for (let msgId = 1; msgId <= 16; msgId++) {
      expect(publish(bench, 1, msgId)).toHaveLength(1);
    }
  });

  it('holds for what is repeated on the next connection as well', () => {
    const bench = new CoreBench();
    bench.from('s', connectFrame('s', false, 1_000));
    up(bench, 1, {});
    bench.from('s', frame('0a 0000 0001', 'a/b'));
    for (const msgId of [1, 2, 3]) {
      publish(bench, 1, msgId);
    }
    bench.down(1);
    const connection = Number(/#(\d+) CONNECT s/.exec(bench.pass(1_000).join('\n'))?.[1]);
    const first = up(bench, connection, { receiveMaximum: 1 }, true);
    expect(comparable(first)).toEqual([`#${connection} PUBLISH qos1 a/b "1" dup`]);
    const second = bench.acked(connection, 'PUBACK', packetIdOf(first));
    expect(comparable(second).sort()).toEqual([`#${connection} PUBLISH qos1 a/b "2" dup`, 's < 070d0001000100']);
    expect(comparable(bench.acked(connection, 'PUBACK', packetIdOf(second)))).toContain(
      `#${connection} PUBLISH qos1 a/b "3" dup`,
    );
  });
});

describe('Maximum Packet Size of the broker (MQTT 3.2.2.3.6)', () => {
  // PUBLISH with topic "a/b": 2 octets of fixed header, 5 of topic, 2 of packet id, 1 of property length, and the payload.
  it.each([1, 2] as const)(
    'QoS %i: one octet too many is refused with PUBACK 0x03, and nothing goes to the broker',
    (qos) => {
      const bench = connected({ maximumPacketSize: 20 });
      expect(publish(bench, qos, 7, 'x'.repeat(11))).toEqual(['s < 070d0001000703']);
      expect(publish(bench, qos, 8, 'x'.repeat(10))).toEqual([
        expect.stringMatching(/^#1 PUBLISH qos. id\d+ a\/b "x{10}"$/),
      ]);
    },
  );

  it('QoS 0: there is no packet id', () => {
    const bench = connected({ maximumPacketSize: 20 });
    expect(publish(bench, 0, 0, 'x'.repeat(13)).filter((line) => line.startsWith('#'))).toEqual([]);
    expect(publish(bench, 0, 0, 'x'.repeat(12))).toEqual([`#1 PUBLISH qos0 a/b "${'x'.repeat(12)}"`]);
  });

  it('a Remaining Length of two octets counts', () => {
    const bench = connected({ maximumPacketSize: 140 });
    expect(publish(bench, 1, 7, 'x'.repeat(130))).toEqual(['s < 070d0001000703']);
    expect(publish(bench, 1, 8, 'x'.repeat(129))).toHaveLength(1);
  });

  it('a publish that waited for a broker which then takes less is refused', () => {
    const bench = new CoreBench();
    bench.from('s', connectFrame('s', false, 1_000));
    up(bench, 1, {});
    bench.from('s', frame('0a 0000 0001', 'a/b'));
    bench.down(1);
    expect(publish(bench, 1, 7, 'x'.repeat(11))).toEqual([]);
    const connection = Number(/#(\d+) CONNECT s/.exec(bench.pass(1_000).join('\n'))?.[1]);
    expect(up(bench, connection, { maximumPacketSize: 20 }, true)).toEqual(['s < 070d0001000703']);
  });
});

describe('Message Expiry Interval while a message waits for a sleeper (MQTT 5, 3.1)', () => {
  /** `s1` asleep for 300 s on #1; "c/d" is subscribed (QoS 1) as id 2. */
  function asleep(): CoreBench {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.sleep300);
    return bench;
  }

  function message(bench: CoreBench, payload: string, more: Partial<UpstreamMessage>): string[] {
    const fixed = { type: 'upstream-message', connection: 1, topic: 'c/d', retain: false, dup: false } as const;
    return bench.feed({ ...fixed, payload: Buffer.from(payload), qos: 0, packetId: 0, ...more });
  }

  it('is delivered before', () => {
    const bench = asleep();
    message(bench, '1', { qos: 1, packetId: 8, expiryInterval: 60 });
    expect(bench.pass(59_000)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200002000131']);
  });

  it('QoS 1: is not delivered after, but acknowledged upstream', () => {
    const bench = asleep();
    message(bench, '1', { qos: 1, packetId: 8, expiryInterval: 60 });
    message(bench, '2', { qos: 1, packetId: 9 });
    const lines = [...bench.pass(61_000), ...bench.from('s', S1.pingReqId)];
    expect(lines).toEqual(['#1 PUBACK id8', 's < 080c200002000132']);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id9', 's < 0217']);
  });

  it('QoS 2: the exchange with the broker is finished without the client', () => {
    const bench = asleep();
    message(bench, '1', { qos: 2, packetId: 8, expiryInterval: 60 });
    const lines = [...bench.pass(61_000), ...bench.from('s', S1.pingReqId), ...bench.released(1, 8)];
    expect(lines.filter((line) => line.startsWith('#'))).toEqual(['#1 PUBREC id8', '#1 PUBCOMP id8']);
    expect(lines.filter((line) => line.startsWith('s'))).toEqual(['s < 0217']);
  });

  it('QoS 0: is not delivered', () => {
    const bench = asleep();
    message(bench, '1', { expiryInterval: 60 });
    message(bench, '2', {});
    bench.pass(61_000);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000002000032', 's < 0217']);
  });

  it('one that the client may have is repeated all the same: its delivery has begun', () => {
    const bench = asleep();
    message(bench, '1', { qos: 2, packetId: 8, expiryInterval: 60 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c400002000131']);
    bench.from('s', S1.sleep300);
    bench.pass(61_000);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080cc00002000131']);
  });
});

describe('what the broker itself refuses', () => {
  it.each([
    ['PUBACK', 1],
    ['PUBREC', 2],
  ] as const)('is told with the topic: %s', (packet, qos) => {
    const bench = connected({});
    const id = packetIdOf(publish(bench, qos, 7));
    bench.acked(1, packet, id, 0x87);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'request-rejected', message: 'PUBLISH', topic: 'a/b' }),
    );
  });

  it('is told with the filter: SUBACK', () => {
    const bench = connected({});
    bench.from('s', frame('12 20 0002', 'secret/#'));
    bench.suback(1, 1, 0x87);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'request-rejected', message: 'SUBSCRIBE', topic: 'secret/#' }),
    );
  });
});

describe('what the broker says that it does not take (I-44)', () => {
  it.each([
    ['QoS 2 above Maximum QoS 1', { maximumQos: 1 as const }, '0c 40 0001 0001', '0d 0001 0001 03'],
    ['QoS 1 above Maximum QoS 0', { maximumQos: 0 as const }, '0c 20 0001 0001', '0d 0001 0001 03'],
    ['Retain', { retainAvailable: false }, '0c 30 0001 0001', '0d 0001 0001 03'],
    ['Retain with QoS 0', { retainAvailable: false }, '0c 10 0001 0000', '0d 0001 0000 03'],
  ])('%s: PUBACK 0x03, and nothing reaches the broker', (_what, limits, publishHex, answer) => {
    const bench = connected(limits);
    expect(bench.from('s', frame(publishHex, 'x'))).toEqual([`s < ${frame(answer)}`]);
    expect(bench.notes).toContainEqual(
      expect.objectContaining({ type: 'request-rejected', returnCode: 3, topic: 'a/b' }),
    );
  });

  it('what is within them goes out', () => {
    const bench = connected({ maximumQos: 1, retainAvailable: true });
    expect(comparable(bench.from('s', frame('0c 30 0001 0001', 'x')))).toEqual(['#1 PUBLISH qos1 a/b "x" retain']);
  });

  it('what waited for the connection is refused when it says so', () => {
    const bench = connected({});
    bench.down(1);
    bench.from('s', frame('0c 40 0001 0001', 'two'));
    bench.from('s', frame('0c 20 0001 0002', 'one'));
    bench.from('s', frame('0c 10 0001 0000', 'kept'));
    const again = bench.pass(1_000).find((line) => line.endsWith(' CONNECT s clean')) ?? '';
    const lines = up(bench, Number(/#(\d+)/.exec(again)?.[1]), { maximumQos: 1, retainAvailable: false });
    expect(lines).toEqual([
      `s < ${frame('0d 0001 0001 03')}`,
      expect.stringMatching(/ PUBLISH qos1 id\d+ a\/b "one"$/),
    ]);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'client-publish-dropped', qos: 0 }));
  });

  it.each([
    ['a wildcard', { wildcardAvailable: false }, 'a/#'],
    ['a shared subscription', { sharedAvailable: false }, '$share/g/a'],
    ['a filter that is too long for a packet', { maximumPacketSize: 20 }, 'a/long/filter/indeed'],
  ])('%s: SUBACK 0x03, and nothing reaches the broker', (_what, limits, filter) => {
    const bench = connected(limits);
    expect(bench.from('s', frame('12 20 0005', filter))).toEqual([`s < ${frame('13 00 0000 0005 03')}`]);
    expect(bench.from('s', frame('12 20 0006', 'c'))).toEqual([expect.stringMatching(/^#1 SUBSCRIBE id\d+ c qos1$/)]);
  });

  it('a will that it would not publish is refused when it is changed', () => {
    const bench = connected({ maximumQos: 1, retainAvailable: false });
    expect(bench.from('s', frame('1a 40', 'w'))).toEqual(['s < 031b03']);
    expect(bench.from('s', frame('1a 30', 'w'))).toEqual(['s < 031b03']);
    expect(bench.from('s', frame('1a 20', 'w'))).toEqual(['s < 031b00']);
  });

  it('QoS −1 with Retain is dropped and noted', () => {
    const bench = new CoreBench();
    bench.feed({ type: 'sessions-restored', records: [] });
    up(bench, 1, { retainAvailable: false });
    expect(bench.from('s', frame('0c 72 7470 0000', 'x'))).toEqual([]);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'client-publish-dropped', qos: -1 }));
  });
});
