import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AccessRule, AccessSettings } from '../../../src/core/contract/access-settings.ts';
import { AttackWorld, type Person } from '../../support/attack-world.ts';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { MODES, type Mode } from '../../support/modes.ts';

const NOTHING = { connect: true, deny: [], qosMinus1: true, retain: true, maxQos: 2 } as const;

/** Each may use its own topics; in the clear by its address, with an identity by that. */
function rules(some: Partial<AccessRule> = {}): AccessSettings {
  const own = { ...NOTHING, publish: ['pub/%c/#'], subscribe: ['sub/%c/#', 'news'], ...some };
  return {
    rules: [
      { name: 'in the clear', host: ['198.51.100.0/24'], identified: false, ...own },
      { name: 'proven', identity: ['m*', 'v*'], ...own },
    ],
    default: 'deny',
    clientIdFromIdentity: 'require',
    clientIdPattern: '%i',
  };
}

const PREDEFINED = { '*': { 1: 'sub/v/1', 2: 'sub/m/2' }, v: { 3: 'sub/v/3' }, m: { 4: 'sub/v/4', 5: 'sub/m/5' } };

/** Somebody with a right of its own, who is the client `m` and wants what is of the client `v`. */
const THIEVES: Readonly<Record<string, (world: AttackWorld) => Person>> = {
  'in the clear': (world) => world.plain('198.51.100.9:1'),
  'with DTLS': (world) => world.dtls('m', '192.0.2.9:1'),
  'behind a forwarder': (world) => world.plain('198.51.100.9:2', 'aa'),
};

let world: AttackWorld;
let thief: Person;

function begin(mode: Mode, who: string, access = rules()): void {
  world = new AttackWorld({ mode, predefined: PREDEFINED, settings: { access } });
  thief = (THIEVES[who] as (of: AttackWorld) => Person)(world);
  world.publish('sub/v/retained', 'secret', true);
  world.publish('sub/m/retained', 'mine', true);
  expect(thief.say(connectFrame('m', false, 1_000))).toEqual(['CONNACK 0']);
}

/** Everything of the client v that somebody might hear, and something that is the thief's. */
function publishAll(): void {
  for (const topic of ['sub/v/1', 'sub/v/3', 'sub/v/4', 'sub/v/x', 'sv', 'other']) {
    world.publish(topic, 'secret');
    world.publish(topic, 'secret', true);
  }
  world.publish('sub/m/2', 'mine');
}

const EACH = MODES.flatMap((mode) => Object.keys(THIEVES).map((who) => [mode, who] as const));

describe.each(EACH)('what another client reads, %s, for a thief %s (I-118, I-119)', (mode, who) => {
  beforeEach(() => begin(mode, who));

  it.each([
    ['everything', '#'],
    ['a level', '+/+/+'],
    ['its subtree, in a wider one', 'sub/#'],
    ['any client', 'sub/+/#'],
  ])('does not come by a wildcard, retained or not: %s', (_what, filter) => {
    expect(thief.say(frame('12 20 0001', filter))[0]).toBe('SUBACK 0');
    publishAll();
    expect(new Set(thief.payloads)).toEqual(new Set(['mine']));
  });

  it.each([
    ['by its name', frame('12 20 0001', 'sub/v/x')],
    ['by its subtree', frame('12 20 0001', 'sub/v/#')],
    ['as a member of a group', frame('12 20 0001', '$share/g/sub/#')],
    ['as a member of a group for everything', frame('12 20 0001', '$share/g/#')],
    ['by a pre-defined id that all have', frame('12 21 0001 0001')],
    ['by a pre-defined id of its own', frame('12 21 0001 0004')],
    ['by a short name', frame('12 22 0001', 'sv')],
  ])('is refused, and does not come: %s', (_what, subscribe) => {
    expect(thief.say(subscribe)).toEqual(['SUBACK 3']);
    publishAll();
    expect(thief.payloads).toEqual([]);
    expect(world.core.session('m')?.topicIds).toEqual([]);
  });

  it('does not come by the pre-defined id that another one has, nor by what is left of a wider rule', () => {
    expect(thief.say(frame('12 21 0001 0003'))).toEqual(['SUBACK 2']);
    world.change({ access: rules({ subscribe: ['#'] }) });
    expect(thief.say(frame('12 20 0002', '#'))[0]).toBe('SUBACK 0');
    world.change({ access: rules() });
    const before = thief.heard.length;
    publishAll();
    expect(thief.heard.slice(before).some((message) => message.type === 'PUBLISH')).toBe(true);
    expect(new Set(thief.payloads.slice(-1))).toEqual(new Set(['mine']));
    world.restart();
    thief.shakeHands();
    expect(thief.say(connectFrame('m', false, 1_000))).toContain('CONNACK 0');
    const known = thief.payloads.length;
    publishAll();
    expect(new Set(thief.payloads.slice(known))).toEqual(new Set(['mine']));
  });

  it('waits for no sleeper that may not read it', () => {
    thief.say(frame('12 20 0001', '#'));
    thief.say(frame('18 0e10'));
    publishAll();
    expect(world.core.session('m')?.waiting).toBeLessThanOrEqual(1);
    expect(thief.say(frame('16', 'm')).at(-1)).toBe('PINGRESP');
    expect(new Set(thief.payloads)).toEqual(new Set(['mine']));
  });

  it('is of no use as the topic of a will, a publish or QoS −1', () => {
    const published = (): string[] => world.broker.published.filter((each) => each.includes('forged'));
    for (const [hex, answer] of [
      [frame('0a 0000 0001', 'pub/v/x'), ['REGACK 3']],
      [frame('0c 22 7376 0002', 'forged'), ['PUBACK 3']],
      [frame('0c 21 0001 0003', 'forged'), ['PUBACK 3']],
      [frame('0c 21 0003 0004', 'forged'), ['PUBACK 2']],
      [frame('0c 62 7376 0000', 'forged'), []],
      [frame('0c 61 0001 0000', 'forged'), []],
      [frame('1a 00', 'pub/v/x'), ['WILLTOPICRESP 3']],
      [frame('1a 10', 'pub/v/x'), ['WILLTOPICRESP 3']],
    ] as const) {
      expect(thief.say(hex)).toEqual(answer);
    }
    thief.say(frame('18'));
    thief.say(frame('04 08 01 0001', 'm'));
    expect(thief.say(frame('07 10', 'pub/v/x'))).toEqual(['CONNACK 3']);
    thief.say(frame('09', 'forged'));
    world.pass(60_000);
    expect(published()).toEqual([]);
    thief.say(frame('04 08 01 0001', 'm'));
    thief.say(frame('07 00', 'pub/m/x'));
    expect(thief.say(frame('09', 'own'))).toEqual(['CONNACK 0']);
    world.pass(60_000);
    expect(world.broker.published).toContain('pub/m/x own'); // what is granted goes
  });

  it.each(['#', '+', 'v/#', 'v', 'm/../v', '$SYS', ''])(
    'is not had by calling oneself "%s" (I-121, I-123)',
    (clientId) => {
      const other = who === 'with DTLS' ? world.dtls('m', '192.0.2.9:5') : world.plain('198.51.100.9:5');
      const [answer] = other.say(connectFrame(clientId, true, 1_000));
      if (who === 'with DTLS' || clientId === '') {
        expect(answer).toBe('CONNACK 3');
      }
      other.say(frame('12 20 0001', '#'));
      if (clientId !== 'v') {
        publishAll(); // in the clear one may be v: nothing proves who it is
        world.publish('sub/v/#', 'secret');
        expect(other.payloads.filter((payload) => payload === 'secret')).toEqual([]);
      }
      expect(other.say(frame('0a 0000 0001', 'pub/v/x'))).not.toContain(clientId === 'v' ? 'none' : 'REGACK 0');
    },
  );
});
