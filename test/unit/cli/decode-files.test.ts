import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { tracedOctets } from '../../../src/cli/api/traced-octets.ts';
import { isCapture, packetsIn } from '../../../src/cli/decode/capture-reader.ts';
import { captureTexts } from '../../../src/cli/decode/capture-text.ts';
import { dumpLine, hexRuns } from '../../../src/cli/decode/hex-dump.ts';
import { lineText } from '../../../src/cli/decode/line-text.ts';
import { packetTexts } from '../../../src/cli/decode/packet-texts.ts';
import { udpDatagram } from '../../../src/cli/decode/udp-datagram.ts';

async function textsOf(...lines: string[]): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of packetTexts(Readable.from([`${lines.join('\n')}\n`]))) {
    texts.push(text.split('\n')[0] ?? '');
  }
  return texts;
}

/** CONNECT of sensor-1. */
const CONNECT = '0e 04 04 01 00 3c 73 65 6e 73 6f 72 2d 31';

describe('a dump', () => {
  it.each([
    ['xxd', '00000000: 0e04 0401 003c 7365 6e73 6f72 2d31       .....<sensor-1'],
    ['hexdump -C', '00000000  0e 04 04 01 00 3c 73 65  6e 73 6f 72 2d 31        |.....<sensor-1|'],
    ['tshark -x', '0000  0e 04 04 01 00 3c 73 65 6e 73 6f 72 2d 31         .....<sensor-1'],
  ])('of %s is read, without its characters', (_, line) => {
    expect(dumpLine(line)).toEqual({ offset: 0, octets: Buffer.from(CONNECT.replaceAll(' ', ''), 'hex') });
  });

  it.each([CONNECT, '02 16', '0000', '# 0000  02', '0000 0216', 'nothing'])('is not every line: %s', (line) => {
    expect(dumpLine(line)).toBeUndefined();
  });

  it('goes over several lines, and the next one begins anew', async () => {
    const lines = ['0000  0e 04 04 01 00 3c 73 65', '0008  6e 73 6f 72 2d 31', '000e', '', '0000  02 17', '02 16'];
    expect(await textsOf(...lines)).toEqual(['CONNECT, 14 octets', 'PINGRESP, 2 octets', 'PINGREQ, 2 octets']);
  });

  it('may have the packet around it', async () => {
    const ip = '45 00 00 1e 00 00 00 00 40 11 00 00 c0 00 02 07 c0 00 02 01 12 67 07 5c 00 0a 00 00 02 16';
    const [first, second] = [ip.slice(0, 47), ip.slice(48)];
    expect(await textsOf(`0000  ${first}`, `0010  ${second}`)).toEqual(['192.0.2.7:4711 > 192.0.2.1:1884']);
  });
});

describe('a line of a log', () => {
  it.each([
    ['20260504 102030 CONNECT <--- sensor-1 0E 04 04 01 00 3C 73 65 6E 73 6F 72 2D 31', 'CONNECT, 14 octets'],
    ['rx: [0x02, 0x16] from node 7', 'PINGREQ, 2 octets'],
    ['DEBUG sent \\x02\\x17', 'PINGRESP, 2 octets'],
    ['10:20:30.045  s1  > PINGREQ  02 16', 'PINGREQ, 2 octets'],
    [
      '2026-05-04T10:20:30.045+00:00 trace received PUBACK topicId=1 msgId=2 accepted  link=udp:1.2.3.4:5',
      'decoded already: PUBACK topicId=1 msgId=2 accepted  link=udp:1.2.3.4:5',
    ],
  ])('says what it has in it: %s', (line, text) => {
    const decoded = lineText(line);
    expect(decoded.isMessage).toBe(true);
    expect(decoded.text.split('\n')[0]).toBe(text);
  });

  it('that has nothing in it is no message', () => {
    expect(lineText('the gateway stops')).toMatchObject({ isMessage: false });
    expect(hexRuns('0102 and 02:03:04')).toEqual([Buffer.from([2, 3, 4]), Buffer.from([1, 2])]);
  });
});

describe('a capture', () => {
  /** pcap of big-endian, with nanoseconds: one Ethernet frame with a VLAN tag around PINGREQ. */
  const PCAP = Buffer.from(
    [
      'a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001',
      '69f87a0e 0000c350 00000030 00000030',
      'ffffffffffff 020000000001 8100 0007 0800',
      '4500001e 00000000 40110000 c0000207 c0000201 1267075c 000a0000 0216',
    ]
      .join('')
      .replaceAll(' ', ''),
    'hex',
  );

  it('of pcap is read', () => {
    expect(isCapture(PCAP)).toBe(true);
    const [packet] = packetsIn(PCAP);
    expect(packet?.time).toBe(0x69f87a0e * 1000 + 0.05);
    expect(packet && udpDatagram(packet.octets, packet.linkType)).toMatchObject({
      from: '192.0.2.7:4711',
      to: '192.0.2.1:1884',
      payload: Buffer.from([2, 0x16]),
    });
  });

  it('says one line for each message, or all of its fields', () => {
    const options = { ports: [1884], verbose: false };
    expect([...captureTexts(PCAP, options)]).toEqual([
      {
        text: expect.stringMatching(/^2026-\S+Z {2}192\.0\.2\.7:4711 > 192\.0\.2\.1:1884 {2}PINGREQ$/),
        isMessage: true,
      },
    ]);
    expect([...captureTexts(PCAP, { ...options, verbose: true })][0]?.text).toMatch(
      /\n {2}PINGREQ, 2 octets\n {4}clientId +none$/,
    );
    expect([...captureTexts(PCAP, { ...options, ports: [1885] })]).toEqual([
      {
        text: 'no UDP datagram from or to port 1885 is in the capture (1 other packets): see --port',
        isMessage: false,
      },
    ]);
  });

  it('that is cut off says so, behind what is whole', () => {
    const texts = [...captureTexts(Buffer.concat([PCAP, PCAP.subarray(24, 50)]), { ports: [1884], verbose: false })];
    expect(texts.map(({ isMessage }) => isMessage)).toEqual([true, false]);
    expect(texts[1]?.text).toMatch(/^the capture is damaged: the file ends within a packet, at octet \d+$/);
  });

  it('that is damaged anywhere is told, and never an exception of another kind', () => {
    for (let at = 0; at < PCAP.length; at += 1) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const damaged = Buffer.from(PCAP);
        damaged[at] = value;
        if (isCapture(damaged)) {
          expect([...captureTexts(damaged, { ports: [1884], verbose: true })].length).toBeGreaterThan(0);
        }
      }
      expect([...captureTexts(PCAP.subarray(0, Math.max(at, 4)), { ports: [1884], verbose: true })].length).toBe(1);
    }
  });
});

describe('the octets of a frame that the gateway shows', () => {
  it('have zeros for a payload that is hidden, and are as many as there are', () => {
    expect(tracedOctets('09 0c 00 00 01 00 00 .. ..')).toEqual({
      octets: Uint8Array.from([9, 12, 0, 0, 1, 0, 0, 0, 0]),
      ...{ length: 9, isHidden: true },
    });
    expect(tracedOctets('01 08 00 0c …')).toMatchObject({ length: 0x0800, isHidden: false });
  });
});
