import { describe, expect, it } from '@jest/globals';
import { FrameCapture } from '../../../src/app/capture/frame-capture.ts';
import { NodeAddresses } from '../../../src/app/capture/node-addresses.ts';
import { isCapture, packetsIn } from '../../../src/cli/decode/capture-reader.ts';
import { captureTexts } from '../../../src/cli/decode/capture-text.ts';
import { udpDatagram } from '../../../src/cli/decode/udp-datagram.ts';
import { octetsOf } from '../../support/raw-sensor.ts';

const TIME = Date.parse('2026-05-04T10:20:30.123Z');

describe('the address of a node in a capture', () => {
  it.each([
    ['udp:192.0.2.7:4711', '192.0.2.7', 4711],
    ['radio:[2001:db8::7]:4711', '2001:db8:0:0:0:0:0:7', 4711],
    ['dtls:[fe80::1%eth0]:5', 'fe80:0:0:0:0:0:0:1', 5],
  ])('is its own where it has one: %s', (link, address, port) => {
    const node = new NodeAddresses().of(link);
    const text =
      node.address.length === 4
        ? [...node.address].join('.')
        : Array.from({ length: 8 }, (_, at) =>
            Buffer.from(node.address)
              .readUInt16BE(2 * at)
              .toString(16),
          ).join(':');
    expect({ text, port: node.port, name: node.name }).toEqual({ text: address, port, name: undefined });
  });

  it('is one that stands for it where it has none, always the same, and has its name', () => {
    const nodes = new NodeAddresses();
    const links = ['serial:line', 'xbee:0013a20040401122', 'udp:192.0.2.7:4711/0a0b', 'serial:line'];
    expect(links.map((link) => [...nodes.of(link).address].join('.'))).toEqual([
      '198.18.0.1',
      '198.18.0.2',
      '198.18.0.3',
      '198.18.0.1',
    ]);
    expect(nodes.named.map(({ name }) => name)).toEqual(links.slice(0, 3));
  });
});

describe('a capture file', () => {
  it('has each frame as a datagram to or from port 1884, with its time', () => {
    const capture = new FrameCapture('test');
    const file = Buffer.concat([
      capture.begin(),
      capture.frame({ time: TIME, direction: 'received', link: 'serial:line', octets: octetsOf('02 16') }),
      capture.frame({ time: TIME + 1, direction: 'sent', link: 'udp:[2001:db8::7]:4711', octets: octetsOf('02 17') }),
      capture.frame({
        time: TIME,
        direction: 'sent',
        link: 'serial:line',
        octets: octetsOf('02'),
        length: 2,
        comment: 'cut',
      }),
    ]);
    const packets = [...packetsIn(file)];
    expect(packets.map(({ time, octets, length }) => [time, length - octets.length])).toEqual([
      [TIME, 0],
      [TIME + 1, 0],
      [TIME, 1],
    ]);
    const datagrams = packets.map(({ octets, linkType }) => udpDatagram(octets, linkType));
    expect(datagrams.map((each) => each && [each.from, each.to, Buffer.from(each.payload).toString('hex')])).toEqual([
      ['198.18.0.1:50000', '192.0.2.1:1884', '0216'],
      ['[2001:db8::1]:1884', '[2001:db8::7]:4711', '0217'],
      ['192.0.2.1:1884', '198.18.0.1:50000', '02'],
    ]);
    const names = file.toString('latin1').split('serial:line').length - 1;
    expect(names).toBe(1);
    expect(capture.begin().toString('latin1')).toContain('serial:line'); // also at the beginning of the next file
  });

  it('that is damaged anywhere is read as far as it goes, and never throws', () => {
    const capture = new FrameCapture('test');
    const octets = octetsOf('02 16');
    const frames = [capture.begin(), capture.frame({ time: TIME, direction: 'sent', link: 'serial:line', octets })];
    const file = Buffer.concat(frames);
    for (let at = 0; at < file.length; at += 1) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const damaged = Buffer.from(file);
        damaged[at] = value;
        if (isCapture(damaged)) {
          expect([...captureTexts(damaged, { ports: [1884], verbose: false })].length).toBeGreaterThan(0);
        }
      }
      if (at >= 4) {
        expect([...captureTexts(file.subarray(0, at), { ports: [1884], verbose: false })]).toHaveLength(1);
      }
    }
  });
});
