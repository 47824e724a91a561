import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { XBeeTransport } from '../../../../src/transport/xbee/xbee-transport.ts';
import { LineTransportBench } from '../../../support/line-transport-bench.ts';
import { octetsOf } from '../../../support/raw-sensor.ts';
import { apiFrame } from '../../../support/xbee-api-frames.ts';

/** Answers to the questions for SH, SL, HV, VR and NP: a module with Zigbee, frames of 84 octets. */
const ANSWERS = [
  '88 01 53 48 00 00 13 a2 00',
  '88 02 53 4c 00 40 0a 01 27',
  '88 03 48 56 00 41 42',
  '88 04 56 52 00 10 0a',
  '88 05 4e 50 00 00 54',
];

describe('XBee transport', () => {
  const cleanUp: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(cleanUp.splice(0).map((close) => close()));
  });

  /** A transport behind an open port; nothing is known of the module yet. */
  async function opened() {
    const bench = new LineTransportBench();
    const { listener, observer, advertise, opener } = bench;
    const transport = new XBeeTransport({
      ...{ name: 'mesh', listener, observer, advertise, opener, forwarders: ['0013A20040522BAA'] },
      ...{
        path: '/dev/ttyUSB7',
        baudRate: 115_200,
        rtscts: false,
        apiMode: 1,
        maxFrame: undefined,
        statusTimeout: 9_000,
      },
    });
    await transport.open();
    cleanUp.push(() => transport.close());
    const come = (...frames: readonly string[]): void =>
      frames.forEach((data) => {
        bench.come(apiFrame(octetsOf(data), 1));
      });
    return { bench, come };
  }

  it.each([
    ['64-bit', '90 00 13 a2 00 40 52 2b aa 7d 84 01 02 16', '0013a20040522baa'],
    ['16-bit', '81 12 34 5e 01 02 16', '1234'],
  ])('hands up each frame with the link and the peer of its node: %s address', async (_, data, address) => {
    const { bench, come } = await opened();
    come(...ANSWERS, data);
    const peer = { transport: 'mesh', host: address, address };
    expect(bench.frames).toEqual([{ type: 'frame-received', link: `mesh:${address}`, peer, frame: octetsOf('02 16') }]);
  });

  it('hands up what came early when the module has said what it is, which names forwarders as links do', async () => {
    const { bench, come } = await opened();
    come('90 00 13 a2 00 40 52 2b aa 7d 84 01 02 16');
    expect(bench.inputs).toEqual([{ type: 'transport-closed', transport: 'mesh' }]);
    come(...ANSWERS);
    expect(bench.inputs.slice(1)).toEqual([
      {
        ...{ type: 'transport-opened', transport: 'mesh', maxFrame: 84, broadcast: false },
        ...{ speed: { octetsPerSecond: 2_000, overhead: 18 }, forwarders: ['0013a20040522baa'] },
      },
      expect.objectContaining({ type: 'frame-received', link: 'mesh:0013a20040522baa' }),
    ]);
  });

  it('asks a module that takes nothing (RTS/CTS) no more than once for each thing when it takes octets again', async () => {
    jest.useFakeTimers();
    try {
      const { bench } = await opened();
      bench.pending = 1_000;
      bench.written.length = 0;
      await jest.advanceTimersByTimeAsync(3_600_000);
      expect(bench.written).toEqual([]);
      bench.pending = 0;
      await jest.advanceTimersByTimeAsync(400);
      expect(bench.written.length).toBeGreaterThan(0);
      expect(bench.written.length).toBeLessThanOrEqual(12);
    } finally {
      jest.useRealTimers();
    }
  });
});
