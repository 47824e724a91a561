import { describe, expect, it } from '@jest/globals';
import { topicMatches, topicProblem } from '../../../../src/http/page/model/topic-match.ts';

describe('whether a client gets what is published', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/+', 'a', false],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['#', 'a', true],
    ['+', '/a', false],
    ['/+', '/a', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
  ])('%s takes %s: %s', (filter, topic, does) => {
    expect(topicMatches(filter, topic)).toBe(does);
  });
});

describe('a topic to publish to', () => {
  it('is there, and has no wildcard', () => {
    expect(topicProblem('a/b')).toBeUndefined();
    expect(topicProblem('')).toMatch(/missing/);
    expect(topicProblem('a/#')).toMatch(/no \+ and no #/);
    expect(topicProblem('a/+/b')).toMatch(/no \+ and no #/);
    expect(topicProblem('a\0b')).toMatch(/U\+0000/);
  });
});
