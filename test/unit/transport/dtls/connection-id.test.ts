import { beforeEach, describe, expect, it } from '@jest/globals';
import { encode } from '../../../../src/codec/encode.ts';
import { CidClient } from '../../../support/cid-client.ts';
import { DtlsBench, IDENTITY, KEY } from '../../../support/dtls-bench.ts';

describe.each([
  ['with a connection id of its own', Buffer.from('c1d2', 'hex')],
  ['with a long one', Buffer.alloc(32, 7)],
])('a client that is found by its connection id, %s (RFC 9146)', (_, ownCid) => {
  let bench: DtlsBench;
  let client: CidClient;
  let address: string;

  beforeEach(() => {
    bench = new DtlsBench();
    address = '192.0.2.1:5000';
    client = new CidClient({
      ...{ identity: IDENTITY, key: KEY, ownCid },
      roundTrip: (datagram) => bench.deliver(address, datagram),
    });
    client.connect();
    client.say('one');
  });

  const link = (): string => bench.frames[0]?.link ?? '';
  const texts = (): string[] => bench.frames.map(({ text }) => text);
  const down = (text: string, at = address): void => {
    bench.server.send(link(), Buffer.from(text));
    client.hear(bench.take(at));
  };

  it('shakes hands, and frames go both ways', () => {
    down('two');
    expect(texts()).toEqual(['one']);
    expect(client.heard).toEqual(['two']);
    expect(client.serverCid).toHaveLength(6);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'association-opened', connectionId: true }));
  });

  it('is followed to another address by its first newer record, and keeps its link', () => {
    address = '192.0.2.1:6000';
    client.say('two');
    down('three');
    expect(texts()).toEqual(['one', 'two']);
    expect(new Set(bench.frames.map((each) => each.link)).size).toBe(1);
    expect(bench.frames[1]?.peer.address).toBe('192.0.2.1:6000');
    expect(client.heard).toEqual(['three']);
  });

  it('answers six of six where the address changes before every second record', () => {
    for (let n = 0; n < 6; n++) {
      address = `192.0.2.1:${7_000 + Math.floor(n / 2)}`;
      client.say(`up ${n}`);
      down(`down ${n}`);
    }
    expect(client.heard).toEqual(Array.from({ length: 6 }, (_unused, n) => `down ${n}`));
  });

  it('is not followed by a forged record, a replayed one, or an authentic one that is older', () => {
    const late = client.frame('late');
    const heard = client.frame('heard');
    bench.deliver(address, heard);
    const forged = Buffer.from(client.frame('forged'));
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    for (const record of [forged, heard, late]) {
      bench.deliver('198.51.100.9:9', record);
    }
    down('here');
    expect(texts()).toEqual(['one', 'heard', 'late']);
    expect(client.heard).toEqual(['here']);
    expect(bench.notes.map(({ type }) => type)).not.toContain('association-moved');
  });

  it('gets little at a new address until something more comes from there', () => {
    address = '198.51.100.9:9';
    client.say('moved');
    const sent = (): number => bench.take(address).reduce((sum, { length }) => sum + length, 0);
    const frame = Buffer.alloc(1_000, 'x');
    const went = Array.from({ length: 10 }, () => bench.server.send(link(), frame));
    expect(went.filter(Boolean)).toHaveLength(3);
    expect(sent()).toBeLessThanOrEqual(4_096);
    expect(
      bench.notes.filter((note) => note.type === 'record-dropped' && note.reason === 'address-unproven'),
    ).toHaveLength(7);
    client.say('proven');
    expect(Array.from({ length: 10 }, () => bench.server.send(link(), frame)).every(Boolean)).toBe(true);
  });

  it('gets no more of it in small pieces: all that is sent counts', () => {
    address = '198.51.100.9:9';
    client.say('moved');
    for (let n = 0; n < 1_000; n++) {
      bench.server.send(link(), Buffer.from('1234567'));
    }
    const sent = bench.take(address).reduce((sum, { length }) => sum + length, 0);
    expect(sent).toBeLessThanOrEqual(4_096);
    expect(sent).toBeGreaterThan(3_900);
  });

  it('gets one QoS 1 or 2 message at a new address, of any size, and 4 KiB of QoS 0, until something more comes from there (RFC 9146 6)', () => {
    const publish = (qos: 0 | 1 | 2, msgId: number, octets = 100): Uint8Array =>
      encode({
        ...{ type: 'PUBLISH', qos, msgId, dup: false, retain: false, topicIdType: 'normal', topicId: 1 },
        data: Buffer.alloc(octets),
      });
    const went = (frame: Uint8Array): boolean => bench.server.send(link(), frame);
    for (const round of [1, 2]) {
      address = `198.51.100.9:${round}`;
      client.say('moved');
      expect(went(publish(1, 7, 8_000))).toBe(true);
      expect(went(publish(1, 8))).toBe(false);
      expect(went(publish(2, 9))).toBe(false);
      bench.take(address);
      expect(Array.from({ length: 40 }, () => went(publish(0, 0, 400))).filter(Boolean).length).toBeGreaterThan(7);
      expect(bench.take(address).reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(4_096);
      expect(went(publish(1, 8, 1))).toBe(false);
      client.say('proven');
      expect([publish(1, 8), publish(2, 9), publish(0, 0, 8_000)].map(went)).toEqual([true, true, true]);
    }
  });

  it('may get the one QoS 1 message again, within the 4 KiB', () => {
    const again = encode({
      ...{ type: 'PUBLISH', qos: 1, msgId: 7, dup: true, retain: false, topicIdType: 'normal', topicId: 1 },
      data: Buffer.alloc(1_000),
    });
    address = '198.51.100.9:1';
    client.say('moved');
    expect(Array.from({ length: 9 }, () => bench.server.send(link(), again)).filter(Boolean)).toHaveLength(4);
  });

  it('may pad its records with zeros (RFC 9146 4)', () => {
    bench.deliver(address, client.record(23, Buffer.from('padded'), 40));
    expect(texts()).toEqual(['one', 'padded']);
  });

  it('is not met by a connection id that nobody has', () => {
    const record = Buffer.from(client.frame('lost'));
    record[11] = (record[11] ?? 0) ^ 1;
    bench.deliver(address, record);
    expect(bench.story.at(-1)).toBe('record-dropped: unknown-association');
  });

  it('takes no address from a client that is found by that alone, wherever its own records seem to come from', () => {
    const home = '192.0.2.9:5000';
    const other = new CidClient({
      ...{ identity: IDENTITY, key: KEY, ownCid: undefined },
      roundTrip: (datagram) => bench.deliver(home, datagram),
    });
    other.connect();
    other.say('other');
    address = home;
    client.say('as if from there');
    other.say('still there');
    address = '192.0.2.1:5000';
    client.say('back');
    other.say('and now');
    expect(texts()).toEqual(['one', 'other', 'as if from there', 'still there', 'back', 'and now']);
    expect(new Set(bench.frames.map((frame) => frame.link)).size).toBe(2);
  });

  it('is where its cookie was, though its Finished seems to come from elsewhere: it ends nobody there, and little goes there', () => {
    const home = '192.0.2.9:5000';
    const other = new CidClient({
      ...{ identity: IDENTITY, key: KEY, ownCid: undefined },
      roundTrip: (datagram) => bench.deliver(home, datagram),
    });
    other.connect();
    /** A client at `from` whose Finished comes from `elsewhere`: its record has the connection id, those before it have none. */
    const connected = (from: string, elsewhere: string): CidClient => {
      const made = new CidClient({
        ...{ identity: IDENTITY, key: KEY, ownCid },
        roundTrip: (datagram) => {
          const finishedAt = made.serverCid.length > 0 ? datagram.lastIndexOf(Buffer.from('19fefd0001', 'hex')) : -1;
          return finishedAt < 0
            ? bench.deliver(from, datagram)
            : [datagram.subarray(0, finishedAt), datagram.subarray(finishedAt)].flatMap((part, at) =>
                bench.deliver(at === 0 ? from : elsewhere, part),
              );
        },
      });
      made.connect();
      return made;
    };
    const linkOf = ({ serverCid }: CidClient): string => `dtls:${serverCid.toString('hex')}`;
    const intruder = connected('192.0.2.1:6000', home);
    other.say('still there');
    expect(texts()).toEqual(['one', 'still there']);
    expect(bench.story.filter((line) => line.startsWith('association-closed'))).toEqual([]);
    expect(bench.server.send(linkOf(intruder), Buffer.alloc(5_000))).toBe(false);
    expect(bench.server.send(linkOf(intruder), Buffer.alloc(500))).toBe(true);
    const honest = connected('192.0.2.1:7000', '192.0.2.1:7000');
    expect(bench.server.send(linkOf(honest), Buffer.alloc(5_000))).toBe(true);
  });

  it('lets another client have its former address', () => {
    const other = new CidClient({
      ...{ identity: IDENTITY, key: KEY, ownCid },
      roundTrip: (datagram) => bench.deliver('192.0.2.1:5000', datagram),
    });
    address = '192.0.2.1:6000';
    client.say('moved');
    other.connect();
    other.say('other');
    client.say('still here');
    expect(texts()).toEqual(['one', 'moved', 'other', 'still here']);
    expect(bench.server.sizes.associations).toBe(2);
  });
});
