import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import type { PartialSettings } from '../support/settings-with.ts';

/** `s1` asleep for 300 s on #1; "a/b" is id 1, "c/d" is subscribed (QoS 1) as id 2, and so are "g/#" and its id 3, "g/i". */
function asleep(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  keepSession(bench);
  bench.from('s', S1.subscribeWildcard);
  bench.suback(1, 2, 1);
  bench.from('s', '09 0A 00 00 00 07 67 2F 69');
  bench.from('s', S1.sleep300);
  return bench;
}

const lost = ['#1 close without DISCONNECT'];

describe('going to sleep (6.14, SL-2)', () => {
  it('holds back every message, whatever its QoS', () => {
    const bench = asleep();
    expect(bench.message(1, 'c/d', '0')).toEqual([]);
    expect(bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 })).toEqual([]);
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 })).toEqual([]);
    expect(bench.message(1, 'g/h', 'w')).toEqual([]);
    expect(bench.pass(300_000)).toEqual([]);
  });

  it('acknowledges nothing to the broker before the client has (design 1.5)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200002000131']);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id8', 's < 0217']);
  });

  it('stops the retransmission of a message that is out, and sends it again after waking, with DUP (T-19)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 })).toEqual(['s < 080c200002000131']);
    bench.from('s', S1.sleep300);
    expect(bench.pass(100_000)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080ca00002000131']);
  });

  it('takes the keep-alive supervision away (SL-17, field note 14)', () => {
    const bench = asleep();
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });
});

describe('waking up (6.14, SL-4 to SL-7)', () => {
  it('is answered with PINGRESP at once when nothing waits (SL-6)', () => {
    const bench = asleep();
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
    expect(bench.message(1, 'c/d', '0')).toEqual([]);
  });

  it('gets everything that waits, in order, before PINGRESP (SL-5, T-27, field note 5)', () => {
    const bench = asleep();
    for (const payload of ['1', '2', '3']) {
      bench.message(1, 'c/d', payload);
    }
    expect(bench.from('s', S1.pingReqId)).toEqual([
      's < 080c000002000031',
      's < 080c000002000032',
      's < 080c000002000033',
      's < 0217',
    ]);
  });

  it('does not get a message twice: the next PINGREQ finds nothing (field note 6)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '0');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000002000030', 's < 080c200002000131']);
    bench.from('s', '07 0D 00 02 00 01 00');
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('knows its registrations from before: no REGISTER (SL-18, field note 18)', () => {
    const bench = asleep();
    bench.message(1, 'g/i', 'r');
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000003000072', 's < 0217']);
    bench.from('s', S1.sleep300);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#1 PUBLISH qos0 a/b "x"']);
  });

  it('acknowledges QoS 1 one by one; PINGRESP follows the last (SL-7)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200002000131']);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id8', 's < 080c200002000232']);
    expect(bench.from('s', '07 0D 00 02 00 02 00')).toEqual(['#1 PUBACK id9', 's < 0217']);
  });

  it('goes through a whole QoS 2 exchange before PINGRESP (SL-7, 3.3)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    bench.message(1, 'c/d', '0');
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c400002000132']);
    expect(bench.from('s', '04 0F 00 01')).toEqual(['#1 PUBREC id9']);
    expect(bench.released(1, 9)).toEqual(['s < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#1 PUBCOMP id9', 's < 080c000002000030', 's < 0217']);
  });

  it('gets REGISTER first for a topic that it does not know; PUBLISH and PINGRESP wait for REGACK (T-28, field note 7)', () => {
    const bench = asleep();
    bench.message(1, 'g/h', 'w');
    bench.message(1, 'c/d', '0');
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 090a00040001672f68']);
    expect(bench.from('s', '07 0B 00 04 00 01 00')).toEqual([
      's < 080c000004000077',
      's < 080c000002000030',
      's < 0217',
    ]);
  });

  it('gets PINGRESP also when it refuses the topic (T-38)', () => {
    const bench = asleep();
    bench.message(1, 'g/h', 'w', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', '07 0B 00 04 00 01 03')).toEqual(['#1 PUBACK id8', 's < 0217']);
  });

  it('restarts the sleep timer with the full duration (SL-5)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.pass(300_000);
    bench.from('s', S1.pingReqId);
    bench.pass(5_000);
    bench.from('s', '07 0D 00 02 00 01 00');
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(lost);
  });

  it('asks again when PINGRESP was lost and gets it (T-30)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '0');
    bench.from('s', S1.pingReqId);
    bench.pass(10_000);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });
});

describe('the end of an awake period is told (SL-7)', () => {
  const told = (bench: CoreBench) =>
    bench.notes.filter(({ type }) => type === 'client-awake' || type === 'client-asleep-again');
  const again = { type: 'client-asleep-again', clientId: 's1', link: 'udp:s', duration: 300 };

  it('with PINGRESP', () => {
    const bench = asleep();
    bench.from('s', S1.pingReqId);
    expect(told(bench)).toEqual([expect.objectContaining({ type: 'client-awake' }), again]);
  });

  it('where the client vanished in the middle', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(told(bench)).toHaveLength(1);
    bench.pass(60_000);
    expect(told(bench)).toEqual([{ ...again, reason: 'its awake period was broken off' }]);
  });

  it('where a CONNECT in it came to nothing; not where it came while the client slept', () => {
    for (const wakes of [true, false]) {
      const bench = asleep();
      bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
      if (wakes) {
        bench.from('s', S1.pingReqId);
      }
      bench.from('s', S1.connectKeepWill); // WILLTOPICREQ, and nothing more
      bench.pass(60_000);
      expect(bench.core.session('s1')?.state).toBe('asleep');
      expect(told(bench)).toEqual(wakes ? [{ ...again, reason: 'its CONNECT came to nothing' }] : []);
    }
  });
});

describe('PINGREQ repeated while awake (SL-9)', () => {
  it('repeats the PUBLISH that is out, and does not start over', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '0');
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080ca00002000131']);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id8', 's < 0217']);
  });

  it('repeats the REGISTER that is out', () => {
    const bench = asleep();
    bench.message(1, 'g/h', 'w');
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 090a00040001672f68']);
  });

  it('repeats the PUBREL that is out', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    bench.from('s', S1.pingReqId);
    bench.from('s', '04 0F 00 01');
    bench.released(1, 9);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 04100001']);
  });

  it('takes the cycle along to a new address (T-08)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(bench.from('t', S1.pingReqId)).toEqual(['t < 080ca00002000131']);
    expect(bench.from('t', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id8', 't < 0217']);
  });
});

describe('the awake period has an end (SL-15)', () => {
  it('takes messages in that arrive meanwhile', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(bench.message(1, 'c/d', '0')).toEqual([]);
    expect(bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 })).toEqual([]);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual([
      '#1 PUBACK id8',
      's < 080c000002000030',
      's < 080c200002000232',
    ]);
    expect(bench.from('s', '07 0D 00 02 00 02 00')).toEqual(['#1 PUBACK id9', 's < 0217']);
  });

  it('after maxAwakeMessages the rest waits for the next PINGREQ', () => {
    const bench = asleep({ sessions: { maxAwakeMessages: 2 } });
    for (const payload of ['1', '2', '3']) {
      bench.message(1, 'c/d', payload);
    }
    bench.message(1, 'c/d', '4', { qos: 1, packetId: 8 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000002000031', 's < 080c000002000032', 's < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000002000033', 's < 080c200002000134']);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id8', 's < 0217']);
  });

  it('after maxAwakeTime the message that is out is finished, and the rest waits for the next PINGREQ', () => {
    const bench = asleep({ sessions: { maxAwakeTime: 20_000 } });
    for (let id = 1; id <= 4; id++) {
      bench.message(1, 'c/d', `${id}`, { qos: 1, packetId: id });
    }
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200002000131']);
    bench.pass(8_000);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id1', 's < 080c200002000232']);
    bench.pass(8_000);
    expect(bench.from('s', '07 0D 00 02 00 02 00')).toEqual(['#1 PUBACK id2', 's < 080c200002000333']);
    expect(bench.pass(8_000)).toEqual([]);
    expect(bench.from('s', '07 0D 00 02 00 03 00')).toEqual(['#1 PUBACK id3', 's < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200002000434']);
  });
});

describe('the buffer of QoS 0 messages has a limit (SL-16)', () => {
  it('in number: the oldest is dropped', () => {
    const bench = asleep({ sessions: { sleepBufferMessages: 2 } });
    for (const payload of ['1', '2', '3']) {
      expect(bench.message(1, 'c/d', payload)).toEqual([]);
    }
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000002000032', 's < 080c000002000033', 's < 0217']);
  });

  it('in octets: the oldest are dropped', () => {
    const bench = asleep({ sessions: { sleepBufferOctets: 100 } });
    for (const letter of ['1', '2', '3']) {
      bench.message(1, 'c/d', letter.repeat(60));
    }
    expect(bench.from('s', S1.pingReqId)).toEqual([`s < 430c0000020000${'33'.repeat(60)}`, 's < 0217']);
  });

  it.each([
    ['the client', { sleepBufferOctets: 100 }],
    ['all clients together', { sleepBufferOctetsInAll: 100 }],
  ])('one that is larger by itself goes alone, and that is told with the setting: of %s (I-99)', (whose, sessions) => {
    const bench = asleep({ sessions });
    bench.message(1, 'c/d', '1');
    bench.message(1, 'c/d', '2'.repeat(101));
    const [setting] = Object.keys(sessions);
    const reason = `it is larger than what may wait for ${whose} (sessions.${setting}: 100)`;
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'delivery-dropped', qos: 0, reason }));
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000002000031', 's < 0217']);
  });

  it('says which setting it was, and which message goes', () => {
    const bench = asleep({ sessions: { sleepBufferMessages: 1 } });
    bench.message(1, 'c/d', '1');
    bench.message(1, 'c/d', '2');
    const reason =
      'too many messages wait for the client (sessions.sleepBufferMessages: 1): the oldest with QoS 0 goes';
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'delivery-dropped', reason }));
  });

  it('drops QoS 0 and never QoS 1 that waits beside it', () => {
    const bench = asleep({ sessions: { sleepBufferMessages: 1 } });
    bench.message(1, 'c/d', '1');
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 8 });
    bench.message(1, 'c/d', '3');
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200002000132']);
    expect(bench.from('s', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id8', 's < 080c000002000033', 's < 0217']);
  });
});
