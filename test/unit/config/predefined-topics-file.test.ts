import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parsePredefinedTopics } from '../../../src/config/predefined-topics-file.ts';
import { formatProblem } from '../../../src/config/problem.ts';

function read(name: string) {
  const text = readFileSync(new URL(`../../../fixtures/config/topics/${name}`, import.meta.url), 'utf8');
  const { topics, problems } = parsePredefinedTopics(text, name);
  const plain = Object.fromEntries([...topics].map(([clientId, ids]) => [clientId, Object.fromEntries(ids)]));
  return { topics: plain, lines: problems.map(formatProblem) };
}

describe('a file with pre-defined topic ids (§6.7)', () => {
  it('is a map of client ids to ids and names', () => {
    expect(read('own-form.yaml')).toEqual({
      topics: {
        '*': { 1: 'sensors/boiler/temperature', 2: '7' },
        'meter-7': { 1: 'meters/7/own', 10: 'meters/7/power' },
        '007': { 65534: 'last' },
      },
      lines: [],
    });
  });

  it('may be lines of client id, name and id with commas', () => {
    expect(read('commas.conf')).toEqual({
      topics: {
        '*': { 1: 'sensors/boiler/temperature', 2: 'sensors/boiler/pressure' },
        'meter-7': { 10: 'meters/7/power' },
        'sensor:1': { 3: 'a: b' },
      },
      lines: [],
    });
  });

  it('may be lines with semicolons, the client id left out for every client', () => {
    expect(read('semicolons.txt')).toEqual({
      topics: {
        'meter-7': { 10: 'meters/7/power' },
        '*': { 1: 'sensors/boiler,temperature', 2: 'sensors/boiler/pressure' },
      },
      lines: [],
    });
  });

  it('may have no topics', () => {
    expect(read('empty.yaml')).toEqual({ topics: {}, lines: [] });
    expect(parsePredefinedTopics('', 'empty')).toMatchObject({ topics: new Map(), problems: [] });
  });

  it('may be written in one line', () => {
    expect(parsePredefinedTopics('{"*": {1: a, 2: b}, x: {3: c}}', 'f').topics.get('x')?.get(3)).toBe('c');
    expect(parsePredefinedTopics('x: {1: a, 2: b, 3: c}', 'f').topics.get('x')?.size).toBe(3);
  });
});

describe('problems of a file with pre-defined topic ids', () => {
  it('are all listed with line and column, for YAML', () => {
    expect(read('wrong.yaml')).toEqual({
      topics: { '*': { 5: 'first', 6: 'again' } },
      lines: [
        'wrong.yaml:2:3: expected a topic id from 1 to 65534, found "0"',
        'wrong.yaml:3:3: expected a topic id from 1 to 65534, found "65535"',
        'wrong.yaml:4:6: a topic name must not contain the wildcards + or #',
        'wrong.yaml:5:3: a topic name must not be empty',
        'wrong.yaml:6:6: expected a topic name, found 7 (write it in quotes)',
        'wrong.yaml:7:3: expected a topic id from 1 to 65534, found "four"',
        'wrong.yaml:9:3: topic id 5 of every client is in line 8 already',
        'wrong.yaml:10:10: expected a map of topic ids to names for client "meter-7", found "meters/7/power"',
        'wrong.yaml:11:1: client "*" is in line 1 already',
      ],
    });
  });

  it.each([
    ['*:\n  1: a/b\n', 1],
    ['meter-7:\n  1: a\n* :  # every client\n  2: b\n', 3],
    ['*: {1: a}\n', 1],
    ['{*: {1: a}}', 1],
  ])('say that "*" is written in quotes: %j', (text, line) => {
    const { topics, problems } = parsePredefinedTopics(text, 'f.yaml');
    expect(topics.size).toBe(0);
    expect(problems.map(formatProblem)).toEqual([
      `f.yaml:${line}:1: write "*": in quotes; without them * means something else in YAML`,
    ]);
  });

  it('are all listed with line and column, for lines with commas', () => {
    expect(read('wrong.conf').lines).toEqual([
      'wrong.conf:2:20: topic id 1 of every client is in line 1 already',
      'wrong.conf:3:10: a topic name must not contain the wildcards + or #',
      'wrong.conf:4:1: a client id must not be empty (* stands for every client)',
      'wrong.conf:5:16: expected a topic id from 1 to 65534, found "70000"',
      'wrong.conf:6:1: expected ClientID, TopicName, TopicID; found 2 fields',
      'wrong.conf:7:12: expected a topic id from 1 to 65534, found "x"',
      'wrong.conf:7:10: a topic name must not be empty',
    ]);
  });

  it('are all listed with line and column, for lines with semicolons', () => {
    expect(read('wrong.txt').lines).toEqual([
      'wrong.txt:2:5: topic id 1 of "a" is in line 1 already',
      'wrong.txt:3:1: expected clientID;topicName;topicID or topicName;topicID, found 4 fields',
      'wrong.txt:4:1: a topic name must not contain the wildcards + or #',
      'wrong.txt:5:1: expected clientID;topicName;topicID or topicName;topicID, found 1 field',
    ]);
  });

  it('include a file that is something else', () => {
    const lines = (text: string) => parsePredefinedTopics(text, 'f').problems.map(formatProblem);
    expect(lines('- a\n')).toEqual(['f:1:1: expected a map of client ids (or "*") to topic ids, found a list']);
    expect(lines('hello\n')).toEqual(['f:1:1: expected a map of client ids (or "*") to topic ids, found "hello"']);
    expect(lines('1: sensors/boiler\n2: sensors/cellar\n')).toEqual([
      'f:1:1: topic ids stand under a client id: put them under "*":, which is every client, found "1" alone',
    ]);
    expect(lines('meter-7: sensors/boiler\n')).toEqual([
      'f:1:10: expected a map of topic ids to names for client "meter-7", found "sensors/boiler"',
    ]);
    expect(lines('"*":\n  1: a\n 2: b\n')).toEqual([
      'f:3:1: not valid YAML: All mapping items must start at the same column',
    ]);
  });

  it('names with control characters are wrong, unless the settings allow them (T-48)', () => {
    const text = '"*":\n  1: "a\\u0007"\n';
    expect(parsePredefinedTopics(text, 'f').problems.map(formatProblem)).toEqual([
      'f:2:6: a topic name must not contain U+0007',
    ]);
    expect(parsePredefinedTopics(text, 'f', 'utf8')).toMatchObject({ problems: [] });
  });
});
