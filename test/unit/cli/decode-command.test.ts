import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import yargs from 'yargs';
import { decodeCommand, packetLines } from '../../../src/cli/decode-command.ts';
import { decodedText } from '../../../src/cli/decoded-text.ts';
import { octets, VECTORS } from '../codec/vectors.ts';

function lines(...text: string[]): string {
  return text.join('\n');
}

describe('what a packet says', () => {
  it('a PUBLISH with its payload as octets and as text', () => {
    expect(decodedText('0b 0c 20 00 01 00 02 32 31 2e 35')).toEqual({
      isMessage: true,
      text: lines(
        'PUBLISH, 11 octets',
        '  dup          no',
        '  qos          1',
        '  retain       no',
        '  topicIdType  normal',
        '  topicId      1 (0x0001)',
        '  msgId        2 (0x0002)',
        '  data         4 octets: 32 31 2e 35  "21.5"',
      ),
    });
  });

  it('a short topic by its name, a payload that is no text only as octets', () => {
    expect(decodedText('0a 0c 62 74 70 00 00 00 ff 0a').text).toBe(
      lines(
        'PUBLISH, 10 octets',
        '  dup          no',
        '  qos          -1',
        '  retain       no',
        '  topicIdType  short',
        '  topicName    "tp"',
        '  msgId        0 (0x0000)',
        '  data         3 octets: 00 ff 0a',
      ),
    );
  });

  it('a CONNECT', () => {
    expect(decodedText('0e 04 0c 01 00 3c 73 65 6e 73 6f 72 2d 31').text).toBe(
      lines(
        'CONNECT, 14 octets',
        '  will          yes',
        '  cleanSession  yes',
        '  protocolId    1',
        '  duration      60 s',
        '  clientId      "sensor-1"',
      ),
    );
  });

  it.each([
    ['0f 12 20 00 04 63 6d 64 2f 73 31 2f 6c 65 64', ['SUBSCRIBE, 15 octets', '  topicName    "cmd/s1/led"']],
    ['07 12 01 00 06 00 0a', ['SUBSCRIBE, 7 octets', '  topicIdType  predefined', '  topicId      10 (0x000a)']],
    [
      '0a 07 30 77 69 6c 6c 2f 73 31',
      ['WILLTOPIC, 10 octets', '  qos        1', '  retain     yes', '  willTopic  "will/s1"'],
    ],
    ['02 07', ['WILLTOPIC, 2 octets', '  empty  deletes the will']],
    ['07 0d 00 09 00 00 02', ['PUBACK, 7 octets', '  returnCode  2 (rejected: invalid topic id)']],
    ['02 17', ['PINGRESP, 2 octets']],
    ['02 18', ['DISCONNECT, 2 octets', '  duration  none']],
    ['06 02 01 02 1a 2b', ['GWINFO, 6 octets', '  gwAdd  3 octets: 02 1a 2b']],
    ['01 00 04 16', ['PINGREQ, 4 octets, long form', '  clientId  none']],
    ['04 16 c0 80', ['PINGREQ, 4 octets', '  clientId  2 octets: c0 80']],
    ['04 16 61 0a', ['PINGREQ, 4 octets', '  clientId  "a\\n"']],
  ])('%s', (hex, expected) => {
    const { text, isMessage } = decodedText(hex);
    expect(isMessage).toBe(true);
    expect(text.split('\n')).toEqual(expect.arrayContaining(expected));
  });

  it('a message behind a forwarder, with the node and what it carries', () => {
    expect(decodedText('05 fe 01 12 34 0a 16 73 65 6e 73 6f 72 2d 31')).toEqual({
      isMessage: true,
      text: lines(
        'ENCAPSULATED, 15 octets',
        '  radius          1',
        '  wirelessNodeId  2 octets: 12 34',
        '  frame           10 octets: 0a 16 73 65 6e 73 6f 72 2d 31',
        '  PINGREQ, 10 octets',
        '    clientId  "sensor-1"',
      ),
    });
  });

  it('257 octets that a client library counts as 255', () => {
    const hex = `0100ff0c0000010000${'55'.repeat(248)}`;
    expect(decodedText(hex)).toMatchObject({
      isMessage: true,
      text: expect.stringMatching(
        /^PUBLISH, 257 octets, long form; Length says 255, which the gateway takes for 257 \(tolerateShortLength\)\n/,
      ),
    });
  });

  it('every valid vector is a message of its type', () => {
    for (const { hex, decoded } of VECTORS.valid) {
      expect(decodedText(hex)).toMatchObject({
        isMessage: true,
        text: expect.stringMatching(new RegExp(`^${decoded.type}, ${octets(hex).length} octets`)),
      });
    }
  });
});

describe('a packet that is no message', () => {
  it('is told with reason, place and octets', () => {
    expect(decodedText('06 0c 00 00 01 00')).toEqual({
      isMessage: false,
      text: lines(
        'not a message: malformed',
        '  PUBLISH is too short: its MsgId is missing or not whole',
        '  06 0c 00 00 01 00',
      ),
    });
  });

  it('is told where the forwarder is fine and what it carries is not', () => {
    const { text, isMessage } = decodedText('05 fe 00 12 34 02 11');
    expect(isMessage).toBe(false);
    expect(text.split('\n').slice(-3)).toEqual([
      '  not a message: unknownType',
      '    MsgType 0x11 is reserved',
      '    02 11',
    ]);
  });

  it('is shown in parts where several messages stand behind one another', () => {
    expect(decodedText('02 17 03 05 00 03')).toEqual({
      isMessage: false,
      text: lines(
        'not a message: trailing',
        '  Length says 2 octets, 6 came',
        '  02 17 03 05 00 03',
        '  octets 0 to 1:',
        '    PINGRESP, 2 octets',
        '  octets 2 to 4:',
        '    CONNACK, 3 octets',
        '      returnCode  0 (accepted)',
        '  octets 5 to 5:',
        '    not a message: truncated',
        '      a message has at least 2 octets, 1 came',
        '      03',
      ),
    });
  });

  it('does not flood the terminal', () => {
    expect(decodedText('0217'.repeat(30_000)).text).toMatch(/\n {2}and 59960 octets more$/);
    expect(decodedText(`${'04fe0001'.repeat(10_000)}0216`).text.split('\n').length).toBeLessThan(60);
  });
});

describe('how octets are written', () => {
  it.each([
    '021603',
    '02 16 03',
    '02:16:03',
    '02-16-03',
    '0x02 0x16 0x03',
    '0x021603',
    '{0x2, 0x16, 0x3}',
    '\\x02\\x16\\x03',
    '02 1603',
    ' 02\t16\n03 ',
  ])('%j', (hex) => {
    expect(decodedText(hex).text).toMatch(/\n {2}02 16 03\n/);
  });

  it.each([
    ['02 1g', 'not hexadecimal: "g" in "1g"'],
    ['02 1', 'not whole octets: "1" has an odd number of digits'],
    ['0x021', 'not whole octets: "0x021" has an odd number of digits'],
    ['02 \u{202e}', 'not hexadecimal: "\\u202e" in "\\u202e"'],
    ['', 'not a message: empty\n  no octets'],
  ])('%j is not: %s', (hex, text) => {
    expect(decodedText(hex)).toEqual({ text, isMessage: false });
  });
});

describe('the command', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });

  /** What the command prints for arguments, and the exit code that it asks for. */
  async function run(...args: string[]): Promise<{ printed: string; exitCode: typeof process.exitCode }> {
    let printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text, ...rest: unknown[]) => {
      printed += text;
      const written = rest.at(-1);
      if (typeof written === 'function') {
        written();
      }
      return true;
    });
    await yargs(args).command(decodeCommand).strict().exitProcess(false).parseAsync();
    return { printed, exitCode: process.exitCode };
  }

  it('joins its arguments to one packet', async () => {
    expect(await run('decode', '03', '0x05', '00')).toEqual({
      printed: 'CONNACK, 3 octets\n  returnCode  0 (accepted)\n',
      exitCode: undefined,
    });
  });

  it('keeps the digits of an argument that looks like a number', async () => {
    expect((await run('decode', '0216')).printed).toBe('PINGREQ, 2 octets\n  clientId  none\n');
    expect((await run('decode', '021600', '1e')).printed).toMatch('02 16 00 1e');
  });

  it('ends with exit code 1 where the packet is no message', async () => {
    expect(await run('decode', '0316')).toMatchObject({
      printed: expect.stringMatching(/^not a message: truncated\n/),
      exitCode: 1,
    });
    process.exitCode = undefined;
    expect(await run('decode', 'xyz')).toEqual({ printed: 'not hexadecimal: "x" in "xyz"\n', exitCode: 1 });
  });

  it('wants octets', async () => {
    const parsed = async (): Promise<unknown> =>
      yargs(['decode']).command(decodeCommand).exitProcess(false).fail(false).parseAsync();
    await expect(parsed()).rejects.toThrow(/Not enough non-option arguments/);
  });

  it('reads one packet from each line of standard input', async () => {
    const packets: string[] = [];
    for await (const packet of packetLines(Readable.from(['# a comment\n02 16\n\n', ' 0217 \r\n02', '18']))) {
      packets.push(packet);
    }
    expect(packets).toEqual(['02 16', '0217', '0218']);
  });
});
