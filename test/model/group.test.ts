import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountRules, Sent } from './account.ts';
import { Group } from './group.ts';
import type { Arrival } from './sn-inbox.ts';
import type { Qos } from './topics.ts';

const FILTER = '$share/g/s/#';
const STRICT: AccountRules = {
  ...{ rough: false, copies: false, sameQos: false },
  excuses: { copies: () => 0, withheld: (payload) => payload === 'withheld' },
};

let group: Group;

beforeEach(() => {
  group = withMembers(STRICT);
});

function withMembers(rules: AccountRules): Group {
  const made = new Group(FILTER, rules);
  made.joins('a', 2);
  made.joins('b', 1);
  made.beginsMessages();
  return made;
}

function message(payload: string, qos: Qos = 2, topic = 's/1'): Sent {
  return { payload, publisher: 'p', place: 1, topic, qos };
}

function arrival(payload: string, more: Partial<Arrival> = {}): Arrival {
  return { topic: 's/1', payload, qos: 2, retain: false, dup: false, ...more };
}

describe('the account of a shared subscription', () => {
  it('balances where each message came to one member, with its QoS', () => {
    for (const payload of ['1', '2']) {
      group.expects(message(payload), true);
    }
    group.expects(message('elsewhere', 2, 'x'), true);
    group.got('a', arrival('1'));
    group.got('b', arrival('2', { qos: 1 }));
    expect(group.judge()).toEqual([]);
    expect(group.delivered).toBe(2);
  });

  it('tells what came to nobody, twice, with another QoS, on another topic, as retained, or is of no group', () => {
    for (const payload of ['none', 'twice', 'QoS', 'topic', 'retained']) {
      group.expects(message(payload), true);
    }
    for (const one of [arrival('twice'), arrival('topic', { topic: 's/2' }), arrival('retained', { retain: true })]) {
      group.got('a', one);
    }
    group.got('b', arrival('twice', { qos: 1 }));
    group.got('b', arrival('QoS', { qos: 2 }));
    group.got('b', arrival('nothing'));
    expect(group.judge().map((line) => line.slice(FILTER.length + 2))).toEqual([
      expect.stringMatching(/^retained: a got "retained"/),
      expect.stringMatching(/^lost: "none"/),
      expect.stringMatching(/^again: "twice" .* came to a,b/),
      expect.stringMatching(/^"topic" came on s\/2/),
      expect.stringMatching(/^QoS: "QoS" came to b with QoS 2 instead of 1/),
      expect.stringMatching(/^more: "nothing"/),
    ]);
  });

  it('leaves open what comes while there is no member yet, and QoS 0', () => {
    const empty = new Group(FILTER, STRICT);
    empty.beginsMessages();
    empty.expects(message('before'), true);
    empty.joins('a', 2);
    empty.expects(message('meanwhile'), true);
    expect(empty.judge()).toEqual([]);
    empty.got('a', arrival('before'));
    expect(empty.judge()).toHaveLength(1);
    group.expects(message('QoS 0', 0), true);
    expect(group.judge()).toEqual([]);
  });

  it('forgives where lives end what may happen then', () => {
    const rough = withMembers({ ...STRICT, rough: true });
    rough.expects(message('again', 1), true);
    rough.expects(message('withheld'), true);
    rough.expects(message('unsafe'), false);
    rough.got('a', arrival('again', { qos: 1 }));
    rough.got('b', arrival('again', { qos: 1 }));
    expect(rough.judge()).toEqual([]);
  });

  it('forgives a second copy of QoS 2 only where the first one had a lower QoS, and lives end', () => {
    for (const [rules, first, lines] of [
      [{ ...STRICT, rough: true }, 1, 0],
      [{ ...STRICT, rough: true }, 0, 0],
      [{ ...STRICT, rough: true }, 2, 1],
      [STRICT, 1, 1],
    ] as const) {
      const group = new Group(FILTER, rules);
      group.joins('low', first);
      group.joins('b', 2);
      group.beginsMessages();
      group.expects(message('given', 2), true);
      group.got('low', arrival('given', { qos: first }));
      group.got('b', arrival('given', { qos: 2 }));
      expect(group.judge()).toHaveLength(lines);
    }
  });
});
