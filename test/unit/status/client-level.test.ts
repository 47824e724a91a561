import { describe, expect, it } from '@jest/globals';
import { clientIdOf, clientLevel } from '../../../src/status/client-level.ts';

describe('a client id as a level of a topic', () => {
  it.each([
    ['sensor-7', 'sensor-7'],
    ['a/b+c#d%e', 'a%2Fb%2Bc%23d%25e'],
    ['%2F', '%252F'],
    ['$SYS', '$SYS'],
    ['with blank', 'with blank'],
    ['ключ', 'ключ'],
    ['a\u0007b\u007f\u0085', 'a%07b%7F%C2%85'],
    ['\ufffe and \u{1ffff}', '%EF%BF%BE and %F0%9F%BF%BF'],
    ['<script>alert(1)</script>', '<script>alert(1)<%2Fscript>'],
  ])('%j is %j, and back', (clientId, level) => {
    expect(clientLevel(clientId)).toBe(level);
    expect(clientIdOf(level)).toBe(clientId);
  });

  it.each(['', '%', '%2', '%2f', '%zz', '%C3', 'a%20b', '%41'])('%j is none that the gateway writes', (level) => {
    expect(clientIdOf(level)).toBeUndefined();
  });
});
