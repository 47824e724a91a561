import { describe, expect, it } from '@jest/globals';
import { CoreBench, octets } from '../support/core-bench.ts';
import { radio } from '../support/core-bench-absence.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';
import type { PartialSettings } from '../support/settings-with.ts';

/** `s1` asleep for 300 s on #1, "c/d" subscribed (QoS 1) as id 2, "g/#" too; the broker's answers to pings are the test's to give. */
function asleep(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings, answersPings: false });
  keepSession(bench);
  bench.from('s', S1.subscribeWildcard);
  bench.suback(1, 2, 1);
  bench.from('s', S1.sleep300);
  return bench;
}

/** The same, awake, with one QoS 1 message delivered as MsgId 1 and acknowledged: the gateway asks the broker for more. */
function asking(settings: PartialSettings = {}): CoreBench {
  const bench = asleep(settings);
  bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
  expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200002000131']);
  expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id8', '#1 PINGREQ']);
  return bench;
}

function puback(msgId: number, topicId = 2): string {
  return `07 0D 00 0${topicId} 00 0${msgId} 00`;
}

/** The broker answers one ping. */
function pong(bench: CoreBench, connection = 1): string[] {
  return bench.feed({ type: 'upstream-ponged', connection });
}

/** The broker answers with nothing before, as often as it is asked: three times (I-18). */
function silence(bench: CoreBench, connection = 1): string[] {
  expect(pong(bench, connection)).toEqual([`#${connection} PINGREQ`]);
  expect(pong(bench, connection)).toEqual([`#${connection} PINGREQ`]);
  return pong(bench, connection);
}

describe('the end of an awake period: has the broker more? (I-18, design 4)', () => {
  it('QoS 1: PINGRESP follows when the broker has answered three pings with nothing new', () => {
    const bench = asking();
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('QoS 2: the same, after PUBCOMP', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c400002000132']);
    expect(bench.from('s', '04 0F 00 01')).toEqual(['#1 PUBREC id9']);
    expect(bench.released(1, 9)).toEqual(['s < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#1 PUBCOMP id9', '#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('is asked once, behind the last message that waits here', () => {
    const bench = asleep();
    for (const packetId of [7, 8]) {
      bench.message(1, 'c/d', `${packetId}`, { qos: 1, packetId });
    }
    bench.message(1, 'c/d', '0');
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id7', 's < 080c200002000238']);
    expect(bench.from('s', puback(2))).toEqual(['#1 PUBACK id8', 's < 080c000002000030', '#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('a message that comes before the answer is delivered in the same cycle, and the broker is asked again (SL-15)', () => {
    const bench = asking();
    expect(bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 })).toEqual(['s < 080c200002000232']);
    expect(pong(bench)).toEqual([]);
    expect(bench.from('s', puback(2))).toEqual(['#1 PUBACK id9', '#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('a message that comes between the answers begins the counting anew: some brokers answer before they hand over', () => {
    const bench = asking();
    expect(pong(bench)).toEqual(['#1 PINGREQ']);
    expect(pong(bench)).toEqual(['#1 PINGREQ']);
    expect(bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 })).toEqual(['s < 080c200002000232']);
    expect(pong(bench)).toEqual([]);
    expect(bench.from('s', puback(2))).toEqual(['#1 PUBACK id9', '#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('a late answer to the first question is none to the second', () => {
    const bench = asking();
    bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 });
    const lines = bench.from('s', puback(2));
    lines.push(...pong(bench)); // to the ping before PUBACK id9
    expect(lines.filter((line) => line.startsWith('#'))).toEqual(['#1 PUBACK id9', '#1 PINGREQ']);
    expect(lines).not.toContain('s < 0217');
    expect(bench.message(1, 'c/d', '3', { qos: 1, packetId: 10 })).toEqual(['s < 080c200002000333']);
    pong(bench);
    expect(bench.from('s', puback(3))).toEqual(['#1 PUBACK id10', '#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('a new topic before the answer: REGISTER, PUBLISH and PUBACK come before PINGRESP (T-28)', () => {
    const bench = asking();
    expect(bench.message(1, 'g/h', 'w', { qos: 1, packetId: 9 })).toEqual(['s < 090a00030002672f68']);
    expect(pong(bench)).toEqual([]);
    expect(bench.from('s', '07 0B 00 03 00 02 00')).toEqual(['s < 080c200003000377']);
    expect(bench.from('s', puback(3, 3))).toEqual(['#1 PUBACK id9', '#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('a message of QoS 0 before the answer goes out, too, and PINGRESP is last', () => {
    const bench = asking();
    expect(bench.message(1, 'c/d', '0')[0]).toBe('s < 080c000002000030');
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('is asked first after a reconnect with the session present: what the broker repeats may be on its way', () => {
    const bench = asleep();
    const lines = [...bench.down(1), ...bench.pass(1_000)];
    const connection = Number(/#(\d+) CONNECT s1/.exec(lines.join('\n'))?.[1]);
    expect(bench.up(connection, true)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual([`#${connection} PINGREQ`]);
    expect(bench.message(connection, 'c/d', '1', { qos: 1, packetId: 8 })).toEqual(['s < 080c200002000131']);
    expect(pong(bench, connection)).toEqual([]);
    expect(bench.from('s', puback(1))).toEqual([`#${connection} PUBACK id8`, `#${connection} PINGREQ`]);
    expect(silence(bench, connection)).toEqual(['s < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('a message after PINGRESP waits for the next PINGREQ', () => {
    const bench = asking();
    silence(bench);
    expect(bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 })).toEqual([]);
  });

  it('a message that the client refuses has moved the broker’s window as well', () => {
    const bench = asleep();
    bench.message(1, 'g/h', 'w', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', '07 0B 00 03 00 01 03')).toEqual(['#1 PUBACK id8', '#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });
});

describe('where the broker is not asked', () => {
  it('nothing waited (SL-6)', () => {
    expect(asleep().from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('only QoS 0 was delivered', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '0');
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c000002000030', 's < 0217']);
  });

  it('in a cycle after one with QoS 1', () => {
    const bench = asking();
    silence(bench);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('for an active client', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeep);
    expect(bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 })).toEqual(['s < 080c200002000131']);
    expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id8']);
  });

  it('maxAwakeMessages is reached: the rest stays for the next PINGREQ', () => {
    const bench = asleep({ sessions: { maxAwakeMessages: 1 } });
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id8', 's < 0217']);
  });

  it('maxAwakeTime is over', () => {
    const bench = asleep({ sessions: { maxAwakeTime: 5_000 } });
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    bench.pass(5_001);
    expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id8', 's < 0217']);
  });

  it('the broker cannot be reached (3.5 item 5)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    bench.down(1);
    expect(bench.from('s', puback(1))).toEqual(['s < 0217']);
  });
});

describe('an awake period that ended before the broker had said that it has no more (I-18)', () => {
  it.each([
    ['it was as long as it may be (SL-15)', { maxAwakeTime: 5_000 }],
    ['it had as many messages as it may (SL-15)', { maxAwakeMessages: 1 }],
  ])('%s: the broker is asked in the next one', (_, sessions) => {
    const bench = asleep({ sessions });
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    bench.pass(5_001);
    expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id8', 's < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['#1 PINGREQ']);
    expect(bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 })).toEqual(['s < 080c200002000232']);
  });

  it('the broker did not answer in time (SL-15): of the next one only answers to what is asked then count', () => {
    const bench = asking({ sessions: { maxAwakeTime: 20_000 } });
    expect(bench.pass(20_000)).toEqual(['s < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['#1 PINGREQ']);
    expect(pong(bench)).toEqual([]); // to the ping of before
    expect(silence(bench)).toEqual(['s < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('the client went to sleep in the middle of it (T-29)', () => {
    const bench = asking();
    expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
    expect(pong(bench)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });

  it('it vanished, and acknowledged while it was asleep again (2.15)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    bench.pass(50_000);
    expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id8']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['#1 PINGREQ']);
    expect(silence(bench)).toEqual(['s < 0217']);
  });
});

describe('while the answer is awaited', () => {
  it('a repeated PINGREQ starts nothing over (SL-9)', () => {
    const bench = asking();
    expect(bench.from('s', S1.pingReqId)).toEqual([]);
    expect(bench.from('s', S1.pingReq)).toEqual([]);
    expect(silence(bench)).toEqual(['s < 0217']);
    expect(pong(bench)).toEqual([]);
  });

  it('a broker that does not answer ends the cycle at maxAwakeTime (SL-15)', () => {
    const bench = asking({ sessions: { maxAwakeTime: 20_000 } });
    expect(bench.pass(19_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['s < 0217']);
    expect(pong(bench)).toEqual([]);
  });

  it('maxAwakeMessages ends it, too', () => {
    const bench = asking({ sessions: { maxAwakeMessages: 2 } });
    expect(bench.message(1, 'c/d', '2', { qos: 1, packetId: 9 })).toEqual(['s < 080c200002000232']);
    expect(bench.from('s', puback(2))).toEqual(['#1 PUBACK id9', 's < 0217']);
  });

  it('the connection breaks: the cycle is finished (2.15)', () => {
    const bench = asking();
    expect(radio(bench.down(1))).toEqual(['s < 0217']);
    expect(pong(bench)).toEqual([]);
  });

  it('the client sleeps, connects or leaves: the answer means nothing any more', () => {
    for (const [frame, answers] of [
      [S1.sleep300, ['s < 0218']],
      [S1.connectKeep, ['s < 030500']],
      [S1.disconnect, ['s < 0218', '#1 DISCONNECT']],
    ] as const) {
      const bench = asking();
      expect(bench.from('s', frame)).toEqual(answers);
      expect(pong(bench)).toEqual([]);
    }
  });

  it('PINGRESP goes where the client is by then (T-08)', () => {
    const bench = asking();
    expect(bench.from('t', S1.pingReqId)).toEqual([]);
    expect(silence(bench)).toEqual(['t < 0217']);
  });
});

describe('an answer that nobody waits for', () => {
  it('is harmless', () => {
    const bench = asleep();
    for (const connection of [0, 1, 99]) {
      expect(pong(bench, connection)).toEqual([]);
    }
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    bench.from('s', S1.pingReqId);
    expect(pong(bench)).toEqual([]);
    expect(bench.from('s', puback(1))).toEqual(['#1 PUBACK id8', '#1 PINGREQ']);
    expect(pong(bench, 99)).toEqual([]);
    expect(silence(bench)).toEqual(['s < 0217']);
  });
});

describe('a thousand messages of QoS 1 behind a broker with a window of 20', () => {
  for (const slow of ['client', 'broker'] as const) {
    it(`arrive in one cycle, in order, before PINGRESP (the ${slow} is the slower one)`, () => {
      const bench = asleep();
      const arrived: number[] = [];
      const toBroker: string[] = [];
      const toClient: Buffer[] = [];
      let sent = 0;
      let pingResps = 0;
      const take = (lines: readonly string[]): void => {
        for (const line of lines) {
          if (line.startsWith('#')) {
            toBroker.push(line);
          } else {
            toClient.push(octets(line.slice('s < '.length)));
          }
        }
      };
      const next = (): void => {
        if (sent < 1_000) {
          take(bench.message(1, 'c/d', `${sent}`, { qos: 1, packetId: ++sent }));
        }
      };
      for (let place = 0; place < 20; place++) {
        next();
      }
      take(bench.from('s', S1.pingReqId));
      while (toBroker.length + toClient.length > 0) {
        const forBroker = (slow === 'client' || toClient.length === 0) && toBroker.shift();
        if (forBroker) {
          if (forBroker === '#1 PINGREQ') {
            take(pong(bench));
          } else if (forBroker.startsWith('#1 PUBACK')) {
            next();
          } else {
            throw new Error(forBroker);
          }
          continue;
        }
        const frame = toClient.shift();
        if (frame?.[1] === 0x17) {
          pingResps++;
        }
        if (frame?.[1] !== 0x0c) {
          continue;
        }
        expect(pingResps).toBe(0);
        arrived.push(Number(frame.subarray(7).toString()));
        take(bench.from('s', `07 0D ${frame.subarray(3, 7).toString('hex')} 00`));
      }
      expect(arrived).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
      expect(pingResps).toBe(1);
    });
  }
});
