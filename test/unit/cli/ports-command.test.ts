import { describe, expect, it } from '@jest/globals';
import { portsText } from '../../../src/cli/ports-command.ts';

describe('ports', () => {
  it('shows each port with maker, serial number and the name that stays', () => {
    const stablePath = '/dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0';
    const text = portsText([
      { path: '/dev/ttyACM0', stablePath: undefined, manufacturer: undefined, serialNumber: undefined },
      { path: '/dev/ttyUSB0', stablePath, manufacturer: 'FTDI', serialNumber: 'A50285BI' },
    ]);
    expect(text.split('\n')).toEqual([
      'Port          Maker  Serial number  Name that stays (best for the setting path)',
      '/dev/ttyACM0  –      –              –',
      `/dev/ttyUSB0  FTDI   A50285BI       ${stablePath}`,
      '',
    ]);
  });

  it('says what to look at where there is none', () => {
    expect(portsText([])).toMatch(/^No serial port was found\. Is the device plugged in\?.*\n$/);
  });
});
