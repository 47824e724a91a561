import { describe, expect, it } from '@jest/globals';
import { TrafficMeter } from '../../../src/app/traffic-meter.ts';
import type { Transport, TransportEffect, TransportInput } from '../../../src/ports/transport.ts';
import { peerOf } from '../../support/peer-of.ts';

class Recorded implements Transport {
  readonly name = 'udp';
  readonly performed: TransportEffect[] = [];
  readonly calls: string[] = [];

  async open(): Promise<void> {
    this.calls.push('open');
  }

  perform(effect: TransportEffect): void {
    this.performed.push(effect);
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

describe('what goes through a transport', () => {
  it('is counted in frames and octets, in and out, and goes on unchanged', async () => {
    const meter = new TrafficMeter();
    const heard: TransportInput[] = [];
    const listener = meter.listening((input) => heard.push(input));
    const transport = new Recorded();
    const sending = meter.sending(transport);
    const inputs: TransportInput[] = [
      { type: 'transport-opened', transport: 'udp', maxFrame: 100, broadcast: false },
      { type: 'frame-received', link: 'udp:a', peer: peerOf('udp:a'), frame: new Uint8Array(7) },
      { type: 'frame-received', link: 'udp:a', peer: peerOf('udp:a'), frame: new Uint8Array(0) },
      { type: 'frame-undelivered', link: 'udp:a', frame: new Uint8Array(9), reason: 'gone' },
    ];
    const effects: TransportEffect[] = [
      { type: 'send', transport: 'udp', link: 'udp:a', frame: new Uint8Array(3) },
      { type: 'broadcast', transport: 'udp', frame: new Uint8Array(5), radius: 0 },
    ];
    inputs.forEach(listener);
    for (const effect of effects) {
      sending.perform(effect);
    }
    expect(meter.read()).toEqual({ framesReceived: 2, octetsReceived: 7, framesSent: 2, octetsSent: 8 });
    expect(heard).toEqual(inputs);
    expect(transport.performed).toEqual(effects);
    await sending.open();
    await sending.close();
    expect([sending.name, ...transport.calls]).toEqual(['udp', 'open', 'close']);
  });
});
