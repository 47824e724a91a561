import { describe, expect, it } from '@jest/globals';
import { type RegisteredTopic, TopicRegistry } from '../../../src/core/topics/topic-registry.ts';

/** A topic as procedures see it. */
const shown = (topic: RegisteredTopic | undefined) =>
  topic && { topicId: topic.topicId, topicName: topic.topicName, known: topic.known, refused: topic.refused };

describe('topic registry (R-10 to R-13)', () => {
  it('assigns 1, 2, 3 …, and the same id for the same name (R-1, R-2)', () => {
    const registry = new TopicRegistry(256, 0);
    expect(['a', 'b', 'a', 'c'].map((name) => registry.register(name)?.topicId)).toEqual([1, 2, 1, 3]);
  });

  it('finds by id and by name, nothing for what is unknown', () => {
    const registry = new TopicRegistry(256, 0);
    const topic = registry.register('a');
    expect(registry.byId(1)).toBe(topic);
    expect(registry.byName('a')).toBe(topic);
    expect(registry.byId(2)).toBeUndefined();
    expect(registry.byId(0)).toBeUndefined();
    expect(registry.byId(0xffff)).toBeUndefined();
    expect(registry.byName('b')).toBeUndefined();
  });

  it('starts above what it is told (T-16)', () => {
    expect(new TopicRegistry(256, 10).register('a')?.topicId).toBe(11);
  });

  it('a full table gives nothing for new names, known names still their id (R-10)', () => {
    const registry = new TopicRegistry(2, 0);
    registry.register('a');
    registry.register('b');
    expect(registry.register('c')).toBeUndefined();
    expect(registry.register('b')?.topicId).toBe(2);
  });

  it('never assigns 0x0000 or 0xFFFF: behind 0xFFFE comes 1 (§5.3.11)', () => {
    const registry = new TopicRegistry(256, 0xfffd);
    expect(['a', 'b', 'c'].map((name) => registry.register(name)?.topicId)).toEqual([0xfffe, 1, 2]);
    expect(new TopicRegistry(256, 0xfffe).register('a')?.topicId).toBe(1);
  });

  it('assigns each of the 65,534 ids once, then no more', () => {
    const registry = new TopicRegistry(100_000, 40_000);
    const ids = new Set<number | undefined>();
    for (let i = 0; i < 65_534; i++) {
      ids.add(registry.register(`t/${i}`)?.topicId);
    }
    expect(ids.size).toBe(65_534);
    expect([ids.has(undefined), ids.has(0), ids.has(0xffff)]).toEqual([false, false, false]);
    expect(registry.register('one more')).toBeUndefined();
  });

  it('a new topic is neither known to the client nor refused (R-12)', () => {
    expect(shown(new TopicRegistry(256, 0).register('a'))).toEqual({
      topicId: 1,
      topicName: 'a',
      known: false,
      refused: false,
    });
  });

  it('forgetKnown keeps the table, clears the marks and what was refused (R-11, T-38)', () => {
    const registry = new TopicRegistry(256, 0);
    const [a, b] = [registry.register('a'), registry.register('b')];
    if (a) {
      a.known = true;
    }
    if (b) {
      b.refused = true;
    }
    registry.forgetKnown();
    expect([registry.byId(1), registry.byId(2)].map(shown)).toEqual([
      { topicId: 1, topicName: 'a', known: false, refused: false },
      { topicId: 2, topicName: 'b', known: false, refused: false },
    ]);
  });

  it('clear empties the table; ids go on upwards, for a later session too (S-4, R-13)', () => {
    const registry = new TopicRegistry(2, 0);
    registry.register('a');
    registry.register('b');
    registry.clear();
    expect([registry.byId(1), registry.byName('b')]).toEqual([undefined, undefined]);
    expect(registry.nextId).toBe(3);
    expect(registry.register('a')?.topicId).toBe(3);
  });

  it('is shown by id, in whatever order the store gave it back', () => {
    const registry = new TopicRegistry(256, 0);
    for (const topicId of [1, 10, 2]) {
      registry.restoreTopic({ topicId, topicName: `t${topicId}`, knownIn: 0 });
    }
    expect(registry.entries().map(({ topicId }) => topicId)).toEqual([1, 2, 10]);
  });
});
