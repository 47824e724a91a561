import { describe, expect, it } from '@jest/globals';
import { CidClient } from '../../../support/cid-client.ts';
import { DtlsBench, IDENTITY, KEY } from '../../../support/dtls-bench.ts';

const HANDSHAKE = 22;
const ADDRESS = '192.0.2.1:5000';

/** The header of a handshake message in one fragment (RFC 6347 4.2.2), with nothing that counts behind it. */
function message(type: number): Buffer {
  const octets = Buffer.alloc(12 + 40);
  octets[0] = type;
  octets[3] = 40;
  octets[11] = 40;
  return octets;
}

describe('a ClientHello within an association', () => {
  it('is refused with no_renegotiation, and the association goes on (RFC 5246 7.2.2)', () => {
    const bench = new DtlsBench();
    const client = new CidClient({
      ...{ identity: IDENTITY, key: KEY, ownCid: Buffer.from('c1d2', 'hex') },
      roundTrip: (datagram) => bench.deliver(ADDRESS, datagram),
    });
    client.connect();
    const answers = bench.deliver(ADDRESS, client.record(HANDSHAKE, message(1)));
    const [alert, ...others] = answers.flatMap((each) => client.open(Buffer.from(each)));
    expect([alert?.type, alert?.plain.toString('hex'), others]).toEqual([21, '0164', []]);
    client.say('still there');
    expect(bench.frames.map(({ text }) => text)).toEqual(['still there']);
    expect(bench.server.sizes).toEqual({ associations: 1, handshakes: 0 });
  });
});
