import { beforeEach, describe, expect, it } from '@jest/globals';
import { AttackWorld, keyOf, type Person } from '../../support/attack-world.ts';
import { connectFrame, frame, hex16 } from '../../support/core-bench.ts';
import { MODES } from '../../support/modes.ts';

const VICTIM = '192.0.2.7:4711';
const PATH = '198.51.100.9:1';

const TRANSPORTS = ['plain', 'DTLS'] as const;

let world: AttackWorld;
let victim: Person;

/** The client v, connected, on one of the transports. */
function begin(
  transport: (typeof TRANSPORTS)[number],
  options: ConstructorParameters<typeof AttackWorld>[0] = {},
): void {
  world = new AttackWorld(options);
  victim = transport === 'plain' ? world.plain(VICTIM) : world.dtls('alice', VICTIM);
  expect(victim.say(connectFrame('v', false, 1_000))).toEqual(['CONNACK 0']);
  expect(victim.say(frame('12 20 0700', 'c/d'))).toEqual(['SUBACK 0']);
}

const published = (text: string): number => world.broker.published.filter((each) => each.endsWith(` ${text}`)).length;

/** A publish of the victim, QoS 0 and numbered, as a datagram that never arrives. */
function caught(text: string): Uint8Array {
  const [{ datagram } = { datagram: new Uint8Array(0) }] = world.wire.slice(-1);
  const before = world.wire.length;
  victim.say(frame('0c 02 7470 0000', text));
  const sent = world.wire.slice(before).find(({ to }) => to === 'gateway')?.datagram ?? datagram;
  return Uint8Array.from(sent);
}

describe.each(TRANSPORTS)('whoever is on the path: %s', (transport) => {
  const isDtls = transport === 'DTLS';
  beforeEach(() => begin(transport));

  it('replays a publish', () => {
    const datagram = caught('once');
    for (const from of [VICTIM, PATH]) {
      for (let n = 0; n < 3; n++) {
        world.deliver(from, isDtls, datagram);
      }
    }
    // In the clear a QoS 0 publish that comes again is another one: the threat model says so.
    expect(published('once')).toBe(isDtls ? 1 : 4);
  });

  it('replays what made the session, slept and woke, from its address and from others', () => {
    victim.say(frame('18 0e10'));
    victim.say(frame('16', 'v'));
    const sent = world.wire
      .filter(({ to, from }) => to === 'gateway' && from === VICTIM)
      .map(({ datagram }) => datagram);
    const heard = world.wire.length;
    world.publish('c/d', 'secret');
    for (const datagram of sent) {
      world.deliver(PATH, isDtls, datagram);
    }
    const answers = world.wire.slice(heard).filter(({ from, to }) => from === 'gateway' && to === PATH);
    if (isDtls) {
      expect(answers.some(({ datagram }) => Buffer.from(datagram).includes('secret'))).toBe(false);
      expect(world.core.session('v')?.state).toBe('asleep');
      expect(victim.say(frame('16', 'v')).at(-1)).toBe('PINGRESP');
      expect(victim.payloads).toEqual(['secret']);
    } else {
      expect(answers.length).toBeGreaterThan(0);
    }
  });

  it('keeps a datagram back until its time is over', () => {
    const sent: Uint8Array[] = [];
    const { deliver } = world;
    world.deliver = (_from, _isDtls, datagram) => void sent.push(Uint8Array.from(datagram));
    for (let n = 0; n < 70; n++) {
      victim.say(frame('0c 02 7470 0000', `n${n}`));
    }
    world.deliver = deliver;
    for (const datagram of [...sent].reverse()) {
      world.deliver(VICTIM, isDtls, datagram);
    }
    expect(Array.from({ length: 70 }, (_, n) => published(`n${n}`))).toEqual(
      Array.from({ length: 70 }, (_, n) => (isDtls && n < 6 ? 0 : 1)),
    );
  });

  it('cuts datagrams, lengthens them, and changes octets', () => {
    const [hello] = victim.sent;
    for (const [index, whole] of [caught('whole'), hello ?? new Uint8Array(0)].entries()) {
      const before = world.broker.published.length;
      for (let length = 0; length < whole.length; length++) {
        world.deliver(VICTIM, isDtls, whole.subarray(0, length));
      }
      world.deliver(VICTIM, isDtls, Uint8Array.from([...whole, 0, 0]));
      for (let at = 0; at < whole.length; at++) {
        const changed = Uint8Array.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 0x55;
        world.deliver(VICTIM, isDtls, changed);
      }
      if (isDtls) {
        expect([index, world.broker.published.length]).toEqual([index, before]);
      }
    }
    if (isDtls) {
      expect(victim.say(frame('0c 22 7470 0001', 'still there'))).toEqual(['PUBACK 0']);
    }
  });

  it('makes datagrams up', () => {
    const before = world.core.session('v')?.state;
    for (let n = 0; n < 300; n++) {
      const made = Uint8Array.from(world.random(20 + (n % 60)));
      if (isDtls) {
        made.set([n % 2 === 0 ? 25 : 23, 0xfe, 0xfd, 0, n % 3, 0, 0, 0xff, 0xff, 0xff, n & 0xff]);
      }
      world.deliver(VICTIM, isDtls, made);
    }
    if (isDtls) {
      expect(world.core.session('v')?.state).toBe(before);
      expect(victim.say(frame('16'))).toEqual(['PINGRESP']);
    }
  });
});

describe('a connection id that was forged', () => {
  it('moves nobody, and nothing goes to whoever forged it (RFC 9146 6)', () => {
    begin('DTLS');
    const datagram = caught('moved?');
    const { length } = world.wire;
    for (let n = 0; n < 100; n++) {
      const forged = Uint8Array.from(datagram);
      forged.set([0xff, 0xff, 0xff, 0xff], 5); // a number above all others
      forged.set(world.random(8), forged.length - 8);
      world.deliver(PATH, true, forged);
    }
    world.publish('c/d', 'secret');
    const toPath = world.wire.slice(length).filter(({ to }) => to === PATH);
    expect(toPath.every((each) => each.datagram.length <= datagram.length)).toBe(true);
    expect(victim.payloads).toEqual(['secret']);
    expect(world.notes.some(({ type }) => type === 'association-moved')).toBe(false);
  });
});

describe('exhaustion', () => {
  it.each(MODES)('of handshakes and associations keeps no client with a key from being served: %s', (mode) => {
    begin('DTLS', { mode, maxHandshakes: 5, maxAssociations: 10 });
    for (let n = 0; n < 40; n++) {
      world.dtls('stranger', `198.51.100.${n}:1`, new Uint8Array(16).fill(9)); // gets as far as its Finished
      world.deliver(`198.51.100.${n}:2`, true, caught('x')); // of an association that is somewhere else
    }
    expect(world.server.sizes.handshakes).toBeLessThanOrEqual(5);
    for (let n = 0; n < 40; n++) {
      world.dtls('mallory', `203.0.113.${n}:1`); // a right of its own, and many associations
    }
    expect(world.server.sizes.associations).toBe(10);
    expect(victim.say(frame('0c 22 7470 0001', 'served'))).toEqual(['PUBACK 0']);
    expect(world.dtls('newcomer', '192.0.2.8:1').say(connectFrame('n', true))).toEqual(['CONNACK 0']);
  });

  it.each(TRANSPORTS)('of will dialogues and sessions takes nothing from others: %s', (transport) => {
    begin(transport, { settings: { sessions: { limit: 10, maxHalfOpen: 3 } } });
    victim.say(frame('18 0e10'));
    const crowd = transport === 'plain' ? world.plain(PATH) : world.dtls('mallory', PATH);
    for (let n = 0; n < 30; n++) {
      crowd.say(frame('04 0c 01 003c', `h${n}`));
      crowd.say(connectFrame(`x${n}`, false));
      crowd.say(frame('18'));
    }
    expect(world.core.sessionCount).toBeLessThanOrEqual(14);
    world.publish('c/d', 'secret');
    victim.say(frame('16', 'v'));
    expect(victim.payloads).toEqual(['secret']);
  });

  it('of access rules: thousands of CONNECT and QoS −1 from addresses that were made up leave little behind', () => {
    const rule = {
      connect: true,
      publish: ['pub/%c/#'],
      subscribe: ['c/d'],
      deny: [],
      qosMinus1: true,
      retain: false,
    } as const;
    const rules = Array.from({ length: 1_000 }, (_, n) => ({
      ...rule,
      name: `r${n}`,
      maxQos: 2 as const,
      clientId: [`a*${n}`],
    }));
    const last = { ...rule, name: 'last', maxQos: 2 as const, rate: { messages: 1, burstSeconds: 1 }, sessions: 3 };
    const access = {
      rules: [...rules, last],
      default: 'deny',
      clientIdFromIdentity: 'off',
      clientIdPattern: '%i',
    } as const;
    begin('plain', { settings: { access } });
    for (let n = 0; n < 500; n++) {
      const stranger = world.plain(`198.51.100.1:${n + 1}`);
      stranger.say(connectFrame(`b${hex16(n)}`, true));
      stranger.say(frame('0c 62 7470 0000', 'x'));
    }
    expect(world.core.sessionCount).toBe(3);
    expect(victim.say(frame('16'))).toEqual(['PINGRESP']);
  });
});

describe('guessing identities', () => {
  /** The datagrams that somebody hears who tries an identity with a wrong key, by their lengths and times, and what is remembered. */
  function answersTo(identity: string): unknown {
    begin('DTLS');
    world.setKeys(['alice', 'bob']);
    const begun = world.now;
    const { length } = world.wire;
    const guesser = world.dtls(identity, PATH, keyOf('a guess'));
    const heard = (): unknown[] =>
      world.wire.slice(length).flatMap(({ from, datagram }) => (from === 'gateway' ? [datagram.length] : []));
    const first = heard();
    world.pass(120_000);
    guesser.say(frame('16', 'v'));
    return {
      isConnected: guesser.isConnected,
      first,
      all: heard(),
      passed: world.now - begun,
      sizes: world.server.sizes,
    };
  }

  it('by the answer is not possible: an identity that nobody has looks like a wrong key', () => {
    const known = answersTo('bob');
    expect(known).toMatchObject({ isConnected: false });
    expect(answersTo('nobody at all')).toEqual(known);
    const reasons = world.notes.flatMap((note) => (note.type === 'handshake-failed' ? [note.reason] : []));
    expect(reasons).toEqual(['unknown-identity']);
  });

  it('of others by CONNECT tells one thing, whoever has the client id', () => {
    begin('DTLS');
    const stranger = world.plain(PATH);
    for (const hex of [connectFrame('v', true), connectFrame('v', false), frame('04 0c 01 003c', 'v')]) {
      expect(stranger.say(hex)).toEqual(['CONNACK 3']);
    }
    expect(stranger.say(frame('16', 'v'))).toEqual(['DISCONNECT']);
    expect(world.plain('198.51.100.9:2').say(frame('16', 'unknown'))).toEqual(['DISCONNECT']);
  });
});

describe('a downgrade', () => {
  it('to a suite that the gateway does not speak leads to no association, and nothing in the clear', () => {
    world = new AttackWorld({ suites: [] });
    const client = world.dtls('alice', VICTIM);
    expect(client.isConnected).toBe(false);
    client.say(connectFrame('v', true));
    expect(world.core.sessionCount).toBe(0);
  });

  it('to no transport security at all reaches no session of DTLS, and the port of DTLS takes no frame in the clear', () => {
    begin('DTLS');
    const { length } = world.wire;
    for (const hex of [connectFrame('v', false), frame('16', 'v'), frame('18')]) {
      world.deliver(VICTIM, true, Uint8Array.from(Buffer.from(hex, 'hex')));
    }
    expect(world.wire.slice(length).filter(({ from }) => from === 'gateway')).toEqual([]);
    expect(world.core.session('v')?.state).toBe('active');
  });

  it('by somebody on the path who takes suites out of the ClientHello is noticed (RFC 5246 7.4.9)', () => {
    world = new AttackWorld();
    const { deliver } = world;
    world.deliver = (from, isDtls, datagram) => {
      const changed = Uint8Array.from(datagram);
      const isClientHello = changed[0] === 22 && changed[13] === 1;
      if (isClientHello) {
        const suitesAt = 62 + (changed[60] ?? 0);
        changed.copyWithin(suitesAt, suitesAt + 2, suitesAt + 4); // the first one is gone
      }
      deliver.call(world, from, isDtls, changed);
    };
    const client = world.dtls('alice', VICTIM);
    world.deliver = deliver;
    expect(client.isConnected).toBe(false);
    expect(world.server.sizes.associations).toBe(0);
  });
});

describe.each(MODES)('a key that is removed while its client sleeps, %s', (mode) => {
  beforeEach(() => {
    begin('DTLS', { mode });
    victim.say(frame('18 0e10'));
    world.publish('c/d', 'secret');
    world.setKeys(['bob']);
  });

  it('lets nobody wake it, neither by the former association nor by a new one, nor take it', () => {
    expect(victim.say(frame('16', 'v'))).toEqual([]);
    victim.shakeHands();
    expect(victim.isConnected).toBe(false);
    expect(world.dtls('bob', PATH).say(frame('16', 'v'))).toEqual(['DISCONNECT']);
    expect(world.dtls('bob', PATH).say(connectFrame('v', false))).toEqual(['CONNACK 3']);
    expect(world.plain(PATH).say(frame('16', 'v'))).toEqual(['DISCONNECT']);
    expect(victim.payloads).toEqual([]);
    world.pass(2 * 3_600_000);
    expect(world.core.session('v')?.state).toBe('lost');
  });

  it('and comes back before the sleep is over, gives it what waits', () => {
    world.setKeys(['alice', 'bob']);
    victim.shakeHands();
    expect(victim.say(frame('16', 'v')).at(-1)).toBe('PINGRESP');
    expect(victim.payloads).toEqual(['secret']);
  });
});
