/** The file with credentials towards the broker (`upstream.credentials`): what it may say. */
import * as z from 'zod';
import { choice, file, type ListEntry, list, secret, text } from '../setting-kinds.ts';
import { pskSection } from './psk-section.ts';

/** Most rules; those that name client ids to the letter are found by name. */
export const MAX_RULES = 10_000;

const namePattern = (what: string): ListEntry => ({
  expected: `${what} (text without control characters), in which * stands for any characters and ? for one`,
  read: (written) => (/^[^\p{Cc}]+$/u.test(written) ? written : undefined),
  meant: () => undefined,
  notEmpty: 'would fit nobody',
});

const credentialRule = z.strictObject({
  name: text({ pattern: /^[^\p{Cc}"]{1,64}$/u, expected: '1 to 64 characters without control characters and quotes' })
    .optional()
    .meta({ description: 'How logs call it. Absent: by its position.', examples: ['meters'] }),
  clientId: list(namePattern('client ids'))
    .optional()
    .meta({
      description: 'It fits clients with one of these ids; `*` stands for any characters, `?` for one. Absent: any.',
      examples: [['meter-*']],
    }),
  identity: list(namePattern('identities'))
    .optional()
    .meta({
      description: 'It fits clients that have proven one of these identities (DTLS). Absent: any, and none.',
      examples: [['greenhouse-*']],
    }),
  username: text()
    .optional()
    .meta({
      description: 'User name at the broker; %c stands for the client id, %i for the identity, %% for %.',
      examples: ['%c'],
    }),
  password: secret()
    .optional()
    .meta({ description: 'Password, to the letter.', examples: ['secret'] }),
  passwordFile: file()
    .optional()
    .meta({ description: 'File that has the password.', examples: ['/run/secrets/meters'] }),
  passwordTemplate: secret()
    .optional()
    .meta({
      description: 'Password in which %c stands for the client id, %i for the identity, %% for %.',
      examples: ['%c-secret'],
    }),
  passwordTemplateFile: file()
    .optional()
    .meta({ description: 'File that has such a template.', examples: ['/run/secrets/template'] }),
  cert: file({ pem: 'certificates' })
    .optional()
    .meta({ description: 'Client certificate (PEM) to show to the broker; needs key.', examples: ['pump-7.crt'] }),
  key: file({ pem: 'private key' })
    .optional()
    .meta({ description: 'Private key (PEM) of the client certificate; needs cert.', examples: ['pump-7.key'] }),
  psk: pskSection
    .optional()
    .meta({ description: 'a pre-shared key that secures the connection (TLS 1.2) in place of certificates.' }),
  clientIdPrefix: text({
    pattern: /^[^\p{Cc}]{0,256}$/u,
    expected: 'up to 256 characters without control characters',
  })
    .optional()
    .meta({
      description: 'Put before the client id at the broker, in place of upstream.clientIdPrefix; "" for nothing.',
      examples: ['plant-3-'],
    }),
});

/** What stands in the file. */
export const credentialsSchema = z
  .strictObject({
    default: choice(['upstream', 'refuse'])
      .default('upstream')
      .meta({
        description:
          'What becomes of clients that no rule fits: the settings of upstream are theirs, or they are refused.',
        examples: ['refuse'],
      }),
    rules: z.array(credentialRule).max(MAX_RULES).default([]).meta({
      description: 'Rules, in order; the first that fits a client decides.',
    }),
  })
  .superRefine(checkRules, { when: () => true });

/** A rule as it is written, once it is right. */
export type WrittenCredentialRule = z.output<typeof credentialRule>;

const PASSWORDS = ['password', 'passwordTemplate'] as const;

/** What of a rule does not go together. The value may be half wrong: nothing is taken for granted. */
function checkRules(written: unknown, context: z.core.$RefinementCtx): void {
  const rules = partOf(written, 'rules');
  for (const [index, rule] of Array.isArray(rules) ? rules.entries() : []) {
    const has = (key: string): boolean => partOf(rule, key) !== undefined;
    const report = (key: string | readonly string[], message: string): void =>
      context.addIssue({ code: 'custom', path: ['rules', index, ...[key].flat()], message });
    // a secret and its file, both given, are told by whoever reads the file
    const [first, second] = PASSWORDS.flatMap((key) => (has(`${key}File`) ? `${key}File` : has(key) ? key : []));
    if (first !== undefined && second !== undefined) {
      report(second, `${first} is given as well: a rule has one password`);
    }
    if (first !== undefined && !has('username')) {
      report(first, 'needs username as well: MQTT has no password without a user name');
    }
    for (const [one, other] of [
      ['cert', 'key'],
      ['key', 'cert'],
    ] as const) {
      if (has(one) && !has(other)) {
        report(one, `needs ${other} as well: a client certificate is a pair of cert and key`);
      }
    }
    const psk = partOf(rule, 'psk');
    if (typeof psk === 'object' && partOf(psk, 'key') === undefined && partOf(psk, 'keyFile') === undefined) {
      report(['psk', 'key'], 'expected a key, here or by keyFile, found nothing');
    }
    if (has('psk') && (has('cert') || has('key'))) {
      report('psk', 'does not go with cert and key: a connection has a certificate or a pre-shared key');
    }
  }
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
