import { describe, expect, it } from '@jest/globals';
import { connectFrame, frame, octets } from '../support/core-bench.ts';
import { failAttempts, passWithoutBroker, radio } from '../support/core-bench-absence.ts';
import { exchangeWill, keepSession, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted, restartedAndUp } from '../support/core-bench-restart.ts';
import { mainKeys } from '../support/disk-session.ts';

/** `s1` asleep for 300 s, "c/d" subscribed (QoS 1); its topic id is 2 after a kept session, 1 after a clean one. */
function asleep(clean = false): DiskBench {
  const bench = new DiskBench();
  if (clean) {
    bench.connect('s', 's1');
    bench.from('s', S1.subscribe);
    bench.suback(1, 1, 1);
  } else {
    keepSession(bench);
  }
  bench.from('s', S1.sleep300);
  return bench;
}

/** Something that happens to `s1`; the lines say all that came of it. It looks up the number of the connection and the packet id by itself. */
type Step = readonly [what: string, act: (bench: DiskBench) => string[]];

const fromClient = (hex: string) => (bench: DiskBench) => bench.from('s', hex);

/** A request that the broker has to grant. */
function granted(hex: string, answer: (bench: DiskBench, connection: number, packetId: number) => string[]): Step[1] {
  return (bench) => {
    const lines = bench.from('s', hex);
    const packetId = Number(/ id(\d+)/.exec(lines.at(-1) ?? '')?.[1]);
    return [...lines, ...answer(bench, bench.connectionOf('s1'), packetId)];
  };
}

/** A message of the broker, which the client acknowledges, REGISTER included; PINGREQ before it where the client sleeps. */
function delivered(topic: string, sleeping = false): Step[1] {
  return (bench) => {
    const lines = bench.message(bench.connectionOf('s1'), topic, 'm', { qos: 1, packetId: 8 });
    if (sleeping) {
      lines.push(...bench.from('s', S1.pingReqId));
    }
    for (let index = 0; index < lines.length; index++) {
      const [, type, body] = /^s < ..(0a|0c)(.*)$/.exec(lines[index] ?? '') ?? [];
      if (body === undefined) {
        continue;
      }
      lines.push(...bench.from('s', `07 ${type === '0a' ? `0b ${body.slice(0, 8)}` : `0d ${body.slice(2, 10)}`} 00`));
    }
    return lines;
  };
}

function connects(hex: string): Step[1] {
  return (bench) => {
    const lines = bench.from('s', hex);
    return lines.some((line) => line.includes(' CONNECT '))
      ? [...lines, ...bench.up(bench.connectionOf('s1'), true)]
      : lines;
  };
}

const STORY: readonly Step[] = [
  ['connects with a will', (bench) => [...exchangeWill(bench, S1.connectKeepWill), ...bench.up(1)]],
  ['registers "a/b"', fromClient(S1.register)],
  ['subscribes to "c/d"', granted(S1.subscribe, (bench, connection, id) => bench.suback(connection, id, 1))],
  ['subscribes to "g/#"', granted(S1.subscribeWildcard, (bench, connection, id) => bench.suback(connection, id, 1))],
  ['gets "g/h" with a REGISTER', delivered('g/h')],
  [
    'publishes with its id 1',
    granted(S1.publishQos1, (bench, connection, id) => bench.acked(connection, 'PUBACK', id)),
  ],
  ['changes the will topic', fromClient(S1.willTopicUpd)],
  ['changes the will message', fromClient(S1.willMsgUpd)],
  ['gets "c/d" without REGISTER', delivered('c/d')],
  ['sleeps', fromClient(S1.sleep300)],
  ['wakes up to nothing', fromClient(S1.pingReqId)],
  ['wakes up to "g/h", which it knows', delivered('g/h', true)],
  ['sleeps for longer', fromClient('04 18 02 58')],
  ['wakes up to "g/i", which is new', delivered('g/i', true)],
  ['comes back', connects(S1.connectKeep)],
  ['gets "g/h"', delivered('g/h')],
  ['publishes with its id 1 again', fromClient(S1.publishQos0)],
  ['unsubscribes from "c/d"', granted(S1.unsubscribe, (bench, connection, id) => bench.unsuback(connection, id))],
  ['registers "a/b" again: the same id', fromClient(S1.register)],
  ['leaves', fromClient(S1.disconnect)],
  ['connects with the will that is stored', connects(S1.connectKeep)],
  ['gets "g/h" with a REGISTER, for it was away (R-11)', delivered('g/h')],
  ['registers "e/f"', fromClient('09 0A 00 00 00 08 65 2F 66')],
];

/** Connection numbers, packet ids and the gateway's MsgIds may be others after a restart. */
function comparable(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/^#\d+/, '#')
      .replace(/ id\d+/, '')
      .replace(/^(s < ..0a....)..../, '$1----')
      .replace(/^(s < ..0c......)..../, '$1----'),
  );
}

/** What restoring opens after so many steps: nothing for a client that has left. */
function expectedConnect(steps: number): string[] {
  const last = STORY[steps - 1]?.[0];
  if (last === 'leaves') {
    return [];
  }
  const topic = steps > STORY.findIndex(([what]) => what === 'changes the will topic') ? 'w/n' : 'w/s1';
  const message = steps > STORY.findIndex(([what]) => what === 'changes the will message') ? 'new' : 'off';
  return [`#1 CONNECT s1 will ${topic} "${message}" ${topic === 'w/n' ? 'qos0' : 'qos1 retain'}`];
}

describe('killed and started again after any step of a persistent client (3.3, 3.4)', () => {
  const undisturbed = new DiskBench();
  const expected = STORY.map(([, act]) => comparable(act(undisturbed)));

  it('tells a story without gaps', () => {
    expect(expected.flat().filter((line) => line.startsWith('s < ')).length).toBeGreaterThan(STORY.length);
    expect(comparable(['s < 080c200003000577'])).toEqual(['s < 080c200003----77']);
  });

  it.each(STORY.map(([what], index) => [what, index + 1] as const))(
    '%s, crash: connects with the will, and everything goes on',
    (_what, crashAt) => {
      let bench = new DiskBench();
      for (const [index, [what, act]] of STORY.entries()) {
        expect([what, ...comparable(act(bench))]).toEqual([what, ...(expected[index] ?? [])]);
        bench.pass(5_000);
        if (index + 1 !== crashAt) {
          continue;
        }
        bench = restartedAndUp(bench);
        expect(bench.restored).toEqual(expectedConnect(crashAt));
        bench.pass(5_000);
      }
      expect(mainKeys(bench.disk)).toEqual(['session/s1']);
    },
  );

  it('after each of them', () => {
    let bench = new DiskBench();
    for (const [index, [what, act]] of STORY.entries()) {
      expect([what, ...comparable(act(bench))]).toEqual([what, ...(expected[index] ?? [])]);
      bench = restartedAndUp(bench, true, 1_000);
      expect(bench.restored).toEqual(expectedConnect(index + 1));
    }
  });
});

describe('a restored active client', () => {
  it('gets its full keep-alive from the restart on: what it sent without a write is forgotten (K-3)', () => {
    const killed = new DiskBench();
    keepSession(killed);
    for (let minute = 0; minute < 10; minute++) {
      killed.pass(60_000);
      killed.from('s', S1.pingReq);
    }
    const bench = restartedAndUp(killed);
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('its publishes wait for the connection', () => {
    const killed = new DiskBench();
    keepSession(killed);
    const bench = restarted(killed);
    expect(bench.from('s', S1.publishQos0)).toEqual([]);
    expect(bench.from('s', S1.publishQos1)).toEqual([]);
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0217']);
    expect(comparable(bench.up(1, true)).sort()).toEqual(['# PUBLISH qos0 a/b "x"', '# PUBLISH qos1 a/b "x"']);
  });

  it('session gone at the broker: its subscriptions are made anew (3.5 item 6)', () => {
    const killed = new DiskBench();
    keepSession(killed);
    const bench = restarted(killed);
    expect(comparable(bench.up(1, false))).toEqual(['# SUBSCRIBE c/d qos1']);
  });

  it('gets DISCONNECT where the broker cannot be reached within the grace time (3.5 item 4)', () => {
    const killed = new DiskBench();
    keepSession(killed);
    const bench = restarted(killed);
    expect(radio(failAttempts(bench, bench.restored))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 29_999))).toEqual([]);
    expect(radio(passWithoutBroker(bench, 2))).toEqual([expect.stringMatching(/ s < 0218$/)]);
    expect(bench.disk.get('session/s1')).toMatchObject({ state: 'disconnected' });
  });

  it('behind a forwarder it keeps its wireless node id (F-3)', () => {
    const killed = new DiskBench();
    const inner = octets(S1.connectKeep).toString('hex');
    killed.from('f', `04 fe 00 07 ${inner}`);
    killed.up(1);
    const bench = restartedAndUp(killed);
    expect(bench.from('f', '04 fe 00 07 02 16')).toEqual(['f < 04fe00070217']);
    expect(bench.from('f', '04 fe 00 08 02 16')).toEqual(['f < 04fe00080218']);
  });
});

describe('a restored sleeper', () => {
  it('sleeps for its whole time from the restart on, and is lost then (SL-3, I-20)', () => {
    const killed = asleep();
    killed.pass(100_000);
    const bench = restartedAndUp(killed, true);
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('however long ago its last message was by the clock of the core (I-20)', () => {
    const bench = restartedAndUp(asleep(), true, 100_000_000);
    expect(bench.restored).toEqual(['#1 CONNECT s1']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('gets what the broker kept for it, from a new address (T-08)', () => {
    const bench = restartedAndUp(asleep());
    for (const packetId of [8, 9]) {
      expect(bench.message(1, 'c/d', `${packetId}`, { qos: 1, packetId, dup: true })).toEqual([]);
    }
    expect(bench.from('t', S1.pingReqId)).toEqual(['t < 080c200002000138']);
    expect(bench.from('t', '07 0D 00 02 00 01 00')).toEqual(['#1 PUBACK id8', 't < 080c200002000239']);
    expect(bench.from('t', '07 0D 00 02 00 02 00')).toEqual(['#1 PUBACK id9', 't < 0217']);
  });

  it('that does not wake up is lost without a will from us where the broker is away: it has published it', () => {
    const killed = new DiskBench();
    exchangeWill(killed, S1.connectKeepWill);
    killed.up(1);
    killed.from('s', S1.willMsgUpd);
    killed.from('s', S1.sleep300);
    const bench = restarted(killed);
    failAttempts(bench, bench.restored);
    expect(passWithoutBroker(bench, 330_001).filter((line) => line.includes('PUBLISH'))).toEqual([]);
    expect(bench.disk.get('session/s1')).toMatchObject({ state: 'lost' });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0218']);
    expect(comparable(bench.from('s', S1.connectKeep))).toEqual(['# CONNECT s1 will w/s1 "new" qos1 retain']);
  });

  it('was awake when the gateway was killed: its PINGREQ begins a new cycle', () => {
    const killed = asleep();
    killed.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    killed.from('s', S1.pingReqId);
    const bench = restartedAndUp(killed);
    expect(bench.restored).toEqual(['#1 CONNECT s1']);
    expect([
      ...bench.message(1, 'c/d', '1', { qos: 1, packetId: 8, dup: true }),
      ...bench.from('s', S1.pingReqId),
    ]).toHaveLength(1);
  });
});

describe('a restored sleeper that started clean', () => {
  it('is served on: a clean connection, and its subscriptions again', () => {
    const bench = restarted(asleep(true));
    expect(bench.restored).toEqual(['#1 CONNECT s1 clean']);
    expect(comparable(bench.up(1))).toEqual(['# SUBSCRIBE c/d qos1']);
    bench.suback(1, 1, 1);
    bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c200001000131']);
    expect(bench.from('s', '07 0D 00 01 00 01 00')).toEqual(['#1 PUBACK id8', 's < 0217']);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.disk.size).toBe(0);
  });

  it('that does not wake up leaves nothing', () => {
    const bench = restartedAndUp(asleep(true), false);
    bench.pass(330_001);
    expect([bench.disk.size, bench.core.sessionCount]).toEqual([0, 0]);
  });
});

describe('a client that had left, or is not known', () => {
  it('disconnected stays disconnected; its ids are there when it comes back (S-5)', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.from('s', S1.disconnect);
    const bench = restarted(killed, 60_000);
    expect([...bench.restored, ...bench.pass(60_000)]).toEqual([]);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 0218']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
    expect(bench.from('s', '09 0A 00 00 00 09 78 2F 79')).toEqual(['s < 070b0003000900']);
  });

  it.each([
    'register',
    'publishQos0',
    'publishQos1',
    'publishQos2',
    'subscribe',
    'unsubscribe',
    'pingReq',
    'pingReqId',
  ] as const)('a clean session that was active is gone: %s is answered with DISCONNECT (T-10)', (request) => {
    const killed = new DiskBench();
    killed.connect('s', 's1');
    killed.from('s', S1.register);
    const bench = restarted(killed);
    expect(bench.restored).toEqual([]);
    expect(bench.from('s', S1[request])).toEqual(['s < 0218']);
  });

  it('connects are paced: not all at once (3.5 item 1)', () => {
    const killed = new DiskBench({ settings: { upstream: { maxConnecting: 3 } } });
    const clients = Array.from({ length: 10 }, (_, index) => `c${index}`);
    for (const client of clients) {
      killed.connect(client, client, { clean: false });
      killed.from(client, frame('18 0e10'));
    }
    const bench = restarted(killed);
    const lines = [...bench.restored];
    expect(lines.map((line) => line.replace(/c\d/, 'c'))).toEqual(['#1 CONNECT c', '#2 CONNECT c', '#3 CONNECT c']);
    for (const connection of [1, 2, 3, 5, 6, 7, 8, 9, 10, 11]) {
      const next = bench.up(connection, true); // the fourth is the gateway's own
      expect(next).toHaveLength(connection <= 8 ? 1 : 0);
      lines.push(...next);
    }
    expect(lines.map((line) => line.split(' ')[2]).sort()).toEqual(clients);
    expect(bench.from('c9', frame('16', 'c9'))).toEqual(['c9 < 0217']);
    expect(bench.from('new', connectFrame('new'))).toEqual(['#12 CONNECT new clean']);
  });
});
