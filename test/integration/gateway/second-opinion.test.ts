import { describe, expect, it } from '@jest/globals';
import { octetsOf } from '../../support/raw-sensor.ts';
import { dissect, expectWellFormed } from '../../support/tshark.ts';

// All other files here rely on it: it has to be able to complain.
describe('the dissector of Wireshark', () => {
  it('reads what a gateway sends, each frame with its MsgType, also behind a forwarder', async () => {
    const frames = [
      '03 05 00',
      '07 0D 00 01 00 02 00',
      '05 FE 01 12 34 0B 0C 00 00 01 00 00 32 31 2E 35',
      '01 00 0D 0C 00 00 01 00 00 32 31 2E 35',
    ];
    const dissections = await dissect(frames.map(octetsOf));
    expect(dissections.map(({ types, complaints }) => ({ types, complaints }))).toEqual([
      { types: [0x05], complaints: [] },
      { types: [0x0d], complaints: [] },
      { types: [0xfe, 0x0c], complaints: [] },
      { types: [0x0c], complaints: [] },
    ]);
    await expectWellFormed(frames.map(octetsOf));
  });

  it.each([
    ['truncated', '03 10 00'],
    ['followed by stray octets', '02 17 00'],
    ['followed by another message', '02 17 02 17'],
    ['shorter than it says', '04 17'],
  ])('complains of a frame that is %s', async (_, octets) => {
    await expect(expectWellFormed([octetsOf('03 05 00'), octetsOf(octets)])).rejects.toThrow('tshark on 1 of 2 frames');
  });

  it('complains where there is nothing to look at', async () => {
    await expect(expectWellFormed([])).rejects.toThrow('no frames');
  });
});
