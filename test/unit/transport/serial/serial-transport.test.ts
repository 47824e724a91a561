import { describe, expect, it } from '@jest/globals';
import { makeFraming } from '../../../../src/transport/framing/make-framing.ts';
import { SerialTransport } from '../../../../src/transport/serial/serial-transport.ts';
import { LineTransportBench } from '../../../support/line-transport-bench.ts';
import { octetsOf } from '../../../support/raw-sensor.ts';

describe('serial transport', () => {
  it('hands up each frame with the link and the peer of its line, whatever the port is called', async () => {
    const bench = new LineTransportBench();
    const { listener, observer, advertise, opener } = bench;
    const transport = new SerialTransport({
      ...{ name: 'attic', listener, observer, advertise, opener },
      port: { path: '/dev/ttyUSB7', baudRate: 9_600, dataBits: 8, parity: 'none', stopBits: 1, rtscts: false },
      ...{ framingName: 'slip', maxFrame: 100, interFrameGap: 50 },
      framing: makeFraming({
        framing: 'slip',
        crc: 'none',
        maxFrame: 100,
        measure: () => 'never',
        isDoubtful: () => false,
      }),
    });
    await transport.open();
    bench.come(octetsOf('c0 02 16 c0 c0 02 17 c0'));
    await transport.close();
    const peer = { transport: 'attic', host: 'line', address: 'line' };
    expect(bench.frames).toEqual([
      { type: 'frame-received', link: 'attic:line', peer, frame: octetsOf('02 16') },
      { type: 'frame-received', link: 'attic:line', peer, frame: octetsOf('02 17') },
    ]);
  });
});
