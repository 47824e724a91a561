import { describe, expect, it } from '@jest/globals';
import { boundedLines } from '../../../src/cli/bounded-lines.ts';
import { packetTexts } from '../../../src/cli/decode/packet-texts.ts';
import { readInputFile } from '../../../src/cli/input-file.ts';
import { OptionProblem } from '../../../src/cli/option-table.ts';

/** Chunks of zeros, more than a computer has; it counts how many were taken. */
function endless(): { chunks: AsyncIterable<Buffer>; taken: () => number } {
  let taken = 0;
  return {
    taken: () => taken,
    chunks: {
      async *[Symbol.asyncIterator]() {
        for (; taken < 1_000; taken += 1) {
          yield Buffer.alloc(65_536);
        }
      },
    },
  };
}

async function linesOf(most: number, ...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  const input = {
    async *[Symbol.asyncIterator]() {
      yield* chunks;
    },
  };
  for await (const line of boundedLines(input, most, () => new Error('too long'))) {
    lines.push(line.toString('latin1'));
  }
  return lines;
}

describe('lines of an input', () => {
  it('are the same however it is cut', async () => {
    expect(await linesOf(9, 'one\ntwo\r\n\nthree')).toEqual(['one', 'two', '', 'three']);
    expect(await linesOf(9, 'o', 'ne', '\n', 'two\r', '\n', '', '\nth', 'ree')).toEqual(['one', 'two', '', 'three']);
    expect(await linesOf(9, '')).toEqual([]);
    expect(await linesOf(9, '\n')).toEqual(['']);
  });

  it('have the octets that came', async () => {
    expect(await linesOf(9, Buffer.from([0xff, 0x00, 0xc3, 0x0a]))).toEqual(['\u00ff\u0000\u00c3']);
  });

  it('are as long as they may be, and not longer', async () => {
    expect(await linesOf(4, '1234\n1234')).toEqual(['1234', '1234']);
    await expect(linesOf(4, '1234\n12345')).rejects.toThrow('too long');
    await expect(linesOf(4, '12345\n')).rejects.toThrow('too long');
  });
});

describe('decode', () => {
  it('does not keep a line without an end', async () => {
    const { chunks, taken } = endless();
    const texts: string[] = [];
    for await (const { text, isMessage } of packetTexts(chunks)) {
      expect(isMessage).toBe(false);
      texts.push(text);
    }
    expect(texts).toEqual(['a line has more than 1048576 octets: that is no text with packets']);
    expect(taken()).toBeLessThan(20);
  });

  it('says where no packet is in a text', async () => {
    const texts: unknown[] = [];
    const empty = {
      async *[Symbol.asyncIterator]() {
        yield '# nothing\n\n';
      },
    };
    for await (const text of packetTexts(empty)) {
      texts.push(text);
    }
    expect(texts).toEqual([{ text: 'no packet is in it', isMessage: false }]);
  });
});

describe('a file that an option names', () => {
  it('is not read without end', () => {
    expect(() => readInputFile('--file', '/dev/zero')).toThrow(
      new OptionProblem('--file: /dev/zero has more than 1048576 octets'),
    );
  });
});
