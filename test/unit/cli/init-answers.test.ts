import { describe, expect, it } from '@jest/globals';
import { type Answers, questions } from '../../../src/cli/init-questions.ts';

/** Answers as they are typed, one after the other. Returns what was made of them, and what was said besides questions. */
async function asked(...typed: readonly string[]): Promise<{ answers: Answers; said: readonly string[] }> {
  const said: string[] = [];
  const left = [...typed];
  const answers = await questions({
    ask: async () => left.shift() ?? '',
    say: (line) => said.push(line),
    ports: [{ path: '/dev/ttyUSB0', stablePath: undefined, manufacturer: undefined }],
  });
  expect(left).toEqual([]);
  return { answers, said };
}

describe('answers to init', () => {
  it('are settings', async () => {
    const { answers, said } = await asked('mqtt://b', 'joe', 'password', '1885', 's', 'topics.yaml', 'y');
    expect(answers).toEqual({
      ...{ broker: 'mqtt://b', username: 'joe', 'password-file': 'password', 'udp-port': 1885 },
      ...{ serial: ['/dev/ttyUSB0'], xbee: [], 'predefined-topics': 'topics.yaml', 'home-assistant': true },
    });
    expect(said).toEqual([]);
  });

  it('that are none are said to be wrong, and asked for again', async () => {
    const { answers, said } = await asked(
      'localhost',
      'mqtt://localhost',
      '',
      'abc',
      '0',
      '70000',
      '1885',
      'z',
      'x',
      '',
      'maybe',
      'n',
    );
    expect(answers).toMatchObject({ broker: 'mqtt://localhost', 'udp-port': 1885, xbee: ['/dev/ttyUSB0'] });
    expect(said).toEqual([
      expect.stringContaining('did you mean "mqtt://localhost"?'),
      ...['abc', '0', '70000'].map((text) => `expected a whole number from 1 to 65535, found "${text}"`),
      'expected s, x or nothing, found "z"',
      'expected y, n or nothing, found "maybe"',
    ]);
  });

  it('may all be empty', async () => {
    const { answers } = await asked('', '', '', '', '');
    expect(answers).toEqual({ serial: [], xbee: [], 'home-assistant': false });
  });
});
