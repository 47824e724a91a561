import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, sameDigest, samePayload } from '../../../src/core/state/payload-digest.ts';

const same = (a: Uint8Array, b: Uint8Array): boolean => sameDigest(digestOf(a), digestOf(b));

describe('what is remembered of a payload (T-18)', () => {
  it('is the same for the same octets, wherever they lie', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        const around = Uint8Array.from([1, ...payload, 2]);
        expect(same(payload, around.subarray(1, -1))).toBe(true);
        expect(samePayload(payload, around.subarray(1, -1))).toBe(true);
      }),
    );
  });

  it('differs where one octet, one bit or the order of the octets differs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.nat(7), (payload, at, bit) => {
        const changed = payload.slice();
        changed[at % payload.length] = (payload[at % payload.length] ?? 0) ^ (1 << bit);
        expect(same(payload, changed)).toBe(false);
        expect(samePayload(payload, changed)).toBe(false);
        const turned = payload.slice().reverse();
        expect(same(payload, turned)).toBe(samePayload(payload, turned));
      }),
    );
  });

  it.each([
    ['no octets and one that is zero', [], [0]],
    ['zeros of another number', [0, 0], [0, 0, 0]],
    ['octets that are exchanged', [1, 2], [2, 1]],
  ])('tells apart %s', (_what, a, b) => {
    expect(same(Uint8Array.from(a), Uint8Array.from(b))).toBe(false);
  });

  it('has two hashes, neither of which is alike for any two of a hundred thousand counters but by rare chance', () => {
    const hashes = new Set<number>();
    const checks = new Set<number>();
    const both = new Set<string>();
    for (let count = 0; count < 100_000; count++) {
      const { hash, check } = digestOf(new TextEncoder().encode(`{"n":${count}}`));
      hashes.add(hash);
      checks.add(check);
      both.add(`${hash} ${check}`);
    }
    expect(both.size).toBe(100_000);
    expect(hashes.size).toBeGreaterThan(99_990);
    expect(checks.size).toBeGreaterThan(99_990);
  });
});
