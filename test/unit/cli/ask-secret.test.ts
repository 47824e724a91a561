import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { askSecret, firstLine } from '../../../src/cli/ask-secret.ts';

function terminal(): { input: PassThrough; output: PassThrough; shown: () => string } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  return { input, output, shown: () => String(output.read() ?? '') };
}

describe('a question for a secret', () => {
  it('takes a line and shows nothing of it', async () => {
    const { input, output, shown } = terminal();
    const answer = askSecret('Password: ', { input, output });
    input.write('hunterx');
    input.write('\b2\r');
    expect(await answer).toBe('hunter2');
    expect(shown()).toBe('Password: \n');
  });

  it('may be asked twice', async () => {
    const { input, output } = terminal();
    const first = askSecret('Password: ', { input, output });
    input.write('one\r');
    expect(await first).toBe('one');
    const second = askSecret('Again: ', { input, output });
    input.write('two\r');
    expect(await second).toBe('two');
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('is given up by %s', async (_key, octet) => {
    const { input, output } = terminal();
    const answer = askSecret('Password: ', { input, output });
    input.write(octet);
    expect(await answer).toBeUndefined();
  });
});

describe('the first line of a pipe', () => {
  it('is without its end, and empty where there is none', async () => {
    const { input } = terminal();
    input.end('a password\nand more\n');
    expect(await firstLine(input)).toBe('a password');
    const nothing = terminal().input;
    nothing.end();
    expect(await firstLine(nothing)).toBe('');
  });
});
