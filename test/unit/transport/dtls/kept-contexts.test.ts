import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type ContextOwner, KeptContexts } from '../../../../src/transport/dtls/crypto/kept-contexts.ts';
import { RecordCipher } from '../../../../src/transport/dtls/crypto/record-cipher.ts';
import { SUITES } from '../../../../src/transport/dtls/crypto/suites.ts';

class Owner implements ContextOwner {
  isInUse = true;
  hasContext = true;

  letGo(): void {
    this.hasContext = false;
  }
}

/** Makes so many contexts, one after the other, of which three are kept. */
function made(many: number): { readonly contexts: KeptContexts; readonly owners: readonly Owner[] } {
  const contexts = new KeptContexts(3);
  const owners = Array.from({ length: many }, () => new Owner());
  for (const owner of owners) {
    contexts.made(owner);
  }
  return { contexts, owners };
}

const kept = (owners: readonly Owner[]): number[] => owners.flatMap(({ hasContext }, at) => (hasContext ? [at] : []));

describe('contexts that are kept', () => {
  it('are all as long as there are not too many, then the last ones', () => {
    expect(kept(made(3).owners)).toEqual([0, 1, 2]);
    expect(kept(made(100).owners)).toHaveLength(3);
  });

  it('are those that are needed: whoever needs none lets its own go', () => {
    const { contexts, owners } = made(4); // all have been asked: 0 is gone, 1 and 2 have needed none since
    expect(kept(owners)).toEqual([1, 2, 3]);
    const [, one] = owners;
    if (one !== undefined) {
      one.isInUse = true;
    }
    const next = new Owner();
    contexts.made(next);
    expect(kept([...owners, next])).toEqual([1, 3, 4]);
  });

  it('are made anew for a record: what was sealed before is opened behind two thousand others', () => {
    const suite = SUITES.find(({ name }) => name === 'TLS_PSK_WITH_AES_128_GCM_SHA256');
    if (suite === undefined) {
      throw new Error('there is a suite with AES-GCM');
    }
    const made = (): RecordCipher => new RecordCipher(suite.aead, randomBytes(16), randomBytes(4));
    const cipher = made();
    const aad = randomBytes(13);
    const record = new Uint8Array(8 + 20 + 16).fill(7);
    cipher.seal(record, 0, 20, aad, 1, 1);
    for (let other = 0; other < 5_000; other++) {
      made().seal(new Uint8Array(8 + 16), 0, 0, aad, 1, 1);
    }
    expect(cipher.open(record, 0, 20, aad, 1, 1)).toEqual(Buffer.alloc(20, 7));
  });
});
