import { describe, expect, it } from '@jest/globals';
import { acknowledgedPublish } from '../../../src/codec/acknowledged-publish.ts';
import { octetsOf } from '../../support/raw-sensor.ts';

describe('the MsgId of a PUBLISH that has to be acknowledged', () => {
  it.each([
    ['QoS 0', '08 0c 00 00 01 00 00 41', undefined],
    ['QoS 1', '08 0c 20 00 01 12 34 41', 0x1234],
    ['QoS 2, again', '08 0c c0 00 01 12 34 41', 0x1234],
    ['QoS −1', '08 0c 61 00 01 12 34 41', undefined],
    ['QoS 1 in the long form', `01 01 02 0c 20 00 01 12 34 ${'41 '.repeat(249)}`, 0x1234],
    ['QoS 1 behind a forwarder', '05 fe 01 aa bb 08 0c 20 00 01 12 34 41', 0x1234],
    ['PUBACK', '07 0d 00 01 12 34 00', undefined],
    ['PINGRESP', '02 17', undefined],
    ['nothing', '', undefined],
  ])('%s', (_, frame, msgId) => {
    expect(acknowledgedPublish(octetsOf(frame))).toBe(msgId);
  });
});
