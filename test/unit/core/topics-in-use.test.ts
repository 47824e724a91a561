import { describe, expect, it } from '@jest/globals';
import { PredefinedTopics } from '../../../src/core/topics/predefined-topics.ts';
import { ShortTopics } from '../../../src/core/topics/short-topics.ts';

const TABLE = new Map([
  ['*', new Map([[1, 'common/1']])],
  [
    's1',
    new Map([
      [1, 'own/1'],
      [2, 'own/2'],
    ]),
  ],
]);

describe('pre-defined topic ids in use', () => {
  it("are each entry of the table, with who used it last: the client's own one before the common one", () => {
    const topics = new PredefinedTopics(TABLE, 'strict');
    topics.used('s1', 1, 's1', 5);
    topics.used('s2', 1, 's2', 6);
    topics.used(undefined, 1, 'udp:192.0.2.7:4711', 7);
    topics.used('s1', 99, 's1', 8);
    expect([...topics.all()]).toEqual([
      { clientId: '*', topicId: 1, topicName: 'common/1', usedBy: 'udp:192.0.2.7:4711', usedAt: 7 },
      { clientId: 's1', topicId: 1, topicName: 'own/1', usedBy: 's1', usedAt: 5 },
      { clientId: 's1', topicId: 2, topicName: 'own/2', usedBy: undefined, usedAt: undefined },
    ]);
  });
});

describe('short topic names in use', () => {
  it('are each one with who used it last', () => {
    const topics = new ShortTopics();
    topics.used(0x6162, 'ab', 's1', 1);
    topics.used(0x6163, 'ac', 's1', 2);
    topics.used(0x6162, 'ab', 's2', 3);
    expect([...topics.all()]).toEqual([
      { topicName: 'ab', usedBy: 's2', usedAt: 3 },
      { topicName: 'ac', usedBy: 's1', usedAt: 2 },
    ]);
  });

  it('are a thousand at most, however many come; one that is used again and again stays', () => {
    const topics = new ShortTopics();
    for (let id = 1; id <= 20_000; id++) {
      topics.used(id, `#${id}`, 'flood', id);
      topics.used(0, 'mine', 's1', id);
    }
    const all = [...topics.all()];
    expect(all.length).toBeLessThanOrEqual(1_000);
    expect(new Set(all.map(({ topicName }) => topicName)).size).toBe(all.length);
    expect(all).toContainEqual({ topicName: 'mine', usedBy: 's1', usedAt: 20_000 });
    expect(all.map(({ topicName }) => topicName)).toContain('#20000');
  });
});
