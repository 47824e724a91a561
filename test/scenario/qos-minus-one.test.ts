import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { connected, encapsulated, longFrame, subscribed } from '../support/core-bench-traffic.ts';
import type { PartialSettings } from '../support/settings-with.ts';

const predefined = { '*': { 10: 'x/y' }, s: { 10: 'own/10', 11: 'own/11' } };

describe('publish with QoS −1 (6.8)', () => {
  it('needs no connection of the client; the gateway opens its own one on first use only, and the message waits for it (Q-1, Q-3)', () => {
    const bench = new CoreBench({ predefined });
    expect(bench.opening).toEqual([]);
    expect(bench.from('a', '09 0C 61 00 0A 00 00 34 32')).toEqual(['#1 CONNECT (gateway) clean']);
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 x/y "42"']);
    expect(bench.from('a', '09 0C 61 00 0A 00 00 34 33')).toEqual(['#1 PUBLISH qos0 x/y "43"']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('is not opened by clients that connect (Q-3)', () => {
    const bench = new CoreBench({ predefined });
    expect(bench.from('s', connectFrame('s'))).toEqual(['#1 CONNECT s clean']);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });

  it('takes the two octets of a short topic as the name (Q-2)', () => {
    const bench = open();
    expect(bench.from('a', '09 0C 62 74 70 00 00 34 32')).toEqual(['#1 PUBLISH qos0 tp "42"']);
  });

  it('honours Retain, and an empty payload (Q-4)', () => {
    const bench = open();
    expect(bench.from('a', frame('0c 71 000a 0000', 'x'))).toEqual(['#1 PUBLISH qos0 x/y "x" retain']);
    expect(bench.from('a', frame('0c 72 7470 0000'))).toEqual(['#1 PUBLISH qos0 tp "" retain']);
  });

  it('is accepted with any MsgId and with DUP (T-12 b)', () => {
    const bench = open();
    expect(bench.from('a', frame('0c 61 000a 0007', 'x'))).toEqual(['#1 PUBLISH qos0 x/y "x"']);
    expect(bench.from('a', frame('0c e1 000a 0007', 'x'))).toEqual(['#1 PUBLISH qos0 x/y "x"']);
  });

  it('is accepted from a node behind a forwarder, in the long form too', () => {
    const bench = open();
    expect(bench.from('fwd', encapsulated('1234', frame('0c 61 000a 0000', 'x')))).toEqual(['#1 PUBLISH qos0 x/y "x"']);
    const long = 'U'.repeat(300);
    expect(bench.from('a', longFrame('0c 61 000a 0000', long))).toEqual([`#1 PUBLISH qos0 x/y "${long}"`]);
  });

  it('counts messages with their QoS in the notes, without a client', () => {
    const bench = open();
    bench.from('a', frame('0c 61 000a 0000', 'x'));
    expect(bench.notes).toEqual([{ type: 'client-published', clientId: undefined, link: 'udp:a', qos: -1 }]);
  });

  it('names a pre-defined id that is not configured, and where it would count', () => {
    const bench = new CoreBench({ predefined });
    bench.from('a', frame('0c 61 000b 0000', 'x'));
    expect(bench.notes).toEqual([
      {
        ...{ type: 'client-publish-dropped', clientId: undefined, link: 'udp:a', qos: -1, predefinedId: 11 },
        reason: 'pre-defined topic id is not configured: a message without a client has only the entries under "*"',
      },
    ]);
  });

  it.each([
    ['an unknown pre-defined id', '0c 61 0063 0000'],
    ['a pre-defined id of another client only (T-12 d)', '0c 61 000b 0000'],
    ['a normal id (T-12 a)', '0c 60 0001 0000'],
    ['TopicIdType 11', '0c 63 000a 0000'],
    ['a short topic with #', '0c 62 6123 0000'],
    ['a short topic with +', '0c 62 2b61 0000'],
    ['a short topic with NUL', '0c 62 6100 0000'],
    ['a short topic of invalid UTF-8', '0c 62 c328 0000'],
  ])('discards %s without any answer (Q-5)', (_what, publish) => {
    const bench = new CoreBench({ predefined });
    expect(bench.from('a', frame(publish, 'x'))).toEqual([]);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'client-publish-dropped', qos: -1 }));
  });

  it.each([
    ['an unknown pre-defined id', '0c 61 0063 0000'],
    ['a normal id that the client has', '0c 60 0001 0000'],
  ])('discards %s of a connected client without PUBACK (Q-5)', (_what, publish) => {
    const bench = connected();
    subscribed(bench, 'a/b');
    expect(bench.from('s', frame(publish, 'x'))).toEqual([]);
  });

  it('discards all of it where it is switched off, without any answer (Q-7, T-12 c)', () => {
    const bench = new CoreBench({ predefined, settings: { clients: { qosMinus1: false } } });
    expect(bench.from('a', '09 0C 61 00 0A 00 00 34 32')).toEqual([]);
    expect(bench.from('a', '09 0C 62 74 70 00 00 34 32')).toEqual([]);
    bench.connect('s');
    expect(bench.from('s', '09 0C 62 74 70 00 00 34 32')).toEqual([]);
  });
});

describe('long topic names in QoS −1 (T-12 a)', () => {
  const settings = { clients: { qosMinus1LongNames: true } };

  it('are read from the head of Data, TopicId is their length, where the option is on', () => {
    const bench = open(settings);
    expect(bench.from('a', frame('0c 60 0003 0000', 'a/b21.5'))).toEqual(['#1 PUBLISH qos0 a/b "21.5"']);
    expect(bench.from('a', frame('0c 70 0003 0000', 'a/b'))).toEqual(['#1 PUBLISH qos0 a/b "" retain']);
  });

  it.each([
    ['longer than Data', '0c 60 0004 0000', 'a/b'],
    ['of length 0', '0c 60 0000 0000', 'a/b'],
    ['with a wildcard', '0c 60 0003 0000', 'a/#x'],
    ['of invalid UTF-8', '0c 60 0002 0000 c328', 'x'],
  ])('are discarded silently %s', (_what, hex, text) => {
    expect(open(settings).from('a', frame(hex, text))).toEqual([]);
  });

  it('do not change pre-defined and short topics', () => {
    const bench = open(settings);
    expect(bench.from('a', frame('0c 61 000a 0000', 'x'))).toEqual(['#1 PUBLISH qos0 x/y "x"']);
    expect(bench.from('a', frame('0c 62 7470 0000', 'x'))).toEqual(['#1 PUBLISH qos0 tp "x"']);
  });
});

describe('QoS −1 from clients in any state (Q-6, T-12 e)', () => {
  it('active: through the connection of the gateway, with the pre-defined ids of the client; the keep-alive starts again', () => {
    const bench = open();
    bench.connect('s', 's', { duration: 60 });
    bench.pass(89_000);
    expect(bench.from('s', frame('0c 61 000b 0000', 'x'))).toEqual(['#1 PUBLISH qos0 own/11 "x"']);
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#2 close without DISCONNECT']);
  });

  it('asleep: does not wake the client, the sleep timer starts again', () => {
    const bench = open();
    bench.connect('s', 's', { duration: 1000 });
    subscribed(bench, 'a/b', 0, 2);
    bench.from('s', '04 18 00 3C');
    bench.message(2, 'a/b', 'waits');
    bench.pass(89_000);
    expect(bench.from('s', frame('0c 62 7470 0000', 'x'))).toEqual(['#1 PUBLISH qos0 tp "x"']);
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#2 close without DISCONNECT']);
  });

  it('connecting: while the broker has not answered', () => {
    const bench = open();
    bench.from('s', connectFrame('s'));
    expect(bench.from('s', frame('0c 62 7470 0000', 'x'))).toEqual(['#1 PUBLISH qos0 tp "x"']);
    expect(bench.up(2)).toEqual(['s < 030500']);
  });

  it('disconnected: without DISCONNECT, however soon', () => {
    const bench = open();
    bench.connect('s');
    bench.from('s', '02 18');
    expect(bench.from('s', frame('0c 62 7470 0000', 'x'))).toEqual(['#1 PUBLISH qos0 tp "x"']);
  });
});

describe('the connection of the gateway itself (Q-3)', () => {
  it('keeps the order of what waits for it', () => {
    const bench = new CoreBench({ predefined });
    bench.from('a', frame('0c 61 000a 0000', '1'));
    expect(bench.from('b', frame('0c 62 7470 0000', '2'))).toEqual([]);
    expect(bench.from('a', frame('0c 61 000a 0000', '3'))).toEqual([]);
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 x/y "1"', '#1 PUBLISH qos0 tp "2"', '#1 PUBLISH qos0 x/y "3"']);
  });

  it('lets no more wait than upstream.offlineQueue.messages, the newest', () => {
    const bench = new CoreBench({ predefined, settings: { upstream: { offlineQueue: { messages: 2 } } } });
    for (const text of ['1', '2', '3', '4']) {
      bench.from('a', frame('0c 61 000a 0000', text));
    }
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 x/y "3"', '#1 PUBLISH qos0 x/y "4"']);
  });

  it('is tried again after 1, 2, 4 s, every 5 s while a message is fresh, then after 60 s; what waits is kept and sent once (3.5 item 1, I-40)', () => {
    const bench = new CoreBench({ predefined });
    bench.from('a', frame('0c 61 000a 0000', 'x'));
    const pauses = [1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000, 60_000, 60_000];
    for (const [index, pause] of pauses.entries()) {
      expect(bench.down(index + 1)).toEqual([]);
      expect(bench.pass(pause - 1)).toEqual([]);
      expect(bench.pass(1)).toEqual([`#${index + 2} CONNECT (gateway) clean`]);
    }
    expect(bench.up(11)).toEqual(['#11 PUBLISH qos0 x/y "x"']);
    expect(bench.from('a', frame('0c 61 000a 0000', 'y'))).toEqual(['#11 PUBLISH qos0 x/y "y"']);
  });

  it('lets messages wait during the pause, too, without a further attempt', () => {
    const bench = open();
    bench.feed({ type: 'upstream-kept', connection: 1, publishes: 1 });
    bench.down(1);
    expect(bench.from('a', frame('0c 61 000a 0000', 'x'))).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#2 CONNECT (gateway) clean']);
    expect(bench.up(2)).toEqual(['#2 PUBLISH qos0 x/y "x"']);
  });

  it('starts again with 1 s after it was there', () => {
    const bench = open();
    bench.down(1);
    bench.pass(1_000);
    bench.down(2);
    bench.pass(2_000);
    bench.up(3);
    bench.pass(60_000);
    bench.down(3);
    expect(bench.pass(999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#4 CONNECT (gateway) clean']);
  });

  it('refused by the broker: tried again with back-off', () => {
    const bench = new CoreBench({ predefined });
    bench.from('a', frame('0c 61 000a 0000', 'x'));
    expect(bench.refused(1, 3)).toEqual([]);
    expect(bench.pass(999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#2 CONNECT (gateway) clean']);
    expect(bench.up(2)).toEqual(['#2 PUBLISH qos0 x/y "x"']);
  });
});

/** A gateway whose own connection stands as connection 1. */
function open(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ predefined, settings });
  bench.from('opener', frame('0c 61 000a 0000', 'first'));
  expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 x/y "first"']);
  return bench;
}
