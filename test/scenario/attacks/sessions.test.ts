import { describe, expect, it } from '@jest/globals';
import { AttackWorld, type AttackWorldOptions, type Person } from '../../support/attack-world.ts';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { MODES, type Mode } from '../../support/modes.ts';

type Attack = (stranger: Person, world: AttackWorld) => void;

/** What strangers do to the session of the client `v`: docs/security.md, "What each setting does". */
const ATTACKS: Readonly<Record<string, Attack>> = {
  'take it': (stranger) => {
    stranger.say(connectFrame('v', false, 1_000));
    stranger.say(frame('12 20 0701', '#'));
  },
  'take it clean': (stranger) => {
    stranger.say(connectFrame('v', true, 1_000));
    stranger.say(frame('12 20 0701', '#'));
  },
  'take it with a will of its own': (stranger) => {
    stranger.say(frame('04 08 01 03e8', 'v'));
    stranger.say(frame('07 00', 'will'));
    stranger.say(frame('09', 'forged'));
  },
  'begin a will dialogue and say nothing more': (stranger, world) => {
    stranger.say(frame('04 0c 01 03e8', 'v'));
    world.pass(60_000);
  },
  'end it': (stranger) => {
    stranger.say(frame('18'));
    stranger.say(connectFrame('v', true));
    stranger.say(frame('18'));
  },
  'put it to sleep': (stranger) => {
    stranger.say(frame('18 0001'));
    stranger.say(connectFrame('v', false));
    stranger.say(frame('18 0001'));
  },
  'wake it': (stranger) => {
    stranger.say(frame('16', 'v'));
  },
  'keep it alive': (stranger) => {
    stranger.say(frame('16'));
    stranger.say(frame('16', 'v'));
  },
  'unsubscribe for it': (stranger) => {
    stranger.say(frame('14 00 0702', 'c/d'));
    stranger.say(frame('16', 'v'));
    stranger.say(frame('14 00 0703', 'c/d'));
  },
  'change its will': (stranger) => {
    stranger.say(frame('1a 00', 'forged'));
    stranger.say(frame('1c', 'forged'));
  },
  'use its topic ids': (stranger) => {
    stranger.say(frame('0c 20 0001 0704', 'forged'));
    stranger.say(frame('0d 0001 0001 00'));
  },
  'push it out by many others': (stranger) => {
    for (let n = 0; n < 20; n++) {
      stranger.say(connectFrame(`x${n}`, false));
      stranger.say(frame('18'));
    }
  },
};

const VICTIM = '192.0.2.7:4711';
const ELSEWHERE = '198.51.100.9:4711';

type Stranger = (world: AttackWorld) => Person;

/** Whoever is not the identity `alice`. */
const STRANGERS: Readonly<Record<string, Stranger>> = {
  'in the clear, from elsewhere': (world) => world.plain(ELSEWHERE),
  'in the clear, with its address': (world) => world.plain(VICTIM),
  'with another identity': (world) => world.dtls('mallory', ELSEWHERE),
  'with another identity, from its address': (world) => world.dtls('mallory', VICTIM),
  'behind a forwarder that claims to be of its node': (world) => world.plain(ELSEWHERE, 'c0000207'),
  'behind a forwarder with a key': (world) => {
    const forwarder = world.dtls('mallory', ELSEWHERE);
    const { say } = forwarder;
    forwarder.say = (hex) => say.call(forwarder, `07 fe 00 c0 00 02 07 ${hex}`);
    return forwarder;
  },
};

const STATES = ['active', 'asleep', 'gone'] as const;

interface Case {
  readonly mode: Mode;
  readonly state: (typeof STATES)[number];
  readonly isRestarted: boolean;
}

const CASES: readonly Case[] = MODES.flatMap((mode) =>
  STATES.flatMap((state) => [false, true].map((isRestarted) => ({ mode, state, isRestarted }))),
);

/** Has a subscription to c/d, the topic id 1 for it, and a will; in the state that is wanted. */
function letThere(victim: Person, { state }: Case): void {
  victim.say(frame('04 08 01 03e8', 'v'));
  victim.say(frame('07 00', 'will'));
  expect(victim.say(frame('09', 'own'))).toEqual(['CONNACK 0']);
  expect(victim.say(frame('12 20 0700', 'c/d'))).toEqual(['SUBACK 0']);
  if (state !== 'active') {
    expect(victim.say(frame(state === 'asleep' ? '18 0e10' : '18'))).toEqual(['DISCONNECT']);
  }
}

/** The session is the victim's as before: what was published meanwhile comes, once. */
function expectUntouched(world: AttackWorld, victim: Person, { state, isRestarted, mode }: Case): void {
  if (isRestarted) {
    victim.shakeHands();
  }
  if (state === 'asleep') {
    expect(victim.say(frame('16', 'v')).at(-1)).toBe('PINGRESP');
  } else if (state === 'active' && !(isRestarted && victim.isDtls)) {
    expect(victim.say(frame('16'))).toEqual(['PINGRESP']);
  } else {
    expect(victim.say(connectFrame('v', false, 1_000))).toContain('CONNACK 0');
  }
  world.publish('c/d', 'later');
  if (state === 'asleep') {
    victim.say(frame('16', 'v'));
  }
  expect([mode, victim.payloads]).toEqual([mode, ['secret', 'later']]);
}

/** One attack on one victim, from beginning to end; what the stranger has heard of it. */
function attacked(
  victimOf: Stranger,
  strangerOf: Stranger,
  attack: Attack,
  one: Case,
  settings: AttackWorldOptions['settings'] = {},
): Person {
  const world = new AttackWorld({ mode: one.mode, settings: { sessions: { limit: 5 }, ...settings } });
  const victim = victimOf(world);
  letThere(victim, one);
  if (one.isRestarted) {
    world.restart();
  }
  const stranger = strangerOf(world);
  // After a restart an active client of DTLS has no association until it says something: nothing can reach it.
  const isOut = one.state === 'active' && one.isRestarted && victim.isDtls;
  if (!isOut) {
    world.publish('c/d', 'secret');
  }
  attack(stranger, world);
  if (isOut) {
    world.publish('c/d', 'secret');
  }
  expectUntouched(world, victim, one);
  expect(world.broker.published.filter((each) => each.includes('forged'))).toEqual([]);
  return stranger;
}

const PAIRS = Object.keys(ATTACKS).flatMap((attack) => Object.keys(STRANGERS).map((who) => [attack, who] as const));
const attackOf = (name: string): Attack => ATTACKS[name] ?? fail(name);
const strangerOf = (name: string): Stranger => STRANGERS[name] ?? fail(name);
const heardOf = ({ payloads }: Person): string[] =>
  payloads.filter((payload) => payload === 'secret' || payload === 'later');

function fail(name: string): never {
  throw new Error(name);
}

describe('the session of a client with an identity (I-117)', () => {
  it.each(PAIRS)('cannot be had by a stranger: %s, %s', (name, who) => {
    const at = PAIRS.findIndex(([attack, stranger]) => attack === name && stranger === who);
    // A third of the cases: each attack meets all of them, and so does each stranger.
    for (const one of CASES.filter((_case, index) => (index + at + Math.floor(at / 6)) % 3 === 0)) {
      const stranger = attacked((world) => world.dtls('alice', VICTIM), strangerOf(who), attackOf(name), one);
      expect([one, heardOf(stranger)]).toEqual([one, []]);
    }
  });
});

describe('the session of a client in the clear', () => {
  const far = ['in the clear, from elsewhere', 'with another identity', 'behind a forwarder with a key'];
  const settings = { clients: { addressBinding: 'fixed' as const } };

  it.each(PAIRS.filter(([name, who]) => far.includes(who) && name !== 'push it out by many others'))(
    'can be had from no other address where that is fixed: %s, %s (T-07)',
    (name, who) => {
      for (const one of CASES.filter(({ isRestarted }) => !isRestarted)) {
        const stranger = attacked((world) => world.plain(VICTIM), strangerOf(who), attackOf(name), one, settings);
        expect([one, heardOf(stranger)]).toEqual([one, []]);
      }
    },
  );

  it('can be had by whoever writes its address, and from anywhere where that is not fixed: the threat model says so', () => {
    const one: Case = { mode: 'transparent', state: 'asleep', isRestarted: false };
    for (const [who, more] of [
      ['in the clear, with its address', settings],
      ['in the clear, from elsewhere', {}],
    ] as const) {
      const world = new AttackWorld({ settings: more });
      letThere(world.plain(VICTIM), one);
      const stranger = strangerOf(who)(world);
      world.publish('c/d', 'secret');
      stranger.say(frame('16', 'v'));
      expect(heardOf(stranger)).toEqual(['secret']);
    }
  });
});
