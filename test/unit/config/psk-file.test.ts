import { describe, expect, it } from '@jest/globals';
import { withoutPsk, withPsk } from '../../../src/config/psk-edit.ts';
import { parsePskFile } from '../../../src/config/psk-file.ts';

const HEX = '00112233445566778899aabbccddeeff';

function keysOf(text: string): Record<string, string> {
  const { keys, problems } = parsePskFile(text, 'psk.yaml');
  expect(problems).toEqual([]);
  return Object.fromEntries(Array.from(keys, ([identity, key]) => [identity, Buffer.from(key).toString('hex')]));
}

function problemsOf(text: string): string[] {
  return parsePskFile(text, 'psk.yaml').problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

describe('a file of pre-shared keys', () => {
  it('has keys in hexadecimal and in base64 digits', () => {
    expect(keysOf(`sensor-1: ${HEX}\nsensor 2: "${Buffer.from(HEX, 'hex').toString('base64')}"\n`)).toEqual({
      'sensor-1': HEX,
      'sensor 2': HEX,
    });
  });

  it('has keys of digits alone, which YAML takes for numbers', () => {
    const digits = '12345678901234567890123456789012';
    expect(keysOf(`a: ${digits}\n7: ${digits}\n`)).toEqual({ a: digits, 7: digits });
    expect(keysOf('a: 00000000000000000000000000000e10\n')).toEqual({ a: '00000000000000000000000000000e10' });
  });

  it.each(['', '# nothing yet\n', '{}'])('may be empty: %j', (text) => {
    expect(keysOf(text)).toEqual({});
  });

  it('names each line that is wrong, and goes on with the others', () => {
    const text = `short: 0011223344\nright: ${HEX}\nodd: ${HEX}0\nno key: "not a key!"\nmap: { a: b }\n"": ${HEX}\n`;
    expect(problemsOf(text)).toEqual([
      '1:1: expected a key in hexadecimal or base64 digits, for the identity "short"',
      '3:1: expected a key in hexadecimal or base64 digits, for the identity "odd"',
      '4:1: expected a key in hexadecimal or base64 digits, for the identity "no key"',
      '5:1: expected a key, for the identity "map"',
      '6:1: expected an identity of 1 to 128 octets, found 0, for the identity ""',
    ]);
    expect([...parsePskFile(text, 'psk.yaml').keys.keys()]).toEqual(['right']);
  });

  it('takes no key of less than 16 octets, and says how many it found', () => {
    expect(problemsOf('a: ABEiM0RVZneImaq7zN0=\n')).toEqual([
      '1:1: expected a key of 16 to 64 octets, found 14, for the identity "a"',
    ]);
  });

  it('is a map of identities to keys, and nothing else', () => {
    expect(problemsOf(`- ${HEX}\n`)).toEqual([
      expect.stringContaining('expected a map of identities to keys, one on each line'),
    ]);
  });

  it('has each identity once', () => {
    expect(problemsOf(`a: ${HEX}\na: ${HEX}\n`)).toHaveLength(1);
  });

  it('never shows a key that stands where the identity should', () => {
    const [problem = ''] = problemsOf(`${HEX}: sensor-1\n`);
    expect(problem).toContain('1:1: expected an identity before the colon, and its key behind it');
    expect(problem).not.toContain(HEX);
  });

  it('never shows a key in what it complains about', () => {
    const wrong = `${HEX}zz`;
    expect(JSON.stringify(parsePskFile(`a: ${wrong}\n- b\nc: [${wrong}]`, 'psk.yaml').problems)).not.toContain(HEX);
  });
});

describe('changes to a file of pre-shared keys', () => {
  const text = `# our meters\nmeter-1: ${HEX} # in the cellar\n\n"meter: 2": '${HEX}'\nmeter-3: ${HEX}`;

  it('add a line, and leave the others as they are', () => {
    expect(withPsk(text, 'meter 4', HEX)).toBe(`${text}\n"meter 4": "${HEX}"\n`);
    expect(Object.keys(keysOf(withPsk(text, 'a "b": \\ #c', HEX)))).toContain('a "b": \\ #c');
  });

  it.each([
    ['meter-1', `# our meters\n\n"meter: 2": '${HEX}'\nmeter-3: ${HEX}`],
    ['meter: 2', `# our meters\nmeter-1: ${HEX} # in the cellar\n\nmeter-3: ${HEX}`],
    ['meter-3', `# our meters\nmeter-1: ${HEX} # in the cellar\n\n"meter: 2": '${HEX}'\n`],
  ])('take the line of %s away, and nothing else', (identity, left) => {
    expect(withoutPsk(text, identity)).toBe(left);
  });

  it('take the only key away', () => {
    expect(keysOf(withoutPsk(`a: ${HEX}\n`, 'a') ?? 'none')).toEqual({});
  });

  it.each([
    ['keys share a line', `{ a: ${HEX}, b: ${HEX} }\n`],
    ['the identity is not there', `b: ${HEX}\n`],
  ])('are refused where %s', (_, written) => {
    expect(withoutPsk(written, 'a')).toBeUndefined();
  });
});
