import { describe, expect, it } from '@jest/globals';
import { describeModule, largestFrame, moduleFacts } from '../../../../../src/transport/xbee/codec/module-facts.ts';
import { octetsOf } from '../../../../support/raw-sensor.ts';

const facts = (answers: Readonly<Record<string, string>>) =>
  moduleFacts(new Map(Object.entries(answers).map(([command, value]) => [command, octetsOf(value)])));

const XBEE_3 = facts({ SH: '0013a200', SL: '400a0127', HV: '4142', VR: '100a', NP: '0054', AP: '02' });

describe('what a module says of itself', () => {
  it('is read from its answers', () => {
    expect(XBEE_3).toEqual({
      ...{
        address: '0013a200400a0127',
        kind: 'Zigbee',
        hardware: '4142',
        firmware: '100a',
        maxPayload: 84,
        apiMode: 2,
      },
    });
  });

  it('has an address of 16 digits where the module leaves leading zeros out', () => {
    expect(facts({ SH: '13a200', SL: '0a0127' }).address).toBe('0013a200000a0127');
  });

  it('has no address where half of it is missing, and no payload where it is 0', () => {
    const { address, maxPayload } = facts({ SH: '0013a200', NP: '0000' });
    expect([address, maxPayload]).toEqual([undefined, undefined]);
  });

  it.each([
    [XBEE_3, 'Zigbee module 0013a200400a0127 (HV 4142, VR 100a)'],
    [facts({ SH: '0013a200', SL: '400a0127', HV: '1744' }), '802.15.4 module 0013a200400a0127 (HV 1744, VR unknown)'],
    [facts({ SH: '0013a200', SL: '400a0127' }), 'XBee module 0013a200400a0127 (it does not say what it is)'],
    [facts({}), 'XBee module of unknown address (it does not say what it is)'],
  ])('reads well in the log (%#)', (one, words) => {
    expect(describeModule(one)).toBe(words);
  });

  it.each([
    ['what it says', XBEE_3, undefined, 84],
    ['what it says, where the settings allow more', XBEE_3, 200, 84],
    ['what the settings allow, where that is less', XBEE_3, 50, 50],
    ['what is usual with Zigbee, where it does not say', facts({ HV: '4142', VR: '100a' }), undefined, 60],
    ['what is usual with 802.15.4, where it does not say', facts({ HV: '1744' }), undefined, 100],
  ])('limits frames to %s', (_, one, allowed, octets) => {
    expect(largestFrame(one, allowed)).toBe(octets);
  });
});
