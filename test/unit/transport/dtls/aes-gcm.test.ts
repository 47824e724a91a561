import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { AesGcm } from '../../../../src/transport/dtls/crypto/aes-gcm.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

function sealed(key: Buffer, nonce: Buffer, aad: Buffer, plain: Buffer): Buffer {
  const octets = Buffer.concat([Buffer.from('before'), plain, Buffer.alloc(16), Buffer.from('behind')]);
  new AesGcm(key).seal(nonce, aad, octets, 6, plain.length);
  expect([octets.subarray(0, 6).toString(), octets.subarray(-6).toString()]).toEqual(['before', 'behind']);
  return octets.subarray(6, -6);
}

/** As OpenSSL does it. */
function expected(key: Buffer, nonce: Buffer, aad: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

const KEY = 'feffe9928665731c6d6a8f9467308308';
const TEXT = {
  nonce: 'cafebabefacedbaddecaf888',
  aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
  plain:
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
};
const ZEROS = { key: '00'.repeat(16), nonce: '00'.repeat(12), aad: '' };

describe('AES-GCM', () => {
  it.each([
    { of: 1, ...ZEROS, plain: '', gives: '58e2fccefa7e3061367f1d57a4e7455a' },
    {
      ...{ of: 2, ...ZEROS, plain: '00'.repeat(16) },
      gives: '0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf',
    },
    {
      ...{ of: 4, key: KEY, ...TEXT },
      gives:
        '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47',
    },
    {
      ...{ of: 16, key: KEY + KEY, ...TEXT },
      gives:
        '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    },
  ])(
    'is that of test case $of of its specification (McGrew and Viega, appendix B)',
    ({ key, nonce, aad, plain, gives }) => {
      const octets = sealed(hex(key), hex(nonce), hex(aad), hex(plain));
      expect(octets.toString('hex')).toBe(gives);
      const { length } = hex(plain);
      expect(new AesGcm(hex(key)).open(hex(nonce), hex(aad), octets, 0, length)).toEqual(hex(plain));
    },
  );

  it.each([16, 32])(
    'is that of OpenSSL for texts and additional data of each length, with keys of %i octets',
    (keyLength) => {
      for (let length = 0; length < 600; length++) {
        const [key, nonce] = [randomBytes(keyLength), randomBytes(12)];
        const [aad, plain] = [randomBytes(length % 67), randomBytes(length)];
        const octets = sealed(key, nonce, aad, plain);
        expect(octets.toString('hex')).toBe(expected(key, nonce, aad, plain).toString('hex'));
      }
    },
  );

  it('does many texts with one key, long ones in between', () => {
    const key = randomBytes(16);
    const gcm = new AesGcm(key);
    for (const length of [1, 16_384, 33, 0, 512, 513, 33]) {
      const [nonce, aad, plain] = [randomBytes(12), randomBytes(29), randomBytes(length)];
      const octets = Buffer.concat([plain, Buffer.alloc(16)]);
      gcm.seal(nonce, aad, octets, 0, length);
      expect(octets.equals(expected(key, nonce, aad, plain))).toBe(true);
      expect(gcm.open(nonce, aad, octets, 0, length)).toEqual(plain);
    }
  });

  it('opens nothing of which a single bit has changed: text, tag, additional data, nonce', () => {
    const gcm = new AesGcm(randomBytes(16));
    const parts = { nonce: randomBytes(12), aad: randomBytes(13), octets: Buffer.alloc(20 + 16, 7) };
    gcm.seal(parts.nonce, parts.aad, parts.octets, 0, 20);
    for (const part of Object.values(parts)) {
      for (let bit = 0; bit < 8 * part.length; bit++) {
        part[bit >>> 3] = (part[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        expect(gcm.open(parts.nonce, parts.aad, parts.octets, 0, 20)).toBeUndefined();
        part[bit >>> 3] = (part[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      }
    }
    expect(gcm.open(parts.nonce, parts.aad, parts.octets, 0, 20)).toEqual(Buffer.alloc(20, 7));
  });
});
