import { describe, expect, it } from '@jest/globals';
import { statusClientId } from '../../../src/app/status-client-id.ts';

const octets = (text: string): number => Buffer.byteLength(text);

describe('the client id of the connection for the status (I-107)', () => {
  it('is that of the gateway with -status behind, where every broker takes that', () => {
    expect(statusClientId('cellar')).toBe('cellar-status');
    expect(statusClientId('x'.repeat(16))).toBe(`${'x'.repeat(16)}-status`);
  });

  it('has no more octets than every broker takes, where that of the gateway has not', () => {
    for (const own of [
      'mqtt-sn-gw-1-0a1b2c',
      'mqtt-sn-gw-255-0a1b2c',
      'x'.repeat(17),
      'x'.repeat(23),
      'ä'.repeat(11),
    ]) {
      const made = statusClientId(own);
      expect(octets(made)).toBeLessThanOrEqual(23);
      expect(octets(made)).toBeGreaterThanOrEqual(22);
      expect(made).toMatch(new RegExp(`^${own.slice(0, 4)}.*-[0-9a-f]{6}-status$`));
    }
  });

  it('is as long as it comes where that of the gateway is too long already', () => {
    expect(statusClientId('y'.repeat(24))).toBe(`${'y'.repeat(24)}-status`);
  });

  it('differs where those of two gateways differ, at the end too, and is the same after each start', () => {
    const made = ['mqtt-sn-gw-1-0a1b2c', 'mqtt-sn-gw-1-0a1b2d', 'nqtt-sn-gw-1-0a1b2c'].map(statusClientId);
    expect(new Set(made).size).toBe(3);
    expect(statusClientId('mqtt-sn-gw-1-0a1b2c')).toBe(made[0]);
  });
});
