import { describe, expect, it } from '@jest/globals';
import yargs from 'yargs';
import { GATEWAY_OPTIONS, gatewayAddress, gatewayPlace, wirelessNodeId } from '../../../src/cli/gateway-options.ts';
import { gatewayUrl } from '../../../src/cli/gateway-url.ts';
import { OptionProblem } from '../../../src/cli/option-table.ts';
import { ForwardedClientTransport } from '../../../src/client/forwarded-client-transport.ts';
import { SerialClientTransport } from '../../../src/client/serial-client-transport.ts';
import { UdpClientTransport } from '../../../src/client/udp-client-transport.ts';

const parsed = (...line: string[]) =>
  yargs(line).options(GATEWAY_OPTIONS).help(false).version(false).exitProcess(false).parseSync();

describe('mqtt-sn:// addresses', () => {
  it.each([
    ['mqtt-sn://gateway/a/b', { host: 'gateway', port: undefined, topic: 'a/b' }],
    ['mqtt-sn://10.0.0.7:1885/cmd/#', { host: '10.0.0.7', port: 1885, topic: 'cmd/#' }],
    ['mqtt-sn://[fe80::1%eth0]:1884/+/x%20y', { host: 'fe80::1%eth0', port: 1884, topic: '+/x%20y' }],
    ['MQTT-SN://gateway//a', { host: 'gateway', port: undefined, topic: '/a' }],
    ['mqtt-sn://gateway/', { host: 'gateway', port: undefined, topic: undefined }],
    ['mqtt-sn://gateway', { host: 'gateway', port: undefined, topic: undefined }],
  ])('are read: %s', (url, read) => {
    expect(gatewayUrl(url)).toEqual(read);
  });

  it.each([
    ['mqtt://broker/a', /MQTT is what a broker speaks/],
    ['gateway/a', /must be such as mqtt-sn:\/\//],
    ['mqtt-sn://anna:secret@gateway/a', /no user name/],
    ['mqtt-sn://gateway:0/a', /found "mqtt-sn:\/\/gateway:0\/a"/],
    ['mqtt-sn://:1884/a', /such as/],
    ['mqtt-sn://[::1/a', /such as/],
  ])('are refused: %s', (url, message) => {
    expect(() => gatewayUrl(url)).toThrow(message);
    expect(() => gatewayUrl(url)).toThrow(OptionProblem);
  });
});

describe('the way to the gateway', () => {
  it('is plain UDP unless told otherwise', () => {
    expect(gatewayPlace(parsed())).toEqual({ host: '127.0.0.1', port: 1884 });
    expect(gatewayPlace(parsed('-L', 'mqtt-sn://10.0.0.7:1885/a'))).toEqual({ host: '10.0.0.7', port: 1885 });
  });

  it('may have a port of its own, go over a line, or pass for a forwarder', () => {
    expect(gatewayPlace(parsed('--cport', '5000')).transport).toBeInstanceOf(UdpClientTransport);
    expect(gatewayPlace(parsed('--serial', '/dev/ttyUSB0')).transport?.peer).toBe(
      '/dev/ttyUSB0 (115200 baud, framing length)',
    );
    const line = parsed('--serial', 'COM3', '--baud', '9600', '--framing', 'slip', '--crc', 'ccitt');
    const { transport } = gatewayPlace(line);
    expect(transport).toBeInstanceOf(SerialClientTransport);
    expect(transport?.peer).toBe('COM3 (9600 baud, framing slip with CRC ccitt)');
    expect(gatewayAddress(line)).toBe('COM3');
    expect(gatewayPlace(parsed('--fe')).transport).toBeInstanceOf(ForwardedClientTransport);
  });

  it('names a node by text, by octets, or by chance', () => {
    expect(wirelessNodeId('17')).toEqual(Buffer.from('17'));
    expect(wirelessNodeId('0x00ff')).toEqual(Buffer.from([0, 255]));
    expect(wirelessNodeId(undefined)).toHaveLength(4);
    expect(wirelessNodeId(undefined)).not.toEqual(wirelessNodeId(undefined));
  });

  it.each([
    [['--wlnid', '1'], /add --fe/],
    [['--fe', '--wlnid', '0x123'], /two hexadecimal digits/],
    [['--fe', '--wlnid', 'x'.repeat(253)], /at most 252/],
    [['--baud', '9600'], /--baud is for a serial line: add --serial/],
    [['--serial', 'COM3', '-p', '1884'], /leave --port or --serial away/],
    [['--serial', 'COM3', '--dtls'], /leave --dtls or --serial away/],
    [['--serial', 'COM3', '-L', 'mqtt-sn://a/b'], /give --topic in place of --url/],
    [['--serial', 'COM3', '--crc', 'ccitt'], /--crc needs --framing slip or cobs/],
    [['-h', 'a', '-L', 'mqtt-sn://b/c'], /leave --host and --port away/],
    [['--psk-file', 'key'], /add --dtls/],
    [['--dtls', '--psk-identity', 'a', '--psk-file', '/nope'], /^--psk-file: cannot read \/nope: no such file$/],
  ])('is refused where options do not fit together: %j', (line, message) => {
    expect(() => gatewayPlace(parsed(...line))).toThrow(message);
    expect(() => gatewayPlace(parsed(...line))).toThrow(OptionProblem);
  });
});
