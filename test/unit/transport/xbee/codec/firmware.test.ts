import { describe, expect, it } from '@jest/globals';
import { radioKind, usualPayload } from '../../../../../src/transport/xbee/codec/firmware.ts';

/** Hardware (HV), firmware (VR) and what such a module speaks. */
const MODULES: readonly (readonly [string, number, number, string])[] = [
  ['XBee Series 1', 0x1744, 0x10ec, '802.15.4'],
  ['XBee-PRO Series 1', 0x1842, 0x10e6, '802.15.4'],
  ['XBee Series 1 with DigiMesh', 0x1744, 0x8073, 'DigiMesh'],
  ['XBee Series 2', 0x1941, 0x2170, 'Zigbee'],
  ['XBee Series 2 with ZNet 2.5', 0x1941, 0x1247, 'Zigbee'],
  ['XBee-PRO Series 2', 0x1a43, 0x21a0, 'Zigbee'],
  ['XBee-PRO S2B, coordinator', 0x1e56, 0x21a7, 'Zigbee'],
  ['XBee-PRO S2B, end device', 0x1e46, 0x29a7, 'Zigbee'],
  ['XBee-PRO S2C', 0x2143, 0x4061, 'Zigbee'],
  ['XBee S2C', 0x2241, 0x405f, 'Zigbee'],
  ['XBee S2C with 802.15.4', 0x2241, 0x2003, '802.15.4'],
  ['XBee-PRO S2C through-hole with 802.15.4', 0x2d41, 0x2001, '802.15.4'],
  ['XBee S2C through-hole with DigiMesh', 0x2e41, 0x9002, 'DigiMesh'],
  ['XBee-PRO S2C surface-mount', 0x3041, 0x4060, 'Zigbee'],
  ['XBee S2D', 0x3341, 0x7060, 'Zigbee'],
  ['XBee 3 surface-mount', 0x4142, 0x100a, 'Zigbee'],
  ['XBee 3 through-hole with 802.15.4', 0x4244, 0x2006, '802.15.4'],
  ['XBee 3 through-hole with DigiMesh', 0x4244, 0x3002, 'DigiMesh'],
  ['XBee-PRO 900', 0x1b42, 0x1861, 'DigiMesh'],
  ['XBee-PRO 900HP', 0x2342, 0x8074, 'DigiMesh'],
  ['XBee 868LP', 0x2442, 0x8068, 'DigiMesh'],
  ['XBee-PRO SX', 0x3141, 0x9009, 'DigiMesh'],
  ['XBee SX 868', 0x4541, 0xa006, 'DigiMesh'],
];

describe('kind of a module', () => {
  it.each(MODULES)('%s', (_name, hardware, firmware, kind) => {
    expect(radioKind({ hardware, firmware })).toBe(kind);
  });

  it.each([
    ['with Wi-Fi', 0x1f43],
    ['with a cellular radio', 0x4044],
    ['of the far future', 0xff00],
    ['that says 0', 0],
  ])('a module %s is of no known kind', (_name, hardware) => {
    expect(radioKind({ hardware, firmware: 0x1009 })).toBeUndefined();
  });

  it('without an answer to HV nothing is guessed', () => {
    expect(radioKind({ hardware: undefined, firmware: 0x4061 })).toBeUndefined();
  });

  it('without an answer to VR it is what such hardware mostly is', () => {
    expect(radioKind({ hardware: 0x1744, firmware: undefined })).toBe('802.15.4');
    expect(radioKind({ hardware: 0x4142, firmware: undefined })).toBe('Zigbee');
    expect(radioKind({ hardware: 0x2342, firmware: undefined })).toBe('DigiMesh');
  });
});

describe('largest payload of a module that does not tell', () => {
  it('is 100 octets on 802.15.4, and 60 elsewhere (§7.4)', () => {
    expect((['802.15.4', 'Zigbee', 'DigiMesh', undefined] as const).map(usualPayload)).toEqual([100, 60, 60, 60]);
  });
});
