import { describe, expect, it } from '@jest/globals';
import {
  describePort,
  octetsPerSecond,
  type SerialPortSettings,
} from '../../../../src/transport/line/serial-port-settings.ts';

const PORT: SerialPortSettings = {
  ...{ path: '/dev/ttyUSB0', baudRate: 9_600, dataBits: 8, parity: 'none', stopBits: 1, rtscts: false },
};

describe('the settings of a serial port', () => {
  it.each<[Partial<SerialPortSettings>, string, number]>([
    [{}, '/dev/ttyUSB0 at 9600 baud, 8N1', 960],
    [{ baudRate: 115_200, rtscts: true }, '/dev/ttyUSB0 at 115200 baud, 8N1, RTS/CTS', 11_520],
    [{ parity: 'even' }, '/dev/ttyUSB0 at 9600 baud, 8E1', 9_600 / 11],
    [{ parity: 'odd', dataBits: 7, stopBits: 2 }, '/dev/ttyUSB0 at 9600 baud, 7O2', 9_600 / 11],
    [{ stopBits: 1.5 }, '/dev/ttyUSB0 at 9600 baud, 8N1.5', 9_600 / 10.5],
  ])('%j read "%s" and carry %d octets a second', (change, words, speed) => {
    expect(describePort({ ...PORT, ...change })).toBe(words);
    expect(octetsPerSecond({ ...PORT, ...change })).toBe(speed);
  });
});
