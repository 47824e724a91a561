import { describe, expect, it } from '@jest/globals';
import {
  deliveryWords,
  isAddressTrouble,
  isBusy,
  isReset,
  modemStatusWords,
} from '../../../../../src/transport/xbee/codec/status-words.ts';

const ALL = Array.from({ length: 256 }, (_, status) => status);

describe('delivery status', () => {
  it('says that the module lacks buffers: 0x32, and 0x2C of a module that is not spoken to with 0x00 and 0x01', () => {
    expect(ALL.filter((status) => isBusy(status, false))).toEqual([0x2c, 0x32]);
    expect(ALL.filter((status) => isBusy(status, true))).toEqual([0x32]);
  });

  it('says that the address or the route is wrong: 0x24, 0x25', () => {
    expect(ALL.filter(isAddressTrouble)).toEqual([0x24, 0x25]);
  });

  it.each([
    [0x01, /acknowledgement/],
    [0x02, /CCA/],
    [0x21, /acknowledgement/],
    [0x22, /not joined/],
    [0x24, /address was not found/],
    [0x25, /route/],
    [0x74, /too large/],
    [0x2b, /0x2b/],
    [0x0f, /0x0f/],
  ])('%i has words', (status, words) => {
    expect(deliveryWords(status)).toMatch(words);
  });
});

describe('modem status', () => {
  it('says that the module was reset: 0x00, 0x01', () => {
    expect(ALL.filter(isReset)).toEqual([0x00, 0x01]);
  });

  it.each([
    [0x00, /reset/],
    [0x01, /watchdog/],
    [0x02, /joined/],
    [0x03, /left/],
    [0x06, /coordinator started/],
    [0x0d, /voltage/],
    [0x42, /0x42/],
    [0x80, /stack.*0x80/],
    [0xff, /stack.*0xff/],
  ])('%i has words', (status, words) => {
    expect(modemStatusWords(status)).toMatch(words);
  });
});
