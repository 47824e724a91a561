import { describe, expect, it } from '@jest/globals';
import { SUITES } from '../../../../src/transport/dtls/crypto/suites.ts';
import type { ClientHello } from '../../../../src/transport/dtls/handshake/hellos.ts';
import { negotiate } from '../../../../src/transport/dtls/server/negotiation.ts';

const GCM = 0x00a8;
const CCM_8 = 0xc0a8;
const SCSV = 0x00ff;
const HANDSHAKE_FAILURE = 40;

const ALL = new Set<string>(SUITES.map(({ name }) => name));

/** What the server says to a client that offers this. */
function agreed(hello: Partial<ClientHello>, allowed: ReadonlySet<string> = ALL) {
  const whole: ClientHello = {
    ...{ version: 0xfefd, random: new Uint8Array(32), sessionId: new Uint8Array(0), cookie: new Uint8Array(0) },
    ...{ suites: [GCM], compressionMethods: Uint8Array.of(0), extensions: new Map(), ...hello },
  };
  const found = negotiate(whole, allowed, Uint8Array.of(1));
  return 'alert' in found
    ? found
    : { suite: found.suite.id, secret: found.extendedMasterSecret, says: [...found.extensions.entries()] };
}

describe('what a client and the server agree on', () => {
  it('is the first suite of the client that is allowed: it knows its battery', () => {
    expect(agreed({ suites: [CCM_8, GCM] })).toMatchObject({ suite: CCM_8 });
    expect(agreed({ suites: [GCM, CCM_8] })).toMatchObject({ suite: GCM });
    const allowed = new Set(['TLS_PSK_WITH_AES_128_GCM_SHA256']);
    expect(agreed({ suites: [CCM_8, GCM] }, allowed)).toMatchObject({ suite: GCM });
    expect(agreed({ suites: [CCM_8] }, allowed)).toEqual({ alert: HANDSHAKE_FAILURE, reason: 'no-common-suite' });
  });

  it('is nothing without the null compression, which is the only one', () => {
    expect(agreed({ compressionMethods: Uint8Array.of(1) })).toMatchObject({ alert: HANDSHAKE_FAILURE });
    expect(agreed({ compressionMethods: Uint8Array.of(1, 0) })).toMatchObject({ suite: GCM });
  });

  it('has the extended master secret where that is offered (RFC 7627 5.2)', () => {
    expect(agreed({})).toMatchObject({ secret: false, says: [] });
    const extensions = new Map([[23, new Uint8Array(0)]]);
    expect(agreed({ extensions })).toMatchObject({ secret: true, says: [[23, new Uint8Array(0)]] });
  });

  it('is the first handshake: renegotiation_info is empty, either as an extension or as a suite (RFC 5746 3.6)', () => {
    const says = [[0xff01, Uint8Array.of(0)]];
    expect(agreed({ suites: [GCM, SCSV] })).toMatchObject({ says });
    expect(agreed({ extensions: new Map([[0xff01, Uint8Array.of(0)]]) })).toMatchObject({ says });
    for (const info of [Uint8Array.of(), Uint8Array.of(1, 7), Uint8Array.of(0, 0)]) {
      expect(agreed({ extensions: new Map([[0xff01, info]]) })).toEqual({
        ...{ alert: HANDSHAKE_FAILURE, reason: 'renegotiation' },
      });
    }
  });
});
