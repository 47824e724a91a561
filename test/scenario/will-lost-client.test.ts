import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, openOwnConnection, S1 } from '../support/core-bench-frames.ts';

/** `s1` active on #1 with the will "w/s1", "off", QoS 1, retained. */
function withWill(connect: string = S1.connectKeepWill): CoreBench {
  const bench = new CoreBench();
  exchangeWill(bench, connect);
  bench.up(1);
  return bench;
}

describe('a lost client with a changed will (T-24, I-14)', () => {
  it('QoS 0: the gateway publishes it and says DISCONNECT, so that the old will does not fire', () => {
    const bench = withWill();
    bench.from('s', S1.willTopicUpd);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos0 w/n "off"', '#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('QoS 1: DISCONNECT waits for PUBACK', () => {
    const bench = withWill();
    bench.from('s', S1.willMsgUpd);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos1 id1 w/s1 "new" retain']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('QoS 2: DISCONNECT waits for PUBCOMP', () => {
    const bench = withWill();
    expect(bench.from('s', '06 1A 40 77 2F 6E')).toEqual(['s < 031b00']);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos2 id65280 w/n "off"']);
    expect(bench.acked(1, 'PUBREC', 65_280)).toEqual(['#1 PUBREL id65280']);
    expect(bench.acked(1, 'PUBCOMP', 65_280)).toEqual(['#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it.each([
    ['QoS 1', S1.willMsgUpd, '#1 PUBLISH qos1 id1 w/s1 "new" retain'],
    ['QoS 2', '06 1A 40 77 2F 6E', '#1 PUBLISH qos2 id65280 w/n "off"'],
  ])('%s: waits no longer than 5 s for the broker (I-14)', (_, update, publish) => {
    const bench = withWill();
    bench.from('s', update);
    expect(bench.pass(90_000 - 1)).toEqual([]);
    expect(bench.pass(1)).toEqual([publish]);
    expect(bench.pass(4_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('a session that expires meanwhile does so when its will is at the broker: no connection is left', () => {
    const bench = new CoreBench({ settings: { sessions: { expiry: 1_000 } } });
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    bench.from('s', S1.willMsgUpd);
    expect(bench.pass(90_000)).toEqual(['#1 PUBLISH qos1 id1 w/s1 "new" retain']);
    expect(bench.pass(4_999)).toEqual([]);
    expect(bench.core.sessionCount).toBe(1);
    expect(bench.pass(1)).toEqual(['#1 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('waits until the broker has answered the publishes that it takes at a time (MQTT 5 Receive Maximum)', () => {
    const bench = new CoreBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false, receiveMaximum: 1 });
    bench.from('s', S1.willMsgUpd);
    expect(bench.from('s', '08 0C 42 75 70 00 01 78')).toEqual(['#1 PUBLISH qos2 id1 up "x"']);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['s < 040f0001']);
    expect(bench.pass(90_001)).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['#1 PUBLISH qos1 id2 w/s1 "new" retain']);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual(['#1 DISCONNECT']);
  });

  /** As above: the will waits behind a publish that the broker does not complete. */
  function waitingWill(): CoreBench {
    const bench = new CoreBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false, receiveMaximum: 1 });
    bench.from('s', S1.willMsgUpd);
    bench.from('s', '08 0C 42 75 70 00 01 78');
    bench.acked(1, 'PUBREC', 1);
    expect(bench.pass(90_000)).toEqual(['#1 PUBREL id1']);
    return bench;
  }

  it('goes out with QoS 0, which is not counted by Receive Maximum, where the broker takes no more for 5 s (I-143)', () => {
    const bench = waitingWill();
    expect(bench.pass(4_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 PUBLISH qos0 w/s1 "new" retain', '#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('so it does when the gateway is stopped meanwhile (I-143)', () => {
    const bench = waitingWill();
    expect(bench.feed({ type: 'operator-stopped' })).toEqual(['#1 PUBLISH qos0 w/s1 "new" retain', '#1 DISCONNECT']);
  });

  it('is told of where the connection breaks while it waits: the broker publishes the former one (I-143)', () => {
    const bench = waitingWill();
    bench.down(1);
    expect(bench.notes).toContainEqual({
      type: 'client-publish-dropped',
      clientId: 's1',
      link: 'udp:s',
      topic: 'w/s1',
      qos: 1,
      reason: 'its will: the connection broke before the broker took the changed one',
    });
  });

  it('a deleted will is not published, neither by the gateway nor by the broker', () => {
    const bench = withWill();
    bench.from('s', S1.emptyWillTopicUpd);
    expect(bench.pass(90_001)).toEqual(['#1 DISCONNECT']);
  });

  it('also when it was asleep (SL-3)', () => {
    const bench = withWill();
    bench.from('s', S1.willTopicUpd);
    bench.from('s', S1.sleep300);
    expect(bench.pass(330_001)).toEqual(['#1 PUBLISH qos0 w/n "off"', '#1 DISCONNECT']);
  });

  it('also when another client took its address (T-50)', () => {
    const bench = withWill();
    bench.from('s', S1.willTopicUpd);
    expect(bench.from('s', '08 04 04 01 00 3C 73 32')).toEqual([
      '#1 PUBLISH qos0 w/n "off"',
      '#1 DISCONNECT',
      '#2 CONNECT s2 clean',
    ]);
  });

  it('also with CleanSession=1; nothing of the session remains (field note 32)', () => {
    const bench = withWill(S1.connectCleanWill);
    bench.from('s', S1.willMsgUpd);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos1 id1 w/s1 "new" retain']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['#1 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
  });

  it('its next CONNECT waits until the will is out, and then carries it (I-14, S-6)', () => {
    const bench = withWill();
    bench.from('s', S1.willMsgUpd);
    bench.pass(90_001);
    expect(bench.from('s', S1.connectKeep)).toEqual([]);
    expect(bench.from('s', S1.connectKeep)).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 will w/s1 "new" qos1 retain']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.pass(89_999)).toEqual([]);
  });

  it('its next CONNECT waits no longer than the will (I-14)', () => {
    const bench = withWill();
    bench.from('s', S1.willMsgUpd);
    bench.pass(90_000);
    bench.pass(1_000);
    expect(bench.from('s', S1.connectClean)).toEqual([]);
    expect(bench.pass(3_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 clean']);
  });

  it('its CONNECT with Will asks for the new will meanwhile', () => {
    const bench = withWill();
    bench.from('s', S1.willMsgUpd);
    bench.pass(90_001);
    expect(bench.from('s', S1.connectKeepWill)).toEqual(['s < 0206']);
    expect(bench.from('s', S1.willTopic)).toEqual(['s < 0208']);
    expect(bench.from('s', S1.willMsg)).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 will w/s1 "off" qos1 retain']);
  });

  it('ends with MQTT DISCONNECT when the gateway is stopped meanwhile (T-52)', () => {
    const bench = withWill();
    bench.from('s', S1.willMsgUpd);
    bench.pass(90_001);
    expect(bench.feed({ type: 'operator-stopped' })).toEqual(['#1 DISCONNECT']);
  });

  it('publishes no will when it says DISCONNECT (X-1)', () => {
    const bench = withWill();
    bench.from('s', S1.willMsgUpd);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('its next CONNECT goes on at once when the connection with the will breaks (I-14)', () => {
    const bench = withWill();
    openOwnConnection(bench, 2);
    bench.from('s', S1.willMsgUpd);
    bench.pass(90_001);
    expect(bench.from('s', S1.connectKeep)).toEqual([]);
    expect(bench.down(1)).toEqual(['#3 CONNECT s1 will w/s1 "new" qos1 retain']);
    expect(bench.up(3, true)).toEqual(['s < 030500']);
  });

  it('its next CONNECT may be taken back by DISCONNECT; the will goes on (2.15, I-14)', () => {
    const bench = withWill();
    bench.from('s', S1.willMsgUpd);
    bench.pass(90_001);
    bench.from('s', S1.connectKeep);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });
});
