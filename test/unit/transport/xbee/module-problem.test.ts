import { describe, expect, it } from '@jest/globals';
import { explainApiMode, explainSilence } from '../../../../src/transport/xbee/module-problem.ts';

const SETTINGS = { path: '/dev/ttyUSB0', baudRate: 9_600, apiMode: 1 } as const;

describe('a module that is set otherwise than the gateway', () => {
  it('is asked about by the settings that may be wrong, where it says nothing', () => {
    expect(explainSilence(SETTINGS)).toBe(
      'the module on /dev/ttyUSB0 does not answer AT commands: is it in API mode 1 (its setting AP), at 9600 baud (BD)? It is asked again',
    );
  });

  it('is named with both API modes, where it says its own', () => {
    expect(explainApiMode(2, SETTINGS)).toBe(
      'the module is in API mode 2, the setting apiMode is 1: some octets will be garbled; make them equal',
    );
  });
});
