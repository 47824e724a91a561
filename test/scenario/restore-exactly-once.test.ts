import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { connectFrame, frame, hex16 } from '../support/core-bench.ts';
import { exchangeWill, keepSession, S1 } from '../support/core-bench-frames.ts';
import {
  DiskBench,
  MOMENTS,
  type Moment,
  QosTwoWorld,
  restarted,
  restartedAndUp,
} from '../support/core-bench-restart.ts';
import { mainKeys } from '../support/disk-session.ts';

/** `s1` with a persistent session on #1, "a/b" as id 1, "c/d" subscribed as id 2, and a QoS 2 PUBLISH (MsgId 3) that has just gone to the broker. */
function publishing(): DiskBench {
  const bench = new DiskBench();
  keepSession(bench);
  expect(bench.from('s', S1.publishQos2)).toEqual(['#1 PUBLISH qos2 id2 a/b "x"']);
  return bench;
}

function releasing(): DiskBench {
  const bench = publishing();
  bench.acked(1, 'PUBREC', 2);
  expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id2']);
  return bench;
}

const publishDup = '08 0C C0 00 01 00 03 78';

describe('a QoS 2 PUBLISH of a client that was clean, and connects once more to be kept, before the broker has answered (S-1, I-149)', () => {
  it('a restart goes on with it, and the client makes no second one', () => {
    const bench = new DiskBench();
    bench.from('s', connectFrame('s1', true));
    bench.up(bench.connectionOf('s1'));
    expect(bench.from('s', frame('0c 42 7470 0003', 'x'))).toEqual(['#1 PUBLISH qos2 id1 tp "x"']);
    bench.from('s', connectFrame('s1', false));
    bench.up(bench.connectionOf('s1'));
    const next = restartedAndUp(bench);
    expect(next.restored.filter((line) => line.includes('PUBLISH'))).toEqual(['#1 PUBLISH qos2 id1 tp "x" dup']);
    expect(next.from('s', frame('0c c2 7470 0003', 'x')).filter((line) => line.startsWith('#'))).toEqual([]);
  });
});

describe('a QoS 2 PUBLISH of the client was half-way (3.3, I-6)', () => {
  it('before PUBREC: the same packet id with DUP, and the exchange ends as if nothing had happened', () => {
    const bench = restartedAndUp(publishing());
    expect(bench.restored).toEqual(['#1 CONNECT s1', '#1 PUBLISH qos2 id2 a/b "x" dup']);
    // It is on disk: PUBREC may come at once, or when the broker has it (3.3).
    const lines = [...bench.from('s', publishDup), ...bench.acked(1, 'PUBREC', 2), ...bench.from('s', publishDup)];
    expect(new Set(lines)).toEqual(new Set(['s < 040f0003']));
    expect(bench.from('s', '04 10 00 03')).toEqual(['#1 PUBREL id2']);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('the client repeats it before the broker is there: no second one', () => {
    const bench = restarted(publishing());
    expect(bench.from('s', publishDup).filter((line) => line.startsWith('#'))).toEqual([]);
    expect(bench.up(1, true)).toEqual(['#1 PUBLISH qos2 id2 a/b "x" dup']);
  });

  it('after PUBREC of the broker: the client’s PUBREL leads to one PUBREL there', () => {
    const killed = publishing();
    killed.acked(1, 'PUBREC', 2);
    const bench = restartedAndUp(killed);
    const lines = [...bench.restored.slice(1), ...bench.from('s', '04 10 00 03')];
    if (!lines.includes('#1 PUBREL id2')) {
      lines.push(...bench.acked(1, 'PUBREC', 2));
    }
    expect(lines.filter((line) => !line.endsWith('dup') && line.startsWith('#'))).toEqual(['#1 PUBREL id2']);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
  });

  it('after PUBREL: only PUBREL again', () => {
    const bench = restartedAndUp(releasing());
    expect(bench.restored).toEqual(['#1 CONNECT s1', '#1 PUBREL id2']);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('after PUBREL, session gone at the broker: only PUBREL all the same (I-6)', () => {
    const bench = restartedAndUp(releasing(), false);
    expect(bench.restored.filter((line) => !line.includes('SUBSCRIBE'))).toEqual(['#1 CONNECT s1', '#1 PUBREL id2']);
    expect(bench.from('s', '04 10 00 03')).toEqual([]); // I-33: the client repeats it
    expect(bench.acked(1, 'PUBCOMP', 2)).toEqual(['s < 040e0003']);
  });

  it('before PUBREL, session gone at the broker: published anew (I-6)', () => {
    const bench = restartedAndUp(publishing(), false);
    const publish = bench.restored.filter((line) => line.includes('PUBLISH'));
    expect(publish).toEqual([expect.stringMatching(/^#1 PUBLISH qos2 id\d+ a\/b "x"( dup)?$/)]);
    const lines = bench.acked(1, 'PUBREC', Number(/id(\d+)/.exec(publish[0] ?? '')?.[1]));
    expect(new Set([...lines, ...bench.from('s', publishDup)])).toEqual(new Set(['s < 040f0003']));
  });

  it('is over: PUBREL that the client repeats gets PUBCOMP, and the broker sees nothing (P-8)', () => {
    const killed = releasing();
    killed.acked(1, 'PUBCOMP', 2);
    const bench = restartedAndUp(killed);
    expect(bench.restored).toEqual(['#1 CONNECT s1']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']);
  });

  it('its packet id is not given to another one', () => {
    const bench = restartedAndUp(releasing());
    for (let msgId = 10; msgId < 14; msgId++) {
      expect(bench.from('s', frame(`0c 20 0001 ${hex16(msgId)}`, 'y'))).toEqual([expect.not.stringContaining(' id2 ')]);
    }
  });

  it('of a client that left in between: it is ended for it all the same', () => {
    const killed = publishing();
    killed.from('s', S1.disconnect);
    const bench = restarted(killed);
    expect(bench.restored).toEqual([]);
    bench.from('s', S1.connectKeep);
    expect(bench.up(2, true).filter((line) => line.startsWith('#'))).toEqual(['#2 PUBLISH qos2 id2 a/b "x" dup']);
  });
});

describe('a QoS 2 message of the broker was half-way to the client (T-19)', () => {
  it('PUBREC comes before the broker is back: no PUBREL yet, for the client would take the repetition as new', () => {
    const bench = restarted(delivering());
    expect(bench.from('s', '04 0F 00 02')).toEqual([]);
    expect(bench.up(1, true)).toEqual([]);
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual(['#1 PUBREC id9']);
    expect(bench.released(1, 9)).toEqual(['s < 04100002']);
    expect(bench.from('s', '04 0E 00 02')).toEqual(['#1 PUBCOMP id9']);
  });

  function delivering(): DiskBench {
    const bench = new DiskBench();
    keepSession(bench);
    expect(bench.message(1, 'c/d', '1', { qos: 1, packetId: 8 })).toEqual(['s < 080c200002000131']);
    bench.from('s', '07 0D 00 02 00 01 00');
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9 })).toEqual(['s < 080c400002000232']);
    return bench;
  }

  it('keeps its MsgId, with DUP', () => {
    const bench = restartedAndUp(delivering());
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual(['s < 080cc00002000232']);
    expect(bench.from('s', '04 0F 00 02')).toEqual(['#1 PUBREC id9']);
    expect(bench.released(1, 9)).toEqual(['s < 04100002']);
    expect(bench.from('s', '04 0E 00 02')).toEqual(['#1 PUBCOMP id9']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('after PUBREC: the broker’s PUBREL reaches the client under that MsgId', () => {
    const killed = delivering();
    killed.from('s', '04 0F 00 02');
    const bench = restartedAndUp(killed);
    expect(bench.released(1, 9)).toEqual(['s < 04100002']);
    expect(bench.from('s', '04 0E 00 02')).toEqual(['#1 PUBCOMP id9']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it.each([
    ['after PUBREL without the broker (I-7)', []],
    ['after PUBCOMP for that PUBREL', ['04 0E 00 02']],
  ])(
    'the broker has not heard PUBREC, %s: its repetition is no second message, nor after another restart',
    (_at, frames) => {
      const killed = delivering();
      killed.from('s', '04 0F 00 02');
      expect(killed.pass(40_000)).toContain('s < 04100002');
      for (const octets of frames) {
        killed.from('s', octets);
      }
      const bench = restartedAndUp(restarted(killed));
      expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual(['#1 PUBREC id9']);
      expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual(['#1 PUBREC id9']);
      expect(bench.released(1, 9)).toEqual(['#1 PUBCOMP id9']);
      expect(mainKeys(bench.disk)).toEqual(['session/s1']);
    },
  );

  it('the client refuses its topic while the broker is away, and says PUBREC all the same: its repetition is no second message after a restart', () => {
    const killed = delivering();
    killed.from('s', S1.connectKeep);
    expect(killed.up(2, true)).toEqual(['s < 030500', 's < 090a00020003632f64']);
    killed.down(2);
    killed.from('s', '07 0B 00 02 00 03 03');
    expect(killed.notes).toContainEqual(expect.objectContaining({ type: 'delivery-dropped' }));
    expect(killed.from('s', '04 0F 00 02')).toEqual(['s < 04100002']);
    expect(killed.lastTurn).toEqual(['durable', 'send']);
    const bench = restartedAndUp(restarted(killed, 0, killed.synced));
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual(['#1 PUBREC id9']);
    expect(bench.released(1, 9)).toEqual(['#1 PUBCOMP id9']);
    expect(bench.disk.has('delivery/s1/9')).toBe(false);
  });

  it('the client ends it between two restarts: the repetition after the second one is no second message', () => {
    const between = restarted(delivering());
    expect(between.from('s', '04 0F 00 02')).toEqual([]);
    expect(between.from('s', '04 0E 00 02')).toEqual([]);
    const bench = restartedAndUp(between);
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual(['#1 PUBREC id9']);
    expect(bench.released(1, 9)).toEqual(['#1 PUBCOMP id9']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it('session gone at the broker: a message with that packet id is another one, with another MsgId', () => {
    const bench = restartedAndUp(delivering(), false);
    expect(bench.message(1, 'c/d', 'n', { qos: 2, packetId: 9 })).toEqual([
      expect.stringMatching(/^s < 080c400002(?!0002)....6e$/),
    ]);
  });

  it('a sleeper gets it at its next PINGREQ', () => {
    const killed = delivering();
    killed.from('s', S1.sleep300);
    const bench = restartedAndUp(killed);
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080cc00002000232']);
  });
});

describe('a loss of power has brought a QoS 2 delivery back that was over, and the broker repeats another message under its packet id (T-19)', () => {
  /** The client has ended the exchange of MsgId 1, and the broker has released it; the end of that is not on the disk. */
  function broughtBack(): DiskBench {
    const killed = new DiskBench();
    keepSession(killed);
    killed.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    killed.from('s', '04 0F 00 01');
    expect(killed.pass(40_000)).toContain('s < 04100001'); // I-7
    const disk = new Map(killed.disk);
    expect(disk.get('delivery/s1/9')).toMatchObject({ over: 0 });
    return restartedAndUp(restarted(killed, 0, disk));
  }

  it('with QoS 1: the client gets it, and the record goes', () => {
    const bench = broughtBack();
    const lines = bench.message(1, 'c/d', '2', { qos: 1, packetId: 9, dup: true });
    expect(lines).toEqual([expect.stringMatching(/^s < 080c200002(?!0001)....32$/)]);
    const msgId = lines[0]?.slice(-6, -2) ?? '';
    expect(bench.from('s', `07 0D 00 02 ${msgId} 00`)).toEqual(['#1 PUBACK id9']);
    expect(mainKeys(bench.disk)).toEqual(['session/s1']);
  });

  it.each([
    ['payload', 'c/d', 'n', '02'],
    ['topic', 'a/b', '2', '01'],
  ])(
    'with QoS 2 and another %s: the client gets it, and the record is that of the new one',
    (_what, topic, text, id) => {
      const bench = broughtBack();
      const lines = bench.message(1, topic, text, { qos: 2, packetId: 9, dup: true });
      const sent = new RegExp(`^s < 080c4000${id}(?!0001)....${Buffer.from(text).toString('hex')}$`);
      expect(lines).toEqual([expect.stringMatching(sent)]);
      const msgId = lines[0]?.slice(-6, -2) ?? '';
      expect(bench.disk.get('delivery/s1/9')).toMatchObject({ msgId: Number.parseInt(msgId, 16) });
      bench.from('s', `04 0F ${msgId}`);
      bench.released(1, 9);
      expect(bench.from('s', `04 0E ${msgId}`)).toEqual(['#1 PUBCOMP id9']);
      expect(mainKeys(bench.disk)).toEqual(['session/s1']);
    },
  );

  it('a record of an older gateway, which does not say what the message was, stands for every QoS 2 message', () => {
    const killed = new DiskBench();
    keepSession(killed);
    killed.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    killed.disk.set('delivery/s1/9', { kind: 'delivery', clientId: 's1', packetId: 9, msgId: 1 });
    const bench = restartedAndUp(killed);
    expect(bench.message(1, 'c/d', '2', { qos: 2, packetId: 9, dup: true })).toEqual(['s < 080cc00002000132']);
  });
});

describe('the will of a client over a restart (T-24, T-52)', () => {
  /** `s1` with the will "off" on #1, changed to "new" at the gateway only, asleep. */
  function changed(): DiskBench {
    const bench = new DiskBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    bench.from('s', S1.willMsgUpd);
    bench.from('s', S1.sleep300);
    return bench;
  }

  it('the changed will is the broker’s from now on: a loss needs no publish of ours', () => {
    const bench = restartedAndUp(changed());
    expect(bench.restored).toEqual(['#1 CONNECT s1 will w/s1 "new" qos1 retain']);
    expect(bench.pass(330_001)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a loss before the broker is back fires nothing: it has published the will when the gateway was killed', () => {
    const bench = restarted(changed());
    expect(bench.pass(330_001).filter((line) => line.includes('PUBLISH'))).toEqual([]);
    expect(bench.disk.get('session/s1')).toMatchObject({ state: 'lost' });
  });

  it('leaving fires nothing', () => {
    const bench = restartedAndUp(changed());
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
  });
});

describe('topic ids are not given twice (R-13, I-17)', () => {
  it('not even those of an earlier clean session', () => {
    const killed = new DiskBench();
    killed.connect('s', 's1');
    expect(killed.from('s', S1.register)).toEqual(['s < 070b0001000100']);
    killed.from('s', S1.disconnect);
    killed.connect('s', 's1', { clean: false });
    const bench = restartedAndUp(killed);
    expect(bench.from('s', frame('0a 0000 0001', 'x/y'))).toEqual(['s < 070b0002000100']);
  });
});

describe('records that do not fit', () => {
  it('of a session that is not there lead to nothing, and are deleted', () => {
    const killed = releasing();
    killed.message(1, 'c/d', '2', { qos: 2, packetId: 9 });
    killed.disk.delete('session/s1');
    expect(mainKeys(killed.disk)).toHaveLength(2);
    const bench = restarted(killed);
    expect(bench.restored).toEqual([]);
    expect(bench.from('s', '04 10 00 03')).toEqual([]);
    expect(bench.core.sessionCount).toBe(0);
    expect([...bench.disk.keys()]).toEqual([]);
  });

  it('two sessions with one address: the address is given to no more than one', () => {
    const killed = new DiskBench();
    killed.connect('s', 's1', { clean: false });
    const record = killed.disk.get('session/s1');
    if (record?.kind !== 'session') {
      throw new Error('no session');
    }
    killed.disk.set('session/s2', { ...record, clientId: 's2' });
    const bench = restarted(killed);
    expect(bench.restored).toHaveLength(1);
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0217']);
    for (const clientId of ['s1', 's2']) {
      expect(bench.disk.get(`session/${clientId}`)).toMatchObject({ clientId });
    }
  });
});

const GOOD = { atBroker: ['m1', 'm2', 'm3'], atClient: ['r1', 'r2', 'r3'], finished: true, disk: ['session/s1'] };

/** What came of it, where it is not as it must be. */
function failure(crashes: ReadonlyMap<number, Moment>, sleeps: boolean, powerIsLost: boolean): readonly unknown[] {
  const world = new QosTwoWorld(crashes, sleeps, powerIsLost);
  world.run(16);
  const { atBroker, atClient, finished, bench } = world;
  // A loss of power may bring the record of a delivery back that is over: it does no harm.
  const disk = mainKeys(bench.disk).filter((key) => !powerIsLost || !key.startsWith('delivery/'));
  const outcome = { atBroker, atClient, finished, disk };
  return isDeepStrictEqual(outcome, GOOD) ? [] : [{ crashes: [...crashes].join(' '), ...outcome }];
}

describe.each([
  ['the client active, the gateway killed', false, false],
  ['the client asleep, the gateway killed', true, false],
  ['the client active, its power lost with what was not yet on disk', false, true],
  ['the client asleep, its power lost with what was not yet on disk', true, true],
])('three QoS 2 messages each way, at any instant: %s', (_how, sleeps, powerIsLost) => {
  const calm = new QosTwoWorld(new Map(), sleeps, powerIsLost);
  calm.run(12);
  const instants = Array.from({ length: calm.events }, (_, index) => index);

  it('not at all', () => {
    expect(failure(new Map(), sleeps, powerIsLost)).toEqual([]);
    expect(instants.length).toBeGreaterThan(20);
  });

  it.each(MOMENTS)('once, %s: each arrives exactly once, in order', (moment) => {
    expect(instants.flatMap((at) => failure(new Map([[at, moment]]), sleeps, powerIsLost))).toEqual([]);
  });

  it.each(MOMENTS)('twice, the first time %s', (moment) => {
    const second = (at: number, after: number, index: number): Map<number, Moment> =>
      new Map([
        [at, moment],
        [at + after, MOMENTS[index % 3] ?? moment],
      ]);
    const pairs = instants.flatMap((at) => [1, 2, 3, 5, 8].map((after, index) => second(at, after, index)));
    expect(pairs.flatMap((crashes) => failure(crashes, sleeps, powerIsLost))).toEqual([]);
  });
});
