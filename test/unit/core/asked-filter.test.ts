import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Qos } from '../../../src/codec/message.ts';
import type { Askers } from '../../../src/core/aggregate/asked-filter.ts';
import { Member } from '../../../src/core/aggregate/member.ts';
import { SharedFilter } from '../../../src/core/aggregate/shared-filter.ts';
import { SmallMap } from '../../../src/core/topics/small-map.ts';

const MEMBERS = ['a', 'b', 'c'].map((clientId) => new Member(clientId));

/** By the numbers of clients, with the QoS of each. */
function askersAs(asked: readonly (readonly [number, number])[]): Askers {
  const askers: Askers = new SmallMap();
  for (const [who, qos] of asked) {
    askers.set(memberAt(who), qos as Qos);
  }
  return askers;
}

function memberAt(who: number): Member {
  return MEMBERS[who] ?? new Member('');
}

function shown(askers: { keys(): Iterable<Member>; get(member: Member): Qos | undefined }): unknown {
  return [...askers.keys()].map((member) => [member.clientId, askers.get(member)]);
}

const who = fc.nat(MEMBERS.length - 1);
const qos = fc.nat(2);
const generation = fc.nat(2);

const operation = fc.oneof(
  fc.record({ op: fc.constant('next' as const), asked: fc.array(fc.tuple(who, qos), { maxLength: 2 }) }),
  fc.record({ op: fc.constant('add' as const), generation, who, qos }),
  fc.record({ op: fc.constant('forget' as const), generation }),
  fc.record({ op: fc.constant('forgetAsker' as const), who }),
  fc.record({ op: fc.constant('forgetAsks' as const), who }),
);

describe('who asked with which SUBSCRIBE (3.7 item 2)', () => {
  it('is what maps of maps would say, in their order', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const filter = new SharedFilter('a', 1);
        const model = new Map<number, Map<Member, Qos>>();
        for (const each of operations) {
          if (each.op === 'next') {
            const askers = askersAs(each.asked);
            filter.nextGeneration(askers);
            model.delete(filter.generation);
            model.set(filter.generation, new Map([...askers.keys()].map((one) => [one, askers.get(one) ?? 0])));
          } else if (each.op === 'add') {
            filter.addAsker(each.generation, memberAt(each.who), each.qos as Qos);
            const askers = model.get(each.generation) ?? new Map<Member, Qos>();
            model.set(each.generation, askers.set(memberAt(each.who), each.qos as Qos));
          } else if (each.op === 'forget') {
            filter.forgetAskers(each.generation);
            model.delete(each.generation);
          } else if (each.op === 'forgetAsker') {
            filter.forgetAsker(memberAt(each.who));
            model.get(filter.generation)?.delete(memberAt(each.who));
          } else {
            filter.forgetAsks(memberAt(each.who));
            model.forEach((askers) => {
              askers.delete(memberAt(each.who));
            });
          }
          const known = filter.generations.map((number) => [number, shown(filter.askersOf(number))]);
          expect(known).toEqual([...model].map(([number, askers]) => [number, shown(askers)]));
          expect([0, 1, 2, 3].every((number) => filter.askersOf(number).size === (model.get(number)?.size ?? 0))).toBe(
            true,
          );
        }
      }),
      { numRuns: 100 },
    );
  });
});
