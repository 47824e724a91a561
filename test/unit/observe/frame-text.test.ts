import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { frameHex, frameText, senderOf } from '../../../src/observe/frame-text.ts';

const frame = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('a frame in hexadecimal', () => {
  it.each([
    ['PUBLISH', '09 0c 00 00 01 00 00 6f 6e', '09 0c 00 00 01 00 00 .. ..'],
    ['PUBLISH in the long form', '01 00 0b 0c 00 00 01 00 00 6f 6e', '01 00 0b 0c 00 00 01 00 00 .. ..'],
    ['PUBLISH without payload', '07 0c 00 00 01 00 00', '07 0c 00 00 01 00 00'],
    ['WILLMSG', '05 09 62 79 65', '05 09 .. .. ..'],
    ['WILLMSGUPD', '05 1c 62 79 65', '05 1c .. .. ..'],
    ['CONNECT', '0a 04 04 01 00 3c 73 65 6e 31', '0a 04 04 01 00 3c 73 65 6e 31'],
    [
      'one behind a forwarder',
      '05 fe 00 0a 0b 09 0c 00 00 01 00 00 6f 6e',
      '05 fe 00 0a 0b 09 0c 00 00 01 00 00 .. ..',
    ],
    ['what is cut off', '20 0c 00 00 01 00 00 6f 6e', '20 0c 00 00 01 00 00 .. ..'],
    ['nothing', '', ''],
  ])('shows of %s all but the payload', (_what, octets, shown) => {
    expect(frameHex(frame(octets), {})).toBe(shown);
    expect(frameHex(frame(octets), { payloads: true })).toBe(octets);
  });

  it('is bounded, however long or deep it is', () => {
    const long = Buffer.alloc(60_000, 0x07);
    long.set([0x01, 0xea, 0x60, 0x0a]);
    expect(frameHex(long, {}).length).toBeLessThan(4_000);
    expect(frameText(long, {}).length).toBeLessThan(3_000);
    const deep = Buffer.from('04fe0001'.repeat(15_000), 'hex');
    expect(frameHex(deep, {}).length).toBeLessThan(4_000);
    expect(frameText(deep, {}).length).toBeLessThan(3_000);
  });

  it('never throws, and has a pair for each octet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(frameHex(octets, {}).split(' ').filter(Boolean)).toHaveLength(octets.length);
        expect(typeof senderOf('udp:a', octets)).toBe('string');
      }),
    );
  });
});

describe('who sent a frame', () => {
  it('is the node behind a forwarder, as notes and views name it', () => {
    expect(senderOf('udp:a', frame('05 fe 00 0a 0b 02 16'))).toBe('udp:a/0a0b');
    expect(senderOf('udp:a', frame('02 16'))).toBe('udp:a');
    expect(senderOf('udp:a', frame('09 fe 00 0a'))).toBe('udp:a');
  });
});
