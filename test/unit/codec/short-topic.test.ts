import { describe, expect, it } from '@jest/globals';
import { shortTopicId, shortTopicName } from '../../../src/codec/short-topic.ts';

describe('short topic name (§6.7)', () => {
  it.each([
    ['tp', 0x7470],
    ['é', 0xc3a9],
    ['+/', 0x2b2f],
    ['\x01\x7f', 0x017f],
  ])('%j stands in TopicId %i', (name, topicId) => {
    expect(shortTopicName(topicId)).toBe(name);
    expect(shortTopicId(name)).toBe(topicId);
  });

  it.each([0x0000, 0x0061, 0x6100, 0xffff, 0xc328, 0x61c3, 0x8080, 0xc080])('TopicId %i holds no name', (topicId) => {
    expect(shortTopicName(topicId)).toBeUndefined();
  });

  it.each(['', 'a', 'abc', 'éa', 'éé', '€', '😀', 'a\0', '\0a'])('%j has no place in a TopicId', (name) => {
    expect(shortTopicId(name)).toBeUndefined();
  });

  it('every TopicId that holds a name is the id of that name', () => {
    let names = 0;
    for (let topicId = 0; topicId <= 0xffff; topicId++) {
      const name = shortTopicName(topicId);
      if (name === undefined) {
        continue;
      }
      names++;
      if (shortTopicId(name) !== topicId) {
        throw new Error(`${topicId} became ${shortTopicId(name)}`);
      }
    }
    expect(names).toBe(127 * 127 + 30 * 64); // two octets of ASCII, or one character of two octets
  });
});
