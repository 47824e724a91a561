/** The settings that only a DTLS transport has. */
import { HOUR, MINUTE } from '../duration.ts';
import { duration, file, type ListEntry, list, wholeNumber } from '../setting-kinds.ts';

/** The file of keys where no other one is named. */
export const PSK_FILE = 'psk.yaml';

/** The cipher suites that are spoken, by their names in the registry of IANA. */
export const DTLS_SUITES = [
  'TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_PSK_WITH_AES_128_GCM_SHA256',
  'TLS_PSK_WITH_AES_256_GCM_SHA384',
  'TLS_PSK_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_PSK_WITH_AES_128_CCM',
  'TLS_PSK_WITH_AES_128_CCM_8',
] as const;

const suite: ListEntry = {
  expected: `cipher suites (${DTLS_SUITES.join(', ')})`,
  read: (text) => DTLS_SUITES.find((each) => each === text),
  meant: (text) => DTLS_SUITES.find((each) => each === text.toUpperCase() || each === `TLS_${text.toUpperCase()}`),
  notEmpty: 'would let nobody in',
};

export const dtlsSettings = {
  keys: file()
    .default(PSK_FILE)
    .meta({
      description:
        'File with the pre-shared keys: identity to key, in hexadecimal or base64 digits, at least 16 octets; `mqtt-sn-gateway psk add` writes it. What changes in it counts when settings are read again; associations of identities whose key is gone or another one end then.',
      examples: ['psk.yaml'],
    }),
  suites: list(suite)
    .default([...DTLS_SUITES])
    .meta({
      description:
        'Cipher suites that clients may use; of those the first one that the client lists counts. Only the one with ECDHE has forward secrecy.',
      examples: [['TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256', 'TLS_PSK_WITH_AES_128_GCM_SHA256']],
    }),
  idle: duration({ min: MINUTE, max: 366 * 24 * HOUR })
    .default(24 * HOUR)
    .meta({
      description:
        'Silence after which an association is forgotten; longer than the longest sleep of a client, which has to shake hands anew then. It counts over a restart.',
      examples: ['24h'],
    }),
  maxAssociations: wholeNumber(1, 1_000_000)
    .default(10_000)
    .meta({
      description:
        'Associations at most. For a new one the one goes that has been silent the longest, of the identity that has most of them.',
      examples: [1_000],
    }),
  maxHandshakes: wholeNumber(1, 100_000)
    .default(1_000)
    .meta({
      description: 'Handshakes under way at most; for a new one the oldest goes.',
      examples: [100],
    }),
};
