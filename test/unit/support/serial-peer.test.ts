import { access } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';
import { crcOctets, type SerialCrc, type SerialFraming } from '../../support/serial-framing.ts';
import { SerialPeer, type SerialPeerOptions } from '../../support/serial-peer.ts';
import { GatewaySide } from './gateway-side.ts';

/** `wire` is what stands on the line for `frame`; worked out by hand from the definitions. */
const ON_THE_LINE: readonly { framing: SerialFraming; crc: SerialCrc; frame: string; wire: string }[] = [
  { framing: 'length', crc: 'none', frame: '02 16', wire: '02 16' },
  { framing: 'length', crc: 'none', frame: '05 fe 00 12 34 02 16', wire: '05 fe 00 12 34 02 16' },
  { framing: 'slip', crc: 'none', frame: '05 0c c0 db 00', wire: 'c0 05 0c db dc db dd 00 c0' },
  { framing: 'cobs', crc: 'none', frame: '04 0c 00 00', wire: '00 03 04 0c 01 01 00' },
  { framing: 'slip', crc: 'modbus', frame: '02 16', wire: 'c0 02 16 81 1e c0' },
  { framing: 'cobs', crc: 'ccitt', frame: '02 16', wire: '00 05 02 16 9a 09 00' },
];

it('has the check values of both CRCs', () => {
  expect(crcOctets(Buffer.from('123456789'), 'ccitt')).toEqual([0xb1, 0x29]);
  expect(crcOctets(Buffer.from('123456789'), 'modbus')).toEqual([0x37, 0x4b]);
});

describe('a serial peer made of software', () => {
  let peer: SerialPeer;
  let gateway: GatewaySide;

  async function open(options: SerialPeerOptions): Promise<void> {
    peer = await SerialPeer.open(options);
    gateway = await GatewaySide.open(peer.path);
  }

  afterEach(async () => {
    await gateway.close();
    await peer.close();
  });

  it.each(ON_THE_LINE)(
    'sends and understands $frame as $wire ($framing, CRC $crc)',
    async ({ framing, crc, frame, wire }) => {
      await open({ framing, crc });
      peer.send(octetsOf(frame));
      expect(await gateway.read(wire.split(' ').length)).toBe(wire);
      gateway.write(`${wire} ${wire}`);
      await peer.received.nth(2);
      expect(peer.received.items.map(hexOf)).toEqual([frame, frame]);
      expect(peer.violations).toEqual([]);
    },
  );

  it.each<SerialFraming>(['length', 'slip', 'cobs'])('carries long frames with all octets (%s)', async (framing) => {
    await open({ framing, crc: 'ccitt' });
    const frame = Uint8Array.from([1, 2, 8, 0x0c, ...Array.from({ length: 516 }, (_, index) => index % 256)]);
    peer.send(frame);
    await eventually('the whole frame', () => gateway.unread >= 520 + 2);
    const wire = await gateway.read(gateway.unread);
    gateway.write(wire);
    expect(hexOf(await peer.received.nth(1))).toBe(hexOf(frame));
    expect(peer.violations).toEqual([]);
  });

  it.each([
    { framing: 'length', crc: 'none', wire: '00', what: 'a frame cannot begin with 0' },
    { framing: 'length', crc: 'none', wire: '01 00 04', what: 'a frame cannot begin with 1 0 4' },
    { framing: 'slip', crc: 'none', wire: '02 c0', what: 'octet 2 without a delimiter before it' },
    { framing: 'slip', crc: 'none', wire: 'c0 db 16 c0', what: 'ESC is followed by 22' },
    { framing: 'slip', crc: 'none', wire: 'c0 03 16 c0', what: 'the length octets of a frame do not fit its 2 octets' },
    { framing: 'slip', crc: 'modbus', wire: 'c0 02 16 81 1f c0', what: 'CRC 129 31 in place of 129 30' },
    { framing: 'cobs', crc: 'none', wire: '00 05 02 16 00', what: 'a COBS block of 5 octets has 3' },
  ] as const)('puts down what the gateway should not send: $wire ($framing)', async ({ framing, crc, wire, what }) => {
    await open({ framing, crc });
    gateway.write(wire);
    await eventually('a violation', () => peer.violations.length > 0);
    expect(peer.violations).toEqual([what]);
    expect(peer.received.items).toEqual([]);
  });

  it('sends noise as it is, and carries the frames of a client', async () => {
    await open({ framing: 'slip' });
    const transport = peer.clientTransport();
    const heard: string[] = [];
    transport.onFrame((frame) => heard.push(hexOf(frame)));
    await transport.open();
    peer.sendOctets(octetsOf('11 13 0a 0d 00 ff'));
    transport.send(octetsOf('02 16'));
    expect(await gateway.read(10)).toBe('11 13 0a 0d 00 ff c0 02 16 c0');
    gateway.write('c0 02 17 c0');
    await eventually('the frame at the client', () => heard.length === 1);
    expect(heard).toEqual(['02 17']);
    await transport.close();
  });

  it('can be pulled out and put in again under the same path', async () => {
    await open({ framing: 'slip' });
    await peer.unplug();
    await gateway.gone();
    await expect(access(peer.path)).rejects.toThrow('ENOENT');
    await expect(GatewaySide.open(peer.path)).rejects.toThrow('No such file or directory');
    peer.send(octetsOf('02 16'));
    await peer.plug();
    gateway = await GatewaySide.open(peer.path);
    peer.send(octetsOf('02 17'));
    expect(await gateway.read(4)).toBe('c0 02 17 c0');
  });

  it('is a line that only one can have open', async () => {
    await open({ framing: 'slip' });
    await expect(GatewaySide.open(peer.path)).rejects.toThrow('Cannot lock port');
  });

  it('says what socat said when there can be no line', async () => {
    await open({ framing: 'slip' });
    await expect(SerialPeer.open({ path: '/nowhere/at/all', framing: 'slip' })).rejects.toThrow(
      /no serial line at \/nowhere\/at\/all; socat said: .*symlink/s,
    );
  });
});
