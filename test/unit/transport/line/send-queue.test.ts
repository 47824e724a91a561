import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Broadcast, Send, TransportEffect } from '../../../../src/ports/transport.ts';
import { laneOf, SendQueue, type SendQueueLimits } from '../../../../src/transport/line/send-queue.ts';
import { rounds } from '../../../support/rounds.ts';

type Precedence = NonNullable<Send['precedence']>;

const ROOMY: SendQueueLimits = { frames: 1_000, octets: 1_000_000 };

/** A frame to a node; its text is what the tests tell it by. */
function send(node: string, text: string, precedence?: Precedence): Send {
  return {
    type: 'send',
    transport: 'xbee',
    link: `xbee:${node}`,
    frame: new TextEncoder().encode(text),
    ...(precedence && { precedence }),
  };
}

const answer = (node: string, text: string): Send => send(node, text, 'answer');
const last = (node: string, text: string): Send => send(node, text, 'last');
const publish = (node: string, text: string): Send => send(node, text, 'publish');
const broadcast = (text: string): Broadcast => ({
  type: 'broadcast',
  transport: 'xbee',
  frame: new TextEncoder().encode(text),
  radius: 0,
});

const textOf = (effect: TransportEffect | undefined): string | undefined =>
  effect && new TextDecoder().decode(effect.frame);

function queueOf(effects: readonly TransportEffect[], limits = ROOMY): SendQueue {
  const queue = new SendQueue(limits);
  for (const effect of effects) {
    queue.push(effect);
  }
  return queue;
}

/** Takes everything that may go, in the order in which it goes. */
function takeAll(queue: SendQueue, mayGo?: (lane: string) => boolean): string[] {
  const texts: string[] = [];
  for (let effect = queue.take(mayGo); effect !== undefined; effect = queue.take(mayGo)) {
    texts.push(textOf(effect) ?? '');
  }
  return texts;
}

describe('over all nodes', () => {
  it('answers go before publishes', () => {
    const queue = queueOf([
      publish('a', 'a1'),
      publish('b', 'b1'),
      answer('c', 'c!'),
      publish('c', 'c1'),
      answer('b', 'b!'),
    ]);
    const order = takeAll(queue);
    expect(order.slice(0, 2).toSorted()).toEqual(['b!', 'c!']);
    expect(order.slice(2).toSorted()).toEqual(['a1', 'b1', 'c1']);
  });

  it('what has no precedence is an answer, and so is a broadcast', () => {
    const queue = queueOf([publish('a', 'a1'), send('b', 'b!'), broadcast('advertise')]);
    expect(takeAll(queue)).toEqual(['b!', 'advertise', 'a1']);
  });

  it('every node with publishes gets its turn', () => {
    const queue = queueOf(['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((text) => publish(text.slice(0, 1), text)));
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('every node with answers gets its turn', () => {
    const queue = queueOf(['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((text) => answer(text.slice(0, 1), text)));
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('a node that was quiet has its turn before one of which much still waits', () => {
    const queue = queueOf(['a1', 'a2', 'a3'].map((text) => publish('a', text)));
    queue.take();
    queue.take();
    queue.push(publish('b', 'b1'));
    queue.push(publish('a', 'a4'));
    expect(takeAll(queue)).toEqual(['a3', 'b1', 'a4']);
  });
});

describe('to one node', () => {
  it('answers overtake publishes, in their own order', () => {
    const queue = queueOf([publish('a', 'a1'), answer('a', 'puback'), publish('a', 'a2'), answer('a', 'suback')]);
    expect(takeAll(queue)).toEqual(['puback', 'suback', 'a1', 'a2']);
  });

  it('the last frame of a conversation neither overtakes what was before it, nor is it overtaken', () => {
    const queue = queueOf([
      publish('a', 'a1'),
      last('a', 'pingresp'),
      publish('a', 'a2'),
      answer('a', 'puback'),
      answer('a', 'suback'),
    ]);
    expect(takeAll(queue)).toEqual(['a1', 'pingresp', 'puback', 'suback', 'a2']);
    expect(takeAll(queueOf([answer('a', 'puback'), last('a', 'disconnect'), answer('a', 'connack')]))).toEqual([
      'puback',
      'disconnect',
      'connack',
    ]);
  });

  it('an answer still overtakes the publishes before a last frame that comes later', () => {
    const queue = queueOf([publish('a', 'a1'), answer('a', 'puback'), last('a', 'pingresp')]);
    expect(takeAll(queue)).toEqual(['puback', 'a1', 'pingresp']);
  });

  it('the last frame is urgent where no publish is before it', () => {
    const queue = queueOf([publish('a', 'a1'), publish('b', 'b1'), last('b', 'pingresp b'), last('c', 'pingresp c')]);
    expect(takeAll(queue)).toEqual(['pingresp c', 'a1', 'b1', 'pingresp b']);
  });

  it('the last frame becomes urgent when the publish before it has gone', () => {
    const queue = queueOf([publish('a', 'a1'), last('a', 'pingresp'), publish('b', 'b1'), publish('b', 'b2')]);
    expect(takeAll(queue)).toEqual(['a1', 'pingresp', 'b1', 'b2']);
  });
});

describe('a node that may not be sent to now', () => {
  it('keeps what is for it, and holds up nobody', () => {
    const queue = queueOf([answer('a', 'a!'), publish('a', 'a1'), publish('b', 'b1'), answer('c', 'c!')]);
    expect(takeAll(queue, (lane) => lane !== 'xbee:a')).toEqual(['c!', 'b1']);
    expect(queue.length).toBe(2);
    expect(takeAll(queue)).toEqual(['a!', 'a1']);
  });

  it('does not lose its turn', () => {
    const queue = queueOf(['a1', 'b1', 'a2', 'b2'].map((text) => publish(text.slice(0, 1), text)));
    expect(textOf(queue.take((lane) => lane !== 'xbee:a'))).toBe('b1');
    expect(takeAll(queue)).toEqual(['a1', 'b2', 'a2']);
  });

  it('leaves nothing to take where it is every node', () => {
    const queue = queueOf([answer('a', 'a!'), publish('b', 'b1'), broadcast('advertise')]);
    expect(queue.take(() => false)).toBeUndefined();
    expect(queue.length).toBe(3);
  });

  it('is asked for by its link, the broadcasts as a lane of their own', () => {
    const asked = new Set<string>();
    queueOf([answer('a', 'a!'), publish('b', 'b1'), broadcast('advertise')]).take((lane) => {
      asked.add(lane);
      return false;
    });
    expect(asked).toEqual(new Set(['xbee:a', 'xbee:b', laneOf(broadcast(''))]));
  });
});

describe('a full queue', () => {
  const THREE: SendQueueLimits = { frames: 3, octets: 1_000 };

  it('drops the newest publish of the node of which most waits, for whatever comes', () => {
    const queue = queueOf([publish('a', 'a1'), publish('b', 'b1'), publish('b', 'b2')], THREE);
    expect(queue.push(answer('c', 'c!')).map(textOf)).toEqual(['b2']);
    expect(takeAll(queue)).toEqual(['c!', 'a1', 'b1']);
  });

  it('lets a publish of another node in', () => {
    const queue = queueOf([publish('b', 'b1'), publish('b', 'b2'), publish('b', 'b3')], THREE);
    expect(queue.push(publish('a', 'a1')).map(textOf)).toEqual(['b3']);
    expect(takeAll(queue)).toEqual(['b1', 'a1', 'b2']);
  });

  it('does not take one more publish for the node of which most waits', () => {
    const queue = queueOf([publish('a', 'a1'), publish('b', 'b1'), publish('b', 'b2')], THREE);
    expect(queue.push(publish('b', 'b3')).map(textOf)).toEqual(['b3']);
    expect(queue.length).toBe(3);
  });

  it('drops a publish, and not the last frame that stands behind it', () => {
    const queue = queueOf([publish('a', 'a1'), publish('a', 'a2'), last('a', 'pingresp')], THREE);
    expect(queue.push(answer('b', 'b!')).map(textOf)).toEqual(['a2']);
    expect(takeAll(queue)).toEqual(['b!', 'a1', 'pingresp']);
  });

  it('of answers and last frames alone does not take another', () => {
    const queue = queueOf([answer('a', 'a!'), last('a', 'pingresp'), broadcast('advertise')], THREE);
    expect(queue.push(answer('b', 'b!')).map(textOf)).toEqual(['b!']);
    expect(queue.push(last('c', 'pingresp')).map(textOf)).toEqual(['pingresp']);
    expect(queue.push(publish('d', 'd1')).map(textOf)).toEqual(['d1']);
    expect(takeAll(queue)).toEqual(['a!', 'advertise', 'pingresp']);
  });

  it('has room again when something has been taken', () => {
    const queue = queueOf([answer('a', 'a!'), answer('b', 'b!'), answer('c', 'c!')], THREE);
    queue.take();
    expect(queue.push(answer('d', 'd!'))).toEqual([]);
  });

  it('is full of octets, too', () => {
    const queue = queueOf([publish('a', '12345'), publish('b', '12345')], { frames: 10, octets: 12 });
    expect(queue.push(publish('a', 'abc')).map(textOf)).toEqual(['abc']);
    expect(queue.push(publish('a', 'ab'))).toEqual([]);
    queue.take();
    expect(queue.push(publish('a', '54321'))).toEqual([]);
  });

  it('holds no more octets than it may, also where what comes is larger than what makes room for it', () => {
    const queue = queueOf(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => publish('a', text)),
      { frames: 10, octets: 10 },
    );
    for (const node of ['b', 'c', 'd']) {
      queue.push(answer(node, '12345678'));
    }
    expect(takeAll(queue).join('').length).toBeLessThanOrEqual(10);
  });

  it('does not take a frame that is larger than the whole queue at the cost of others', () => {
    const queue = queueOf([publish('a', 'a1')], { frames: 10, octets: 10 });
    queue.push(answer('b', '12345678901'));
    expect(takeAll(queue).join('').length).toBeLessThanOrEqual(10);
  });
});

describe('a frame that is put back', () => {
  it('is the next of its node, whatever the limits', () => {
    const queue = queueOf([publish('a', 'a1'), publish('a', 'a2'), publish('b', 'b1')], { frames: 3, octets: 6 });
    const taken = queue.take();
    queue.push(publish('b', 'b2'));
    if (taken) {
      queue.putBack(taken);
    }
    expect(queue.length).toBe(4);
    expect(takeAll(queue).filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2']);
  });

  it('goes before the answers that have come since, where it is one', () => {
    const queue = queueOf([answer('a', 'first')]);
    const taken = queue.take();
    queue.push(answer('a', 'second'));
    if (taken) {
      queue.putBack(taken);
    }
    expect(takeAll(queue)).toEqual(['first', 'second']);
  });

  it('stays before the last frame where it is a publish', () => {
    const queue = queueOf([publish('a', 'a1'), last('a', 'pingresp')]);
    const taken = queue.take();
    queue.push(answer('a', 'puback'));
    if (taken) {
      queue.putBack(taken);
    }
    expect(takeAll(queue)).toEqual(['a1', 'pingresp', 'puback']);
  });

  it('lets in nothing more until there is room', () => {
    const queue = queueOf([answer('a', 'a1'), answer('b', 'b1')], { frames: 2, octets: 100 });
    const taken = queue.take();
    queue.push(answer('c', 'c1'));
    if (taken) {
      queue.putBack(taken);
    }
    expect(queue.push(answer('d', 'd1')).map(textOf)).toEqual(['d1']);
    expect(takeAll(queue).toSorted()).toEqual(['a1', 'b1', 'c1']);
  });
});

describe('a queue that is cleared', () => {
  it('has nothing, and all its room', () => {
    const queue = queueOf([publish('a', 'a1'), answer('b', 'b!')], { frames: 2, octets: 4 });
    queue.clear();
    expect([queue.length, queue.take()]).toEqual([0, undefined]);
    expect([publish('a', 'a1'), answer('b', 'b!')].flatMap((effect) => queue.push(effect))).toEqual([]);
  });
});

describe('whatever happens', () => {
  const FRAMES = 6;
  type Step =
    | { readonly do: 'push'; readonly effect: TransportEffect }
    | { readonly do: 'take'; readonly blocked: string }
    | { readonly do: 'putBack' };
  const node = fc.constantFrom('a', 'b', 'c');
  const effect = fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(node, fc.constantFrom<Precedence>('answer', 'last', 'publish', 'publish'))
        .map(([to, precedence]) => send(to, 'x', precedence)),
    },
    { weight: 1, arbitrary: fc.constant('x').map(broadcast) },
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: effect.map((pushed): Step => ({ do: 'push', effect: pushed })) },
    {
      weight: 4,
      arbitrary: fc.constantFrom('xbee:a', 'xbee:b', 'none').map((blocked): Step => ({ do: 'take', blocked })),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'putBack' }) },
  );
  const rankOf = (waiting: TransportEffect): Precedence =>
    waiting.type === 'send' ? (waiting.precedence ?? 'answer') : 'answer';

  /** Whether an urgent frame has to wait for publishes: its lane has some, and a last frame or one that was put back keeps them where they are. */
  function isHeldUp(
    effect: TransportEffect,
    waiting: ReadonlyMap<TransportEffect, number>,
    putBack: ReadonlySet<TransportEffect>,
  ): boolean {
    const lane = [...waiting.keys()].filter((other) => laneOf(other) === laneOf(effect));
    const keeps = lane.some((other) => rankOf(other) === 'last' || putBack.has(other));
    return rankOf(effect) !== 'publish' && keeps && lane.some((other) => rankOf(other) === 'publish');
  }

  it('nothing is lost but what is said to be dropped, nobody is overtaken who may not be, and the urgent ones go first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new SendQueue({ frames: FRAMES, octets: 1_000 });
        /** What waits, in the order of arrival; what is put back has not arrived anew. */
        const waiting = new Map<TransportEffect, number>();
        const putBack = new Set<TransportEffect>();
        let taken: TransportEffect | undefined;
        let takenArrival = 0;
        for (const [arrival, each] of steps.entries()) {
          if (each.do === 'push') {
            const effect = { ...each.effect };
            const allDropped = queue.push(effect);
            waiting.set(effect, arrival);
            for (const dropped of allDropped) {
              expect(dropped === effect || rankOf(dropped) === 'publish').toBe(true);
              expect(waiting.size).toBeGreaterThan(FRAMES);
              expect(waiting.delete(dropped)).toBe(true);
              putBack.delete(dropped);
            }
          } else if (each.do === 'take') {
            taken = queue.take((lane) => lane !== each.blocked);
            const open = [...waiting.keys()].filter((other) => laneOf(other) !== each.blocked);
            expect(taken === undefined).toBe(open.length === 0);
            if (taken === undefined) {
              continue;
            }
            expect(open).toContain(taken);
            if (rankOf(taken) === 'publish') {
              expect(open.filter((other) => isHeldUp(other, waiting, putBack))).toEqual(
                open.filter((other) => rankOf(other) !== 'publish'),
              );
            }
            takenArrival = waiting.get(taken) ?? 0;
            waiting.delete(taken);
            putBack.delete(taken);
            for (const [other, arrived] of waiting) {
              if (laneOf(other) !== laneOf(taken) || arrived > takenArrival) {
                continue;
              }
              expect([rankOf(taken), rankOf(other)]).toEqual(['answer', 'publish']);
            }
          } else if (taken !== undefined) {
            queue.putBack(taken);
            waiting.set(taken, takenArrival);
            putBack.add(taken);
            taken = undefined;
          }
          expect(queue.length).toBe(waiting.size);
          expect(queue.length).toBeLessThanOrEqual(FRAMES + steps.filter((other) => other.do === 'putBack').length);
        }
      }),
      { numRuns: rounds(600) },
    );
  });

  it('no node waits longer than for one publish of every other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(node, fc.boolean()), { minLength: 1, maxLength: 60 }), (steps) => {
        const queue = new SendQueue(ROOMY);
        const since = new Map<string, number>();
        for (const [to, isTaken] of steps) {
          queue.push(publish(to, 'x'));
          if (!since.has(`xbee:${to}`)) {
            since.set(`xbee:${to}`, 0);
          }
          const taken = isTaken ? queue.take() : undefined;
          if (taken === undefined) {
            continue;
          }
          for (const [lane, turns] of since) {
            since.set(lane, turns + 1);
          }
          since.delete(laneOf(taken));
          const isLeft = takeable(queue, laneOf(taken));
          if (isLeft) {
            since.set(laneOf(taken), 0);
          }
          expect(Math.max(0, ...since.values())).toBeLessThan(3);
        }
      }),
      { numRuns: rounds(400) },
    );
  });

  /** Whether something waits for a lane. Leaves the queue as it is. */
  function takeable(queue: SendQueue, lane: string): boolean {
    let isThere = false;
    queue.take((each) => {
      isThere ||= each === lane;
      return false;
    });
    return isThere;
  }
});
