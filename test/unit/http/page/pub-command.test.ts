import { describe, expect, it } from '@jest/globals';
import type { TransportItem } from '../../../../src/http/api-contract.ts';
import { pubCommand } from '../../../../src/http/page/model/pub-command.ts';

function transport(fields: Partial<TransportItem>): TransportItem {
  return {
    ...{ name: 'udp', type: 'udp', address: '0.0.0.0:1884', state: 'up', since: '', reason: null, problems: 0 },
    ...{ framesReceived: 0, octetsReceived: 0, framesSent: 0, octetsSent: 0 },
    ...fields,
  };
}

describe('the command line for a first message', () => {
  it('names neither host nor port where pub would take them by itself', () => {
    expect(pubCommand([transport({})], 'localhost')).toMatch(/ pub -i sensor-1 -c -t /);
    expect(pubCommand([transport({})], '[::1]')).toMatch(/ pub -i sensor-1 -c -t /);
  });

  it('names the host that whoever looks has found the gateway at, and another port', () => {
    const transports = [transport({ type: 'serial', address: '/dev/ttyUSB0' }), transport({ address: '[::]:1999' })];
    expect(pubCommand(transports, 'gateway.example')).toMatch(/ pub -h gateway\.example -p 1999 -i /);
  });

  it('is not there without a UDP transport that is up', () => {
    expect(pubCommand([transport({ state: 'down' }), transport({ type: 'xbee' })], 'localhost')).toBeUndefined();
  });
});
