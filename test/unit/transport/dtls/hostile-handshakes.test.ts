import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { BenchClient, DtlsBench, IDENTITY, KEY } from '../../../support/dtls-bench.ts';

const HOME = '192.0.2.1:5000';

/** A record with a connection id, which stands before its length. */
const WITH_ID = 25;

/** The records of a datagram; one with a connection id is the last. */
function recordsOf(datagram: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; at < datagram.length; ) {
    const length = (datagram[at + 11] ?? 0) * 256 + (datagram[at + 12] ?? 0);
    const end = datagram[at] === WITH_ID ? datagram.length : at + 13 + length;
    records.push(datagram.subarray(at, end));
    at = end;
  }
  return records;
}

/** A client whose ClientHello has been answered, and the records of its next flight, which have not been sent. */
function halfway(bench: DtlsBench, address = HOME): { readonly client: BenchClient; readonly flight: Uint8Array[] } {
  const client = new BenchClient(bench, address);
  client.filter = (datagram) => client.sent.indexOf(datagram) < 2;
  client.connect();
  return { client, flight: client.sent.slice(2).flatMap(recordsOf) };
}

describe('a key that goes while its client shakes hands', () => {
  it.each<[string, ReadonlyMap<string, Uint8Array>, string]>([
    ['for good', new Map(), 'unknown-identity'],
    ['for another one', new Map([[IDENTITY, new Uint8Array(16)]]), 'wrong-key'],
  ])('opens nothing any more: %s', (_, keys, reason) => {
    const bench = new DtlsBench();
    const { flight } = halfway(bench);
    const [keyExchange = new Uint8Array(0), ...rest] = flight;
    bench.deliver(HOME, keyExchange);
    bench.server.changeKeys(keys);
    for (const record of rest) {
      expect(bench.deliver(HOME, record)).toEqual([]);
    }
    expect(bench.server.sizes.associations).toBe(0);
    expect(bench.story).toEqual([`handshake-failed: ${reason}`]);
  });

  it('is nothing to a client whose key stays', () => {
    const bench = new DtlsBench();
    const { flight } = halfway(bench);
    const [keyExchange = new Uint8Array(0), ...rest] = flight;
    bench.deliver(HOME, keyExchange);
    bench.server.changeKeys(new Map([[IDENTITY, Uint8Array.from(KEY)]]));
    for (const record of rest) {
      bench.deliver(HOME, record);
    }
    expect(bench.server.sizes.associations).toBe(1);
  });
});

describe('one datagram', () => {
  it('gets one answer before its sender has shown where it is, whatever is in it', () => {
    const bench = new DtlsBench();
    const client = new BenchClient(bench, HOME);
    client.client.start(bench.now);
    const [hello = new Uint8Array(0)] = client.sent;
    const protectedRecord = Buffer.concat([Buffer.from('17fefd00010000000000000014', 'hex'), Buffer.alloc(20)]);
    for (const record of [hello, protectedRecord]) {
      expect(bench.deliver(HOME, Buffer.concat(Array.from({ length: 20 }, () => record)))).toHaveLength(1);
    }
    expect(bench.deliver(HOME, Buffer.concat([protectedRecord, hello, protectedRecord]))).toHaveLength(1);
  });
});

describe('what is remembered of somebody who has proven an address alone', () => {
  /** A record of any content, alone in the largest datagram that there is. */
  const large = (type: number, epoch: number, sequence: number, fragment: Uint8Array): Uint8Array => {
    const datagram = Buffer.alloc(65_507, 0xff);
    datagram.set([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, sequence]);
    datagram.writeUInt16BE(fragment.length, 11);
    datagram.set(fragment, 13);
    return datagram;
  };

  it('is a few kilobytes, whatever comes', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const handshakes = 100;
    const bench = new DtlsBench({ maxHandshakes: handshakes });
    const clients = Array.from({ length: handshakes }, (_, n) => halfway(bench, `192.0.2.1:${n + 1}`).client);
    collect();
    const before = process.memoryUsage().arrayBuffers;
    for (const { address } of clients) {
      for (let n = 0; n < 8; n++) {
        // Records of the next epoch, for which there are no keys yet.
        bench.deliver(address, large(23, 1, n, new Uint8Array(n % 2 === 0 ? 16_000 : 100)));
        // The first octet of a long ClientKeyExchange, and of others that would come behind it.
        const part = Buffer.from(n < 4 ? '10000fff0000000000000001' : '100004000000000000000001', 'hex');
        part.writeUInt16BE(2 + (n % 4), 4); // behind both ClientHellos
        bench.deliver(address, large(22, 0, n + 10, Buffer.concat([part, Buffer.alloc(1)])));
      }
    }
    const kept = (): number => (process.memoryUsage().arrayBuffers - before) / handshakes;
    for (let times = 0; times < 100 && kept() >= 10_000; times++) {
      collect(); // what nobody has any more goes in its own time
      await setImmediate();
    }
    expect(bench.server.sizes.handshakes).toBe(handshakes);
    expect(kept()).toBeLessThan(10_000);
  });

  it('is enough for the end of a handshake that comes before its beginning', () => {
    const bench = new DtlsBench();
    const { client, flight } = halfway(bench);
    for (const record of flight.toReversed()) {
      bench.deliver(HOME, record);
    }
    expect(bench.server.sizes.associations).toBe(1);
    client.filter = () => true;
  });

  it('is nothing of a ClientHello that is longer than any client has reason for', () => {
    const bench = new DtlsBench();
    const { client } = halfway(bench);
    const [, hello = new Uint8Array(0)] = client.sent;
    const padding = 4_000;
    const long = Buffer.alloc(hello.length + 4 + padding);
    long.set(hello);
    const grow = (at: number, width: number): void => {
      long.writeUIntBE(long.readUIntBE(at, width) + 4 + padding, at, width);
    };
    grow(11, 2); // record
    grow(14, 3); // message
    grow(22, 3); // fragment
    const bodyAt = 25;
    const cookieAt = bodyAt + 2 + 32 + 1 + (long[bodyAt + 34] ?? 0);
    const suitesAt = cookieAt + 1 + (long[cookieAt] ?? 0);
    const methodsAt = suitesAt + 2 + long.readUInt16BE(suitesAt);
    grow(methodsAt + 1 + (long[methodsAt] ?? 0), 2); // extensions
    long.writeUInt16BE(21, hello.length); // padding (RFC 7685)
    long.writeUInt16BE(padding, hello.length + 2);
    const fresh = new DtlsBench();
    expect(fresh.deliver(HOME, long)).toEqual([]);
    expect(fresh.story).toEqual(['record-dropped: malformed']);
  });
});
