import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from '../../src/core/contract/stored-records.ts';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';

/** Alice, as DTLS has proven her; somebody else with a key of his own; nobody. */
const ALICE = 'dtls:192.0.2.7:4711@alice';
const ALICE_AGAIN = 'dtls:192.0.2.9:9@alice';
const MALLORY = 'dtls:192.0.2.7:4712@mallory';
const PLAIN = 'udp:192.0.2.7:4711';

const sleep300 = frame('18 012c');
const pingReq = frame('16', 's');

function bench(): CoreBench {
  const made = new CoreBench();
  made.open('dtls');
  return made;
}

/** The session "s" of Alice, with a subscription that she has not heard of yet: kept, on connection 1. */
function ofAlice({ asleep = false } = {}): CoreBench {
  const made = bench();
  made.subscriber(ALICE, 's');
  if (asleep) {
    made.from(ALICE, sleep300);
    made.message(1, 'c/d', 'secret');
  }
  return made;
}

const told = (link: string, hex: string): string => `${link.replace(/^udp:/, '')} < ${hex}`;
const connack = (link: string, code: string): string => told(link, `0305${code}`);
const disconnected = (link: string): string => told(link, '0218');

describe('a session belongs to the identity under which it was made (I-117)', () => {
  it.each([
    ['another identity', MALLORY],
    ['none', PLAIN],
  ])('CONNECT with its client id under %s gets 0x03, whatever the flags, and changes nothing', (_whose, link) => {
    const made = ofAlice();
    for (const connect of [connectFrame('s', true), connectFrame('s', false), frame('04 0c 01 003c', 's')]) {
      expect(made.from(link, connect)).toEqual([connack(link, '03')]);
      expect(made.notes).toEqual([
        {
          type: 'client-refused',
          clientId: 's',
          link,
          returnCode: 3,
          reason: 'its client id belongs to another identity',
        },
      ]);
    }
    expect(made.message(1, 'c/d', 'x')).toEqual([told(ALICE, '080c0000010000' + '78')]);
    expect(made.core.session('s')?.state).toBe('active');
  });

  it.each([
    ['another identity', MALLORY],
    ['none', PLAIN],
  ])('PINGREQ with its client id under %s gets DISCONNECT, and wakes nobody', (_whose, link) => {
    const made = ofAlice({ asleep: true });
    expect(made.from(link, pingReq)).toEqual([disconnected(link)]);
    expect(made.core.session('s')?.state).toBe('asleep');
    expect(made.from(ALICE_AGAIN, pingReq)).toEqual([
      told(ALICE_AGAIN, '0d0c0000010000' + '736563726574'),
      told(ALICE_AGAIN, '0217'),
    ]);
  });

  it.each([
    ['asleep', true],
    ['active', false],
  ])('the identity itself comes back to it from anywhere: %s', (_state, asleep) => {
    const made = ofAlice({ asleep });
    made.from(ALICE_AGAIN, connectFrame('s', false));
    expect(made.core.session('s')?.link).toBe(ALICE_AGAIN);
  });

  it('a sleeper cannot be ended, nor put to sleep anew, from elsewhere', () => {
    const made = ofAlice({ asleep: true });
    expect(made.from(PLAIN, frame('18'))).toEqual([]);
    expect(made.from(MALLORY, sleep300)).toEqual([]);
    expect(made.core.session('s')?.state).toBe('asleep');
  });

  it("a will dialogue of an identity is that one's as well", () => {
    const made = bench();
    expect(made.from(ALICE, frame('04 0c 01 003c', 's'))).toEqual([told(ALICE, '0206')]);
    expect(made.from(PLAIN, connectFrame('s'))).toEqual([connack(PLAIN, '03')]);
    expect(made.from(ALICE, frame('07 00', 'w'))).toEqual([told(ALICE, '0208')]);
  });

  it('over a restart', () => {
    const records = new Map<string, StoredRecord>();
    const before = bench();
    const keep = (): void => {
      for (const { key, record } of before.stored.flatMap(({ writes }) => writes)) {
        if (record) {
          records.set(key, record);
        }
      }
    };
    before.from(ALICE, connectFrame('s', false));
    before.up(1);
    keep();
    before.from(ALICE, sleep300);
    keep();
    const after = bench();
    after.feed({ type: 'sessions-restored', records: [...records.values()] });
    expect(after.from(PLAIN, pingReq)).toEqual([disconnected(PLAIN)]);
    expect(after.from(MALLORY, connectFrame('s', false))).toEqual([connack(MALLORY, '03')]);
    expect(after.from(ALICE_AGAIN, pingReq)).toEqual([told(ALICE_AGAIN, '0217')]);
  });

  it("a session of nobody is anybody's, and with CONNECT of an identity it is that one's", () => {
    const made = bench();
    made.subscriber(PLAIN, 's');
    made.from(PLAIN, sleep300);
    expect(made.from(ALICE, pingReq)).toEqual([disconnected(ALICE)]); // she connects, and then it is hers
    made.from(ALICE, connectFrame('s', false));
    expect(made.notes).toContainEqual(expect.objectContaining({ type: 'client-connected', identity: 'alice' }));
    expect(made.core.session('s')).toMatchObject({ identity: 'alice', address: '192.0.2.7:4711' });
    expect(made.core.session('s')?.subscriptions).toEqual([{ filter: 'c/d', qos: 2 }]);
    expect(made.from(PLAIN, connectFrame('s', false))).toEqual([connack(PLAIN, '03')]);
  });

  it("a link that is another identity's now reaches nothing of the former one, and ends it not", () => {
    const made = ofAlice({ asleep: true });
    const frameOf = (identity: string, hex: string): string[] =>
      made.feed({
        type: 'frame-received',
        link: ALICE,
        peer: { transport: 'dtls', host: '192.0.2.7', address: '192.0.2.7:4711', identity },
        frame: Buffer.from(hex, 'hex'),
      });
    expect(frameOf('mallory', frame('16'))).toEqual([disconnected(ALICE)]);
    expect(frameOf('mallory', frame('18'))).toEqual([]);
    expect(frameOf('mallory', connectFrame('m'))).toEqual(['#2 CONNECT m clean']);
    expect(made.core.session('s')?.state).toBe('asleep');
    expect(made.from(ALICE_AGAIN, pingReq)).toContain(told(ALICE_AGAIN, '0217'));
  });

  it('gives way to no stranger where there is no room (I-22)', () => {
    const made = new CoreBench({ settings: { sessions: { limit: 1 } } });
    made.open('dtls');
    made.from(ALICE, connectFrame('s', false));
    made.up(1);
    made.from(ALICE, frame('18'));
    expect(made.from(PLAIN, connectFrame('p'))).toEqual([connack(PLAIN, '01')]);
    expect(made.from(MALLORY, connectFrame('m'))).toEqual([connack(MALLORY, '01')]);
    expect(made.from(ALICE, connectFrame('other'))).toEqual(['#2 CONNECT other clean']);
  });

  it('keeps no room from strangers either: the host that has most of those that may give way to them gives it', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 5 } } });
    bench.open('dtls');
    for (const client of ['dtls:a:1@fleet', 'dtls:a:2@fleet', 'dtls:a:3@fleet', 'udp:h:1', 'udp:h:2']) {
      bench.connect(client, client, { clean: false });
      bench.from(client, frame('18'));
      bench.now += 1_000;
    }
    expect(bench.from('n', connectFrame('n', false))).toEqual(['#6 CONNECT n']);
    expect([...bench.core.clientIds()]).not.toContain('udp:h:1');
    expect(bench.from('dtls:a:4@fleet', connectFrame('m', false))).toEqual(['#7 CONNECT m']);
    expect([...bench.core.clientIds()]).not.toContain('dtls:a:1@fleet');
  });

  it('gives way to its own identity, also where another host has more that may not', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 4 } } });
    bench.open('dtls');
    for (const client of ['dtls:a:1@fleet', 'dtls:a:2@fleet', 'dtls:b:1@other', 'dtls:b:2@third']) {
      bench.connect(client, client, { clean: false });
      bench.from(client, frame('18'));
      bench.now += 1_000;
    }
    expect(bench.from('dtls:b:3@other', connectFrame('n', false))).toEqual(['#5 CONNECT n']);
    expect([...bench.core.clientIds()]).not.toContain('dtls:b:1@other');
    expect(bench.from('n', connectFrame('stranger', false))).toEqual(['n < 030501']);
  });
});
