import { describe, expect, it } from '@jest/globals';
import { keyShare, P256, X25519 } from '../../../../src/transport/dtls/crypto/key-agreement.ts';
import { premasterSecret } from '../../../../src/transport/dtls/crypto/key-schedule.ts';
import { prf } from '../../../../src/transport/dtls/crypto/prf.ts';

const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const hex = (some: Uint8Array | undefined): string => Buffer.from(some ?? []).toString('hex');

describe('the pseudorandom function (RFC 5246 5)', () => {
  // The vectors that the TLS working group published for TLS 1.2.
  it('is that of the published vector with SHA-256', () => {
    const secret = octets('9b be 43 6b a9 40 f0 17 b1 76 52 84 9a 71 db 35');
    const seed = octets('a0 ba 9f 93 6c da 31 18 27 a6 f7 96 ff d5 19 8c');
    expect(hex(prf('sha256', secret, 'test label', seed, 100))).toBe(
      hex(
        octets(`
        e3 f2 29 ba 72 7b e1 7b 8d 12 26 20 55 7c d4 53 c2 aa b2 1d 07 c3 d4 95 32 9b 52 d4 e6 1e db 5a
        6b 30 17 91 e9 0d 35 c9 c9 a4 6b 4e 14 ba f9 af 0f a0 22 f7 07 7d ef 17 ab fd 37 97 c0 56 4b ab
        4f bc 91 66 6e 9d ef 9b 97 fc e3 4f 79 67 89 ba a4 80 82 d1 22 ee 42 c5 a7 2e 5a 51 10 ff f7 01
        87 34 7b 66`),
      ),
    );
  });

  it('is that of the published vector with SHA-384', () => {
    const secret = octets('b8 0b 73 3d 6c ee fc dc 71 56 6e a4 8e 55 67 df');
    const seed = octets('cd 66 5c f6 a8 44 7d d6 ff 8b 27 55 5e db 74 65');
    expect(hex(prf('sha384', secret, 'test label', seed, 148))).toBe(
      hex(
        octets(`
        7b 0c 18 e9 ce d4 10 ed 18 04 f2 cf a3 4a 33 6a 1c 14 df fb 49 00 bb 5f d7 94 21 07 e8 1c 83 cd
        e9 ca 0f aa 60 be 9f e3 4f 82 b1 23 3c 91 46 a0 e5 34 cb 40 0f ed 27 00 88 4f 9d c2 36 f8 0e dd
        8b fa 96 11 44 c9 e8 d7 92 ec a7 22 a7 b3 2f c3 d4 16 d4 73 eb c2 c5 fd 4a bf da d0 5d 91 84 25
        9b 5b f8 cd 4d 90 fa 0d 31 e2 de c4 79 e4 f1 a2 60 66 f2 ee a9 a6 92 36 a3 e5 26 55 c9 e9 ae e6
        91 c8 f3 a2 68 54 30 8d 5e aa 3b e8 5e 09 90 70 3d 73 e5 6f`),
      ),
    );
  });
});

describe('the premaster secret', () => {
  it('has as many zeros as the key has octets, each behind its length (RFC 4279 2)', () => {
    expect(hex(premasterSecret(octets('aabbcc'), undefined))).toBe('0003' + '000000' + '0003' + 'aabbcc');
  });

  it('has the shared secret in place of the zeros where there is one (RFC 5489 2)', () => {
    expect(hex(premasterSecret(octets('aabbcc'), octets('0102')))).toBe('0002' + '0102' + '0003' + 'aabbcc');
  });
});

describe('the exchange of keys', () => {
  it('with X25519 is that of RFC 7748, section 6.1', () => {
    const bob = keyShare(X25519, () => octets('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    expect(hex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const alice = octets('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(hex(bob.secretWith(alice))).toBe('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
  });

  it.each([
    ['a point of small order', X25519, '00'.repeat(32)],
    ['too few octets', X25519, '09'.repeat(31)],
    ['a point that is not on the curve', P256, `04${'11'.repeat(64)}`],
    ['a compressed point', P256, `02${'11'.repeat(32)}`],
    ['nothing', P256, ''],
  ] as const)('refuses %s', (_, group, other) => {
    let next = 1;
    expect(keyShare(group, (length) => new Uint8Array(length).fill(next++)).secretWith(octets(other))).toBeUndefined();
  });
});
