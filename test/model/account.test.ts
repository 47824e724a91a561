import { beforeEach, describe, expect, it } from '@jest/globals';
import { Account, type AccountRules, type Expectation, type Sent } from './account.ts';
import type { Arrival } from './sn-inbox.ts';
import { matches, type Qos } from './topics.ts';

const STRICT: AccountRules = {
  ...{ rough: false, copies: false, sameQos: false },
  excuses: { copies: (payload) => (payload === 'brokers' ? 1 : 0), withheld: (_, by) => by.includes('withheld') },
};
const DUE: Expectation = { is: 'due', qos: 1 };

let sent: Map<string, Sent>;

beforeEach(() => {
  sent = new Map();
});

function sends(payload: string, qos: Qos = 1, topic = 't'): Sent {
  const message = { payload, publisher: 'p', place: sent.size + 1, topic, qos };
  sent.set(payload, message);
  return message;
}

function arrival(payload: string, more: Partial<Arrival> = {}): Arrival {
  return { topic: 't', payload, qos: 1, retain: false, dup: false, ...more };
}

/** An account of one message `m` with what came of it. */
function judged(client: readonly Arrival[], twin: readonly Arrival[], expectation = DUE, rules = STRICT): string[] {
  const account = new Account(sent, rules);
  account.expects(sends('m'), expectation);
  for (const one of twin) {
    account.twinGot(one);
  }
  for (const one of client) {
    account.clientGot(one);
  }
  return account.judge().map((line) => line.split(':')[0] ?? '');
}

describe('the account of a client and its twin', () => {
  it('balances when both got what was due', () => {
    expect(judged([arrival('m')], [arrival('m')])).toEqual([]);
  });

  it('tells what only the twin got, and what nobody got', () => {
    expect(judged([], [arrival('m')])).toEqual(['lost']);
    expect(judged([], [])).toEqual(['the twin lacks "m" on t, QoS 1, for it due with 1', 'lost']);
  });

  it('tells what was not due, another QoS, a wrong topic, a second copy and what nobody sent', () => {
    expect(judged([arrival('m')], [], { is: 'not-due', qos: 0 })).toEqual(['more']);
    expect(judged([arrival('m', { qos: 0 })], [arrival('m')])).toEqual(['QoS']);
    expect(judged([arrival('m', { topic: 'u' })], [arrival('m')])).toHaveLength(1);
    expect(judged([arrival('m'), arrival('m')], [arrival('m')])).toEqual(['again']);
    expect(judged([arrival('m'), arrival('m', { dup: true })], [arrival('m')])).toEqual([]);
    expect(judged([arrival('m'), arrival('x')], [arrival('m')])).toEqual(['unknown']);
  });

  it('leaves open what a change overlaps', () => {
    const open: Expectation = { is: 'open', qos: 1 };
    expect(judged([], [arrival('m')], open)).toEqual([]);
    expect(judged([arrival('m')], [], open)).toEqual([]);
    expect(judged([arrival('m'), arrival('m')], [arrival('m')], open)).toEqual(['again']);
    expect(judged([arrival('m'), arrival('m')], [arrival('m')], open, { ...STRICT, copies: true })).toEqual([]);
  });

  it('tells what is retained at one of both only, and empty messages', () => {
    const old = arrival('old', { retain: true });
    const empty = arrival('');
    const rest = arrival('m');
    expect(judged([rest], [rest, old])).toEqual(['lost as retained']);
    expect(judged([rest, old], [rest])).toEqual(['more than its twin']);
    expect(judged([rest, empty], [rest])).toEqual(['more than its twin']);
    expect(judged([rest], [rest, empty])).toEqual(['lost']);
  });

  it('tells first arrivals out of order, and one that comes late', () => {
    const account = new Account(sent, STRICT);
    const [one, two, three] = [sends('1'), sends('2'), sends('3')];
    for (const message of [one, two]) {
      account.expects(message, DUE);
      account.twinGot(arrival(message.payload));
    }
    account.clientGot(arrival('2'));
    account.clientGot(arrival('1'));
    account.expects(three, { is: 'not-due', qos: 0 });
    expect(account.judge()).toEqual(['order: 1 came after 2 on t (QoS 1)']);
    account.clientGot(arrival('3'));
    expect(account.judge()).toHaveLength(1);
  });

  it('forgives what may happen where lives end', () => {
    const rough = { ...STRICT, rough: true };
    expect(judged([arrival('m'), arrival('m')], [], DUE, rough)).toEqual([]);
    expect(judged([], [arrival('m')], { is: 'as-twin', qos: 1 }, rough)).toEqual(['lost']);
    expect(judged([], [], { is: 'as-twin', qos: 1 }, rough)).toEqual([]);
    expect(judged([], [arrival('m', { qos: 0 })], { is: 'due', qos: 0 }, rough)).toEqual([]);
  });

  it('forgives what the broker itself did wrong, and no more', () => {
    const rough = { ...STRICT, rough: true };
    const withheld: Expectation = { ...DUE, by: ['withheld'] };
    expect(judged([], [arrival('m')], withheld, rough)).toEqual([]);
    expect(judged([], [arrival('m')], { ...DUE, by: ['a'] }, rough)).toEqual(['lost']);
    expect(judged([], [arrival('m')], withheld)).toEqual(['lost']);
    const account = new Account(sent, rough);
    account.expects(sends('brokers', 2), { is: 'due', qos: 2 });
    for (let n = 0; n < 3; n += 1) {
      account.clientGot(arrival('brokers', { qos: 2, dup: n > 0 }));
    }
    expect(account.judge()).toHaveLength(1);
  });
});

describe('the naive matcher', () => {
  it.each([
    ['#', 'a/b', true],
    ['a/#', 'a', true],
    ['+', '', true],
    ['+/+', '/', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['#', '$dev/a', false],
    ['+/a', '$dev/a', false],
    ['$dev/#', '$dev/a', true],
  ])('%s and %s: %s', (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });
});
