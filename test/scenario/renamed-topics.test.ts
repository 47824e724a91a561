import { describe, expect, it } from '@jest/globals';
import { type CoreBench, frame } from '../support/core-bench.ts';
import { DiskBench, restarted } from '../support/core-bench-restart.ts';
import { connected, persistent, registered, sent, subscribed, subscribedWith } from '../support/core-bench-traffic.ts';

/** SUBSCRIBE to pre-defined id 7, QoS 1, MsgId 0x0700. */
const SUBSCRIBE_7 = '07 12 21 07 00 00 07';
/** PUBLISH to pre-defined id 7, MsgId 3, "on". */
const PUBLISH_7 = { qos0: frame('0c 01 0007 0000', 'on'), qos1: frame('0c 21 0007 0003', 'on') };

const before = { '*': { 7: 'old/name', 8: 'other/name' } };
const after = { '*': { 7: 'new/name', 8: 'other/name' } };

/** `s` is connected as #1 and has subscribed to id 7. */
function subscribedBy7(how: { clean?: boolean } = {}): CoreBench {
  const bench = connected({ predefined: before }, how);
  subscribedWith(bench, SUBSCRIBE_7);
  return bench;
}

describe('a pre-defined id that means another topic now, for a subscriber (I-113)', () => {
  it('moves its subscription: SUBSCRIBE for the new name, and UNSUBSCRIBE for the old one when that is granted', () => {
    const bench = subscribedBy7();
    expect(bench.changed({ predefined: after })).toEqual(['#1 SUBSCRIBE id2 new/name qos1']);
    expect(bench.notes).toEqual([
      { type: 'subscription-moved', clientId: 's', link: 'udp:s', topicId: 7, from: 'old/name', to: 'new/name' },
    ]);
    expect(bench.suback(1, 2, 1)).toEqual(['#1 UNSUBSCRIBE id3 old/name']);
    expect(bench.unsuback(1, 3)).toEqual([]);
    expect(bench.message(1, 'new/name', 'x')).toEqual([sent('0c 01 0007 0000', 'x')]);
  });

  it('leaves everybody alone whose ids mean what they did', () => {
    const bench = subscribedBy7();
    subscribed(bench, 'old/name/below');
    expect(bench.changed({ predefined: { '*': { ...before['*'], 9: 'third' } } })).toEqual([]);
    expect(bench.changed({ predefined: { ...before, s: { 7: 'old/name' }, t: { 7: 'new/name' } } })).toEqual([]);
    expect(bench.notes).toEqual([]);
  });

  it('follows the entry of the client’s own before the common one', () => {
    const bench = subscribedBy7();
    expect(bench.changed({ predefined: { ...before, s: { 7: 'mine' } } })).toEqual(['#1 SUBSCRIBE id2 mine qos1']);
    bench.suback(1, 2, 1);
    expect(bench.changed({ predefined: before })).toEqual(['#1 SUBSCRIBE id4 old/name qos1']);
  });

  it('lets what waits keep its name: it goes by a normal id, with REGISTER', () => {
    const bench = subscribedBy7();
    expect(bench.message(1, 'old/name', '1', { qos: 1, packetId: 9 })).toEqual([sent('0c 21 0007 0001', '1')]);
    expect(bench.message(1, 'old/name', '2', { qos: 1, packetId: 10 })).toEqual([]);
    bench.changed({ predefined: after });
    expect(bench.from('s', frame('0d 0007 0001 00'))).toEqual(['#1 PUBACK id9', sent('0a 0009 0002', 'old/name')]);
    expect(bench.from('s', frame('0b 0009 0002 00'))).toEqual([sent('0c 20 0009 0003', '2')]);
    expect(bench.from('s', frame('0d 0009 0003 00'))).toEqual(['#1 PUBACK id10']);
  });

  it('lets a PUBLISH without an answer be repeated as it was', () => {
    const bench = subscribedBy7();
    bench.message(1, 'old/name', '1', { qos: 1, packetId: 9 });
    bench.changed({ predefined: after });
    expect(bench.pass(10_000)).toEqual([sent('0c a1 0007 0001', '1')]);
  });

  it('a client that does not know the old id any more gets what was sent by it with its name', () => {
    const bench = subscribedBy7();
    bench.message(1, 'old/name', '1', { qos: 1, packetId: 9 });
    bench.changed({ predefined: after });
    bench.suback(1, 2, 1);
    expect(bench.from('s', frame('0d 0007 0001 02'))).toEqual([sent('0a 0009 0002', 'old/name')]);
    expect(bench.message(1, 'new/name', 'x')).toEqual([]);
    expect(bench.from('s', frame('0b 0009 0002 00'))).toEqual([sent('0c a0 0009 0001', '1')]);
  });

  it('keeps the old name where the client has asked for it by name as well, in either order', () => {
    const bench = subscribedBy7();
    subscribed(bench, 'old/name');
    expect(bench.changed({ predefined: after })).toEqual(['#1 SUBSCRIBE id3 new/name qos1']);
    expect(bench.suback(1, 3, 1)).toEqual([]);
    expect(bench.message(1, 'old/name', 'x')).toEqual([sent('0c 00 0009 0000', 'x')]);

    const other = connected({ predefined: before });
    subscribed(other, 'old/name');
    subscribedWith(other, SUBSCRIBE_7);
    other.changed({ predefined: after });
    expect(other.suback(1, 3, 1)).toEqual([]);
  });

  it('keeps the old name where the client has asked for it by short name as well', () => {
    const bench = connected({ predefined: { '*': { 7: 'ab' } } });
    subscribedWith(bench, SUBSCRIBE_7);
    subscribedWith(bench, frame('12 22 0701', 'ab'));
    bench.changed({ predefined: after });
    expect(bench.suback(1, 3, 1)).toEqual([]);
    expect(bench.message(1, 'ab', 'x')).toEqual([sent('0c 02 6162 0000', 'x')]);
  });

  it('needs no second subscription where the client has the new name already, but for a higher QoS', () => {
    const bench = subscribedBy7();
    subscribed(bench, 'new/name', 2);
    expect(bench.changed({ predefined: after })).toEqual(['#1 UNSUBSCRIBE id3 old/name']);
    expect(bench.message(1, 'new/name', 'x')).toEqual([sent('0c 01 0007 0000', 'x')]);

    const low = subscribedBy7();
    subscribed(low, 'new/name', 0);
    expect(low.changed({ predefined: after })).toEqual(['#1 SUBSCRIBE id3 new/name qos1']);
    expect(low.suback(1, 3, 1)).toEqual(['#1 UNSUBSCRIBE id4 old/name']);
  });

  it('asks nobody where two ids have changed places', () => {
    const bench = subscribedBy7();
    subscribedWith(bench, '07 12 21 07 01 00 08');
    expect(bench.changed({ predefined: { '*': { 7: 'other/name', 8: 'old/name' } } })).toEqual([]);
    expect(bench.message(1, 'other/name', 'x')).toEqual([sent('0c 01 0007 0000', 'x')]);
    expect(bench.message(1, 'old/name', 'x')).toEqual([sent('0c 01 0008 0000', 'x')]);
  });

  it('has one subscription where two ids mean the same topic now', () => {
    const bench = subscribedBy7();
    subscribedWith(bench, '07 12 21 07 01 00 08');
    expect(bench.changed({ predefined: { '*': { 7: 'both', 8: 'both' } } })).toEqual(['#1 SUBSCRIBE id3 both qos1']);
    expect(bench.suback(1, 3, 1)).toEqual(['#1 UNSUBSCRIBE id4 old/name', '#1 UNSUBSCRIBE id5 other/name']);
  });

  it('goes back and forth, and ends where it was', () => {
    const bench = subscribedBy7();
    bench.changed({ predefined: after });
    expect(bench.changed({ predefined: before })).toEqual(['#1 SUBSCRIBE id3 old/name qos1']);
    expect(bench.suback(1, 2, 1)).toEqual([]); // the later one is still to come
    expect(bench.suback(1, 3, 1)).toEqual(['#1 UNSUBSCRIBE id4 new/name']);
    expect(bench.message(1, 'old/name', 'x')).toEqual([sent('0c 01 0007 0000', 'x')]);
  });

  it('stays where the id is taken away, until the client unsubscribes by it', () => {
    const bench = subscribedBy7();
    expect(bench.changed({ predefined: {} })).toEqual([]);
    expect(bench.message(1, 'old/name', 'x')).toEqual([sent('0c 01 0007 0000', 'x')]);
    expect(bench.from('s', '07 12 21 07 01 00 07')).toEqual([frameLine('0813000000070102')]);
    expect(bench.from('s', '07 14 01 07 02 00 07')).toEqual(['#1 UNSUBSCRIBE id2 old/name']);
    expect(bench.unsuback(1, 2)).toEqual([frameLine('04150702')]);
  });

  it('is not taken for the former one where the client asks again: its last answer is forgotten', () => {
    const bench = subscribedBy7();
    bench.changed({ predefined: after });
    bench.suback(1, 2, 1);
    expect(bench.from('s', SUBSCRIBE_7)).toEqual(['#1 SUBSCRIBE id4 new/name qos1']);
  });

  it('that the broker refuses ends, and so does the old one', () => {
    const bench = subscribedBy7();
    bench.changed({ predefined: after });
    expect(bench.suback(1, 2, 0x80)).toEqual(['#1 UNSUBSCRIBE id3 old/name']);
    expect(bench.core.session('s')?.subscriptions).toEqual([]);
  });

  it('that is too long for the broker ends (I-44)', () => {
    const bench = new DiskBench({ predefined: before });
    bench.from('s', frame('04 04 01 003c', 's'));
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false, maximumPacketSize: 24 });
    subscribedWith(bench, SUBSCRIBE_7);
    expect(bench.changed({ predefined: { '*': { 7: 'a/name/that/is/much/too/long' } } })).toEqual([
      '#1 UNSUBSCRIBE id2 old/name',
    ]);
    expect(bench.core.session('s')?.subscriptions).toEqual([]);
  });
});

describe('two pre-defined ids by which a client has subscribed to one topic (I-144)', () => {
  const one = { '*': { 7: 'both', 8: 'both' } };
  /** Ids 7 and 8 in turn, or the other way round. */
  function subscribedByBoth(bench: CoreBench, [first, second]: readonly string[] = ['07', '08']): void {
    subscribedWith(bench, `07 12 21 07 00 00 ${first}`);
    subscribedWith(bench, `07 12 21 07 01 00 ${second}`);
  }

  it.each([[['07', '08']], [['08', '07']]])(
    'the one that gets another name moves, the other one stays (%s)',
    (order) => {
      const bench = connected({ predefined: one });
      subscribedByBoth(bench, order);
      expect(bench.changed({ predefined: { '*': { 7: 'new', 8: 'both' } } })).toEqual(['#1 SUBSCRIBE id3 new qos1']);
      expect(bench.suback(1, 3, 1)).toEqual([]);
      expect(bench.message(1, 'new', 'x')).toEqual([sent('0c 01 0007 0000', 'x')]);
      expect(bench.message(1, 'both', 'x')).toEqual([sent('0c 01 0008 0000', 'x')]);
    },
  );

  it('both move, each to its own name', () => {
    const bench = connected({ predefined: one });
    subscribedByBoth(bench);
    expect(bench.changed({ predefined: { '*': { 7: 'x', 8: 'y' } } })).toEqual([
      '#1 SUBSCRIBE id3 x qos1',
      '#1 SUBSCRIBE id4 y qos1',
    ]);
    expect([...bench.suback(1, 3, 1), ...bench.suback(1, 4, 1)]).toEqual(['#1 UNSUBSCRIBE id5 both']);
    expect(bench.message(1, 'x', '1')).toEqual([sent('0c 01 0007 0000', '1')]);
    expect(bench.message(1, 'y', '2')).toEqual([sent('0c 01 0008 0000', '2')]);
  });

  it('they part again where a change had brought them together', () => {
    const bench = connected({ predefined: before });
    subscribedByBoth(bench);
    bench.changed({ predefined: one });
    bench.suback(1, 3, 1);
    bench.unsuback(1, 4);
    bench.unsuback(1, 5);
    expect(bench.changed({ predefined: before })).toEqual([
      '#1 SUBSCRIBE id6 old/name qos1',
      '#1 SUBSCRIBE id7 other/name qos1',
    ]);
    expect([...bench.suback(1, 6, 1), ...bench.suback(1, 7, 1)]).toEqual(['#1 UNSUBSCRIBE id8 both']);
    expect(bench.message(1, 'old/name', '1')).toEqual([sent('0c 01 0007 0000', '1')]);
    expect(bench.message(1, 'other/name', '2')).toEqual([sent('0c 01 0008 0000', '2')]);
  });

  it('over a restart with another file', () => {
    const bench = new DiskBench({ predefined: one });
    bench.connect('s', 's', { clean: false, duration: 1000 });
    subscribedByBoth(bench);
    const next = restarted(bench, 0, undefined, { predefined: { '*': { 7: 'new', 8: 'both' } } });
    expect(next.up(1, true)).toEqual(['#1 SUBSCRIBE id1 both qos1', '#1 SUBSCRIBE id2 new qos1']);
  });

  it('where the last one means another topic, which cannot be subscribed to, the other one is used', () => {
    const bench = connected({ predefined: one });
    subscribedByBoth(bench);
    bench.changed({ predefined: { '*': { 7: 'both', 8: 'new/\u0001' } } });
    expect(bench.message(1, 'both', 'x')).toEqual([sent('0c 01 0007 0000', 'x')]);
  });

  it('UNSUBSCRIBE by either of them ends the subscription, also where it is not configured any more (U-10)', () => {
    const bench = connected({ predefined: one });
    subscribedByBoth(bench);
    bench.changed({ predefined: {} });
    expect(bench.from('s', '07 14 01 07 02 00 07')).toEqual(['#1 UNSUBSCRIBE id3 both']);
    expect(bench.unsuback(1, 3)).toEqual([frameLine('04150702')]);
    expect(bench.core.session('s')?.subscriptions).toEqual([]);
  });

  it('a client that does not know the one that was used gets a normal id (G-3)', () => {
    const bench = connected({ predefined: one });
    subscribedByBoth(bench);
    expect(bench.message(1, 'both', 'x')).toEqual([sent('0c 01 0008 0000', 'x')]);
    bench.from('s', frame('0d 0008 0000 02'));
    expect(bench.message(1, 'both', 'x')).toEqual([sent('0a 0009 0001', 'both')]);
  });
});

function frameLine(hex: string): string {
  return `s < ${hex}`;
}

describe('a request that is under way when its pre-defined id gets another name (I-113)', () => {
  it('SUBSCRIBE at the broker: the client gets its SUBACK, and then the subscription moves', () => {
    const bench = connected({ predefined: before });
    bench.from('s', SUBSCRIBE_7);
    expect(bench.changed({ predefined: after })).toEqual([]);
    expect(bench.suback(1, 1, 1)).toEqual(['s < 0813200007070000', '#1 SUBSCRIBE id2 new/name qos1']);
    expect(bench.suback(1, 2, 1)).toEqual(['#1 UNSUBSCRIBE id3 old/name']);
  });

  it('SUBSCRIBE that waits behind another one: it goes out for the new name', () => {
    const bench = connected({ predefined: before });
    bench.from('s', frame('12 20 0001', 'a/#'));
    bench.from('s', SUBSCRIBE_7);
    expect(bench.changed({ predefined: after })).toEqual([]);
    expect(bench.suback(1, 1, 1)).toEqual(['s < 0813200000000100', '#1 SUBSCRIBE id2 new/name qos1']);
  });

  it('UNSUBSCRIBE at the broker: the client gets its UNSUBACK, and nothing moves', () => {
    const bench = subscribedBy7();
    expect(bench.from('s', '07 14 01 07 02 00 07')).toEqual(['#1 UNSUBSCRIBE id2 old/name']);
    expect(bench.changed({ predefined: after })).toEqual([]);
    expect(bench.unsuback(1, 2)).toEqual(['s < 04150702']);
    expect(bench.core.session('s')?.subscriptions).toEqual([]);
  });

  it('what comes before UNSUBACK goes by a normal id: the pre-defined one means another topic', () => {
    const bench = subscribedBy7();
    bench.from('s', '07 14 01 07 01 00 07');
    bench.changed({ predefined: after });
    expect(bench.message(1, 'old/name', 'x')).toEqual([sent('0a 0009 0001', 'old/name')]);
    expect(bench.from('s', frame('0b 0009 0001 00'))).toEqual([sent('0c 00 0009 0000', 'x')]);
  });

  it('so does what comes for a subscription that stays, for the new name is none that clients may have (T-48)', () => {
    const bench = subscribedBy7();
    expect(bench.changed({ predefined: { '*': { 7: 'new/\u0001', 8: 'other/name' } } })).toEqual([]);
    expect(bench.message(1, 'old/name', 'x')).toEqual([sent('0a 0009 0001', 'old/name')]);
  });

  it('UNSUBSCRIBE whose client connects anew before UNSUBACK: what it had is asked for by its new name (I-53)', () => {
    const bench = persistent({ predefined: before });
    subscribedWith(bench, SUBSCRIBE_7);
    bench.from('s', '07 14 01 07 02 00 07');
    bench.changed({ predefined: after });
    bench.from('s', frame('04 00 01 0064', 's'));
    expect(bench.up(2, true)).toEqual(['#2 SUBSCRIBE id3 new/name qos1', '#2 UNSUBSCRIBE id4 old/name']);
  });
});

describe('a pre-defined id that means another topic now, while the broker is away (I-113)', () => {
  it('moves its subscription when the broker is back', () => {
    const bench = subscribedBy7({ clean: false });
    bench.down(1);
    expect(bench.changed({ predefined: after })).toEqual([]);
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual(['#3 SUBSCRIBE id2 new/name qos1', '#3 UNSUBSCRIBE id3 old/name']);
  });

  it('asks for the new name alone where the broker has lost the session', () => {
    const bench = subscribedBy7({ clean: false });
    bench.down(1);
    bench.changed({ predefined: after });
    bench.pass(1_000);
    expect(bench.up(3, false)).toEqual(['#3 SUBSCRIBE id2 new/name qos1']);
  });

  it('where the connection breaks before SUBACK, asks again on the next one: alone, for it may be the reason (I-42)', () => {
    const bench = subscribedBy7({ clean: false });
    bench.changed({ predefined: after });
    bench.down(1);
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual([]);
    expect(bench.pass(5_000)).toEqual(['#3 SUBSCRIBE id3 new/name qos1']);
    expect(bench.suback(3, 3, 1)).toEqual(['#3 UNSUBSCRIBE id4 old/name']);
    expect(bench.unsuback(3, 4)).toEqual([]);
  });

  it('where the connection breaks before UNSUBACK, says UNSUBSCRIBE again on the next one', () => {
    const bench = subscribedBy7({ clean: false });
    bench.changed({ predefined: after });
    bench.suback(1, 2, 1);
    bench.down(1);
    bench.pass(1_000);
    expect([...bench.up(3, true), ...bench.pass(5_000)]).toEqual(['#3 UNSUBSCRIBE id4 old/name']);
  });

  it('while a packet is suspected, is asked for when it is its turn', () => {
    const bench = subscribedBy7({ clean: false });
    bench.from('s', frame('12 20 0001', 'a/#'));
    bench.down(1);
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual(['#3 SUBSCRIBE id2 a/# qos1']);
    expect(bench.changed({ predefined: after })).toEqual([]);
    expect(bench.suback(3, 2, 1)).toEqual(['s < 0813200000000100']);
    expect(bench.pass(5_000)).toEqual(['#3 SUBSCRIBE id3 new/name qos1']);
    expect(bench.suback(3, 3, 1)).toEqual(['#3 UNSUBSCRIBE id4 old/name']);
  });

  it('of a client that is away itself moves it when it comes back', () => {
    const bench = subscribedBy7({ clean: false });
    bench.from('s', '02 18');
    expect(bench.changed({ predefined: after })).toEqual([]);
    bench.from('s', frame('04 00 01 0064', 's'));
    expect(bench.up(2, true)).toEqual(['#2 SUBSCRIBE id2 new/name qos1', '#2 UNSUBSCRIBE id3 old/name']);
    expect(bench.suback(2, 2, 1)).toEqual(['s < 030500']);
  });

  it('of a sleeper moves it at once, for it has its connection', () => {
    const bench = subscribedBy7();
    bench.from('s', '04 18 01 2C');
    expect(bench.changed({ predefined: after })).toEqual(['#1 SUBSCRIBE id2 new/name qos1']);
    expect(bench.suback(1, 2, 1)).toEqual(['#1 UNSUBSCRIBE id3 old/name']);
    expect(bench.message(1, 'new/name', 'x')).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 01 0007 0000', 'x'), 's < 0217']);
  });
});

describe('a pre-defined id that means another topic after a restart (I-113)', () => {
  function stored(): DiskBench {
    const bench = new DiskBench({ predefined: before });
    bench.connect('s', 's', { clean: false, duration: 1000 });
    subscribedWith(bench, SUBSCRIBE_7);
    return bench;
  }

  it('moves the stored subscription when the client’s connection stands', () => {
    const bench = restarted(stored(), 0, undefined, { predefined: after });
    expect(bench.restored).toEqual(['#1 CONNECT s']);
    expect(bench.up(1, true)).toEqual(['#1 SUBSCRIBE id1 new/name qos1', '#1 UNSUBSCRIBE id2 old/name']);
    bench.suback(1, 1, 1);
    bench.unsuback(1, 2);
    expect([...bench.disk.keys()].filter((key) => key.startsWith('subscription') || key.startsWith('unsub'))).toEqual([
      'subscription/s/new/name',
    ]);
  });

  it('moves it also where the gateway ends again before the broker was there', () => {
    const once = restarted(stored(), 0, undefined, { predefined: after });
    const again = restarted(once);
    expect(again.up(1, true)).toEqual(['#1 SUBSCRIBE id1 new/name qos1', '#1 UNSUBSCRIBE id2 old/name']);
  });

  it('does nothing where the file is the same', () => {
    const bench = restarted(stored());
    expect(bench.up(1, true)).toEqual([]);
  });

  it('knows which one the client has asked for by name as well', () => {
    const bench = stored();
    subscribed(bench, 'old/name');
    const next = restarted(bench, 0, undefined, { predefined: after });
    expect(next.up(1, true)).toEqual(['#1 SUBSCRIBE id1 old/name qos1', '#1 SUBSCRIBE id2 new/name qos1']);
    expect(next.core.session('s')?.subscriptions).toHaveLength(2);
  });

  it('a change while it ran leaves nothing to do at the next start', () => {
    const bench = stored();
    bench.changed({ predefined: after });
    bench.suback(1, 2, 1);
    bench.unsuback(1, 3);
    const next = restarted(bench, 0, undefined, { predefined: after });
    expect(next.up(1, true)).toEqual([]);
  });
});

describe('a pre-defined id that means another topic now, for a publisher (I-114)', () => {
  const change = (bench: CoreBench): string[] => bench.changed({ predefined: after });

  it('has the new name with the next PUBLISH', () => {
    const bench = connected({ predefined: before });
    expect(bench.from('s', PUBLISH_7.qos0)).toEqual(['#1 PUBLISH qos0 old/name "on"']);
    change(bench);
    expect(bench.from('s', PUBLISH_7.qos0)).toEqual(['#1 PUBLISH qos0 new/name "on"']);
  });

  it('lets what is open, or has just ended, be repeated under the name that it has', () => {
    const bench = connected({ predefined: before });
    const repeated = frame('0c a1 0007 0003', 'on');
    expect(bench.from('s', PUBLISH_7.qos1)).toEqual(['#1 PUBLISH qos1 id1 old/name "on"']);
    change(bench);
    expect(bench.from('s', repeated)).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0007 0003 00')]);
    expect(bench.from('s', repeated)).toEqual([sent('0d 0007 0003 00')]);
    expect(bench.from('s', PUBLISH_7.qos1)).toEqual(['#1 PUBLISH qos1 id2 new/name "on"']);
  });

  it('lets what has ended be repeated with DUP, over a restart as well where it was let go', () => {
    const bench = new DiskBench({ predefined: before });
    bench.connect('s', 's', { clean: false, duration: 1000 });
    bench.from('s', frame('0c 41 0007 0003', 'on'));
    bench.acked(1, 'PUBREC', 1);
    bench.pass(40_000); // the client does not say PUBREL
    bench.acked(1, 'PUBCOMP', 1);
    const next = restarted(bench, 0, undefined, { predefined: after });
    next.up(1, true);
    expect(next.from('s', frame('0c c1 0007 0003', 'on'))).toEqual([sent('0f 0003')]);
    expect(next.from('s', frame('0c c1 0007 0003', 'off'))).toEqual(['#1 PUBLISH qos2 id1 new/name "off"']);
  });

  it('knows an open QoS 2 publish again after a restart', () => {
    const bench = new DiskBench({ predefined: before });
    bench.connect('s', 's', { clean: false, duration: 1000 });
    bench.from('s', frame('0c 41 0007 0003', 'on'));
    const next = restarted(bench, 0, undefined, { predefined: after });
    expect(next.up(1, true)).toEqual(['#1 PUBLISH qos2 id1 old/name "on" dup']);
    expect(next.from('s', frame('0c c1 0007 0003', 'on'))).toEqual([]);
    expect(next.acked(1, 'PUBREC', 1)).toEqual([sent('0f 0003')]);
  });

  it('lets what is open come to its end where the id is taken away; a new PUBLISH is refused (P-4)', () => {
    const bench = connected({ predefined: before });
    bench.from('s', PUBLISH_7.qos1);
    bench.changed({ predefined: {} });
    expect(bench.from('s', PUBLISH_7.qos1)).toEqual([]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([sent('0d 0007 0003 00')]);
    expect(bench.from('s', frame('0c 21 0007 0004', 'x'))).toEqual([sent('0d 0007 0004 02')]);
  });

  it('keeps its name while it waits for the broker', () => {
    const bench = connected({ predefined: before });
    bench.down(1);
    bench.from('s', PUBLISH_7.qos0);
    bench.from('s', PUBLISH_7.qos1);
    change(bench);
    bench.pass(1_000);
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos1 id1 old/name "on"', '#3 PUBLISH qos0 old/name "on"']);
  });

  it('is nothing to a topic that was registered by its name', () => {
    const bench = connected({ predefined: before });
    const topicId = registered(bench, 'old/name');
    change(bench);
    expect(bench.from('s', frame(`0c 00 ${topicId} 0000`, 'on'))).toEqual(['#1 PUBLISH qos0 old/name "on"']);
  });

  it('counts for QoS −1 at once', () => {
    const bench = connected({ predefined: before });
    bench.from('any', frame('0c 61 0007 0000', 'on'));
    bench.up(2);
    change(bench);
    expect(bench.from('any', frame('0c 61 0007 0000', 'on'))).toEqual(['#2 PUBLISH qos0 new/name "on"']);
  });
});
