/** A pre-shared key by which a connection to the broker is secured, in place of certificates. */
import * as z from 'zod';
import { pskIdentityProblem, readPskKey } from '../psk-key.ts';
import { checkedText, file } from '../setting-kinds.ts';

const keyProblem = (written: string): string | undefined => {
  const read = readPskKey(written);
  return 'problem' in read ? read.problem : undefined;
};

export const pskSection = z.strictObject({
  identity: checkedText(pskIdentityProblem, { expected: 'an identity of 1 to 128 octets' }).meta({
    description: 'Identity that the broker has the key under.',
    examples: ['gateway'],
  }),
  key: checkedText(keyProblem, {
    expected: 'a key of 16 to 64 octets in hexadecimal or base64 digits, in quotes',
    secret: true,
  })
    .optional()
    .meta({
      description: 'The key: 16 to 64 octets in hexadecimal or base64 digits, in quotes.',
      examples: ['00112233445566778899aabbccddeeff'],
    }),
  keyFile: file()
    .optional()
    .meta({
      description:
        'File that has the key, in place of key. What changes in it counts for the next connection when settings are read again.',
      examples: ['broker.psk'],
    }),
});
