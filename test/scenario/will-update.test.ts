import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { brokerGone, passWithoutBroker, radio } from '../support/core-bench-absence.ts';
import { exchangeWill, keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import type { PartialSettings } from '../support/settings-with.ts';

/** `s1` active on #1 with the will "w/s1", "off", QoS 1, retained. */
function withWill(connect: string = S1.connectKeepWill, settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  exchangeWill(bench, connect);
  bench.up(1);
  return bench;
}

describe('will updates are acknowledged (6.4, W-2)', () => {
  it.each([
    ['WILLTOPICUPD', S1.willTopicUpd, 's < 031b00'],
    ['an empty WILLTOPICUPD (W-3)', S1.emptyWillTopicUpd, 's < 031b00'],
    ['WILLTOPICUPD with Flags and no topic (T-23)', '03 1A 10', 's < 031b00'],
    ['WILLMSGUPD', S1.willMsgUpd, 's < 031d00'],
    ['an empty WILLMSGUPD (W-4)', '02 1C', 's < 031d00'],
  ])('%s, with a will and without one, active and asleep, each time it comes', (_, update, answer) => {
    for (const bench of [withWill(), withWill(S1.connectCleanWill)]) {
      expect(bench.from('s', update)).toEqual([answer]);
      expect(bench.from('s', update)).toEqual([answer]);
      bench.from('s', S1.sleep300);
      expect(bench.from('s', update)).toEqual([answer]);
    }
    const bench = new CoreBench();
    bench.connect('s', 's1');
    expect(bench.from('s', update)).toEqual([answer]);
  });

  it.each([
    ['+', '06 1A 00 77 2F 2B'],
    ['#', '04 1A 00 23'],
    ['invalid UTF-8', '06 1A 00 77 2F FF'],
    ['QoS 11', '06 1A 60 77 2F 6E'],
  ])('a will topic with %s is refused with 0x03 and changes nothing (W-6)', (_, update) => {
    const bench = withWill();
    expect(bench.from('s', update)).toEqual(['s < 031b03']);
    expect(bench.pass(90_001)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1 will w/s1 "off" qos1 retain']);
  });

  it('restarts the sleep supervision and leaves a sleeper asleep (W-7, SL-14)', () => {
    const bench = withWill();
    bench.from('s', S1.sleep300);
    bench.pass(329_000);
    expect(bench.from('s', S1.willMsgUpd)).toEqual(['s < 031d00']);
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 PUBLISH qos1 id1 w/s1 "new" retain']);
  });
});

describe('the next upstream CONNECT carries the changed will (T-24)', () => {
  it.each([
    ['topic, QoS and retain, but not the message (W-1)', [S1.willTopicUpd], ' will w/n "off" qos0'],
    ['the message only (W-1)', [S1.willMsgUpd], ' will w/s1 "new" qos1 retain'],
    ['both', [S1.willMsgUpd, S1.willTopicUpd], ' will w/n "new" qos0'],
    ['an empty message (W-4)', ['02 1C'], ' will w/s1 "" qos1 retain'],
    ['no will at all (W-3)', [S1.emptyWillTopicUpd], ''],
    [
      'a topic after deletion: the message is deleted too (W-3, W-5)',
      [S1.emptyWillTopicUpd, S1.willTopicUpd],
      ' will w/n "" qos0',
    ],
  ])('%s', (_, updates, will) => {
    const bench = withWill();
    for (const update of updates) {
      bench.from('s', update);
    }
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual([`#2 CONNECT s1${will}`]);
  });

  it('keeps a message that came before any topic (W-5, T-24)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.willMsgUpd);
    bench.from('s', S1.willTopicUpd);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1 will w/n "new" qos0']);
  });

  it('makes no will of a message alone (W-5)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.willMsgUpd);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
  });

  it('so does the CONNECT of an active client (T-03)', () => {
    const bench = withWill();
    bench.from('s', S1.willTopicUpd);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 will w/n "off" qos0']);
  });

  it("so does a connection that replaces a broken one; then the will is the broker's again (3.5 item 6)", () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(2);
    bench.from('s', S1.willTopicUpd);
    expect(bench.down(2)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT s1 will w/n "off" qos0']);
    expect(bench.up(3, true)).toEqual([]);
    expect(bench.pass(89_001)).toEqual(['#3 close without DISCONNECT']);
  });

  it('publishes nothing itself when the broker has the changed will by then (never twice)', () => {
    const bench = withWill();
    bench.from('s', S1.willTopicUpd);
    bench.from('s', S1.disconnect);
    bench.from('s', S1.connectKeep);
    bench.up(2, true);
    expect(bench.pass(90_001)).toEqual(['#2 close without DISCONNECT']);
  });
});

describe('willUpdate: reject (T-24)', () => {
  it('answers both updates with 0x03 and changes nothing', () => {
    const bench = withWill(S1.connectKeepWill, { clients: { willUpdate: 'reject' } });
    expect(bench.from('s', S1.willTopicUpd)).toEqual(['s < 031b03']);
    expect(bench.from('s', S1.willMsgUpd)).toEqual(['s < 031d03']);
    expect(bench.from('s', S1.emptyWillTopicUpd)).toEqual(['s < 031b03']);
    expect(bench.pass(90_001)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1 will w/s1 "off" qos1 retain']);
  });
});

describe('willUpdate: reconnect (T-24)', () => {
  it('connects a kept session anew with the changed will, after MQTT DISCONNECT (T-52)', () => {
    const bench = withWill(S1.connectKeepWill, { clients: { willUpdate: 'reconnect' } });
    expect(bench.from('s', S1.willTopicUpd)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 will w/n "off" qos0']);
    expect(bench.up(2, true)).toEqual(['s < 031b00']);
    expect(bench.pass(90_001)).toEqual(['#2 close without DISCONNECT']);
  });

  it('leaves a clean session connected and keeps the will itself', () => {
    const bench = withWill(S1.connectCleanWill, { clients: { willUpdate: 'reconnect' } });
    expect(bench.from('s', S1.willTopicUpd)).toEqual(['s < 031b00']);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos0 w/n "off"', '#1 DISCONNECT']);
  });

  it('goes on delivering and publishing afterwards', () => {
    const bench = withWill(S1.connectKeepWill, { clients: { willUpdate: 'reconnect' } });
    bench.from('s', S1.register);
    bench.from('s', S1.willMsgUpd);
    bench.up(2, true);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });

  it('opens no further connection for a repeated update, and answers when the broker has accepted (W-2, 2.12)', () => {
    const bench = withWill(S1.connectKeepWill, { clients: { willUpdate: 'reconnect' } });
    bench.from('s', S1.willTopicUpd);
    expect(bench.from('s', S1.willTopicUpd)).toEqual([]);
    expect(bench.up(2, true)).toEqual(['s < 031b00']);
  });

  it('answers both updates when the second comes before the broker has accepted the first (W-1, W-2)', () => {
    const bench = withWill(S1.connectKeepWill, { clients: { willUpdate: 'reconnect' } });
    bench.from('s', S1.willTopicUpd);
    const lines = [...bench.from('s', S1.willMsgUpd), ...bench.up(2, true)];
    if (lines.some((line) => line.startsWith('#3 CONNECT'))) {
      lines.push(...bench.up(3, true));
    }
    expect(lines.filter((line) => line.startsWith('s')).toSorted()).toEqual(['s < 031b00', 's < 031d00']);
  });

  it('does not keep a will that the broker refuses and the client is told to be refused (W-2, T-24)', () => {
    const bench = withWill(S1.connectKeepWill, { clients: { willUpdate: 'reconnect' } });
    bench.from('s', S1.willTopicUpd);
    expect(bench.refused(2, 5)[0]).toBe('s < 031b03');
    const connects = [...bench.from('s', S1.connectKeep), ...bench.pass(5_000)].filter((line) =>
      line.includes(' CONNECT s1'),
    );
    expect(connects).toEqual([expect.stringMatching(/^#\d+ CONNECT s1 will w\/s1 "off" qos1 retain$/)]);
  });
});

describe('willUpdate: reconnect, and a broker that closes the connection on the new will (T-24, I-43)', () => {
  /** `s1` on #2 with the will "w/s1", beside the own connection #1; it wants the topic "w/n", on #3. */
  function updating(): DiskBench {
    const bench = new DiskBench({ settings: { clients: { willUpdate: 'reconnect' } } });
    bench.feed({ type: 'sessions-restored', records: [] });
    bench.up(1);
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(2);
    bench.pass(5_000);
    expect(bench.from('s', S1.willTopicUpd)).toEqual(['#2 DISCONNECT', '#3 CONNECT s1 will w/n "off" qos0']);
    return bench;
  }

  it('the second time the update is refused, and the client connected with the will that it had, over a restart too', () => {
    const bench = updating();
    expect(bench.down(3)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#4 CONNECT s1 will w/n "off" qos0']);
    expect(bench.down(4)).toEqual(['s < 031b03']);
    expect(bench.pass(2_000)).toEqual(['#5 CONNECT s1 will w/s1 "off" qos1 retain']);
    expect(restarted(bench).restored).toEqual([expect.stringMatching(/ CONNECT s1 will w\/s1 "off" qos1 retain$/)]);
    expect(bench.up(5, true)).toEqual([]);
  });

  it('proves nothing where the own connection fell as well, or this side gave the attempt up', () => {
    const bench = updating();
    bench.down(3);
    expect(bench.pass(1_000)).toEqual(['#4 CONNECT s1 will w/n "off" qos0']);
    bench.feed({ type: 'upstream-lost', connection: 4, reason: 'no CONNACK', takenOver: false, ours: true });
    bench.down(1);
    expect(bench.pass(1_000)).toEqual(['#5 CONNECT (gateway) clean']);
    bench.up(5);
    expect(bench.pass(1_000)).toEqual(['#6 CONNECT s1 will w/n "off" qos0']);
    expect(bench.down(6)).toEqual(['s < 031b03']);
  });

  it('is not answered any more, and is no reason to go back to an older will, when the client has connected anew', () => {
    const bench = updating();
    bench.from('s', S1.connectKeepWill);
    bench.from('s', '06 07 00 77 2F 7A');
    expect(bench.from('s', S1.willMsg)).toEqual(['#4 CONNECT s1 will w/z "off" qos0']);
    expect(bench.up(4, true)).toEqual(['s < 030500']);
    bench.pass(5_000);
    bench.down(4);
    expect(bench.pass(1_000)).toEqual(['#5 CONNECT s1 will w/z "off" qos0']);
    expect(bench.refused(5, 3)).toEqual([]);
    expect(bench.pass(2_000)).toEqual(['#6 CONNECT s1 will w/z "off" qos0']);
    expect(bench.up(6, true)).toEqual([]);
  });

  it('waits on where the broker refuses for what may pass: the update is tried again', () => {
    const bench = updating();
    expect(bench.refused(3, 3)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#4 CONNECT s1 will w/n "off" qos0']);
    expect(bench.up(4, true)).toEqual(['s < 031b00']);
  });

  it.each([
    ['active', false],
    ['asleep', true],
  ])(
    'is gone where a CONNECT of the client, which is %s, is refused for it: the next one has the will of before',
    (_state, asleep) => {
      const bench = updating();
      if (asleep) {
        bench.from('s', S1.sleep300);
      }
      const lines = bench.from('s', S1.connectKeep);
      const connection = asleep ? 3 : Number(/#(\d+) CONNECT s1 will w\/n/.exec(lines.join())?.[1]);
      expect(bench.refused(connection, 5)[0]).toBe('s < 030503');
      const next = [...bench.from('s', S1.connectKeep), ...bench.pass(3_000)];
      expect(next.filter((line) => line.includes(' CONNECT '))[0]).toMatch(/ CONNECT s1 will w\/s1 "off" qos1 retain$/);
    },
  );
});

describe('willUpdate: reconnect, and a sleeper whose new connection cannot be made (3.5 item 5)', () => {
  function updated(): CoreBench {
    const bench = new CoreBench({ settings: { clients: { willUpdate: 'reconnect' } } });
    openOwnConnection(bench);
    keepSession(bench);
    bench.from('s', S1.sleep300);
    expect(bench.from('s', S1.willTopicUpd)).toEqual(['#2 DISCONNECT', '#3 CONNECT s1 will w/n "" qos0']);
    return bench;
  }

  it('the grace time counts from when the gateway ended the former one: PINGRESP where the broker refuses for now', () => {
    const bench = updated();
    bench.refused(3, 3);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
  });

  it('PINGRESP where the broker goes away just then, and DISCONNECT when the grace time is over', () => {
    const bench = updated();
    brokerGone(bench, 3, 1);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
    passWithoutBroker(bench, 31_000);
    bench.from('s', S1.pingReqId);
    expect(radio(passWithoutBroker(bench, 5_000).map((line) => line.replace(/^\d+ /, '')))).toEqual(['s < 0218']);
  });
});
