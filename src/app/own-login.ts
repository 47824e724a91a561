/** From settings to how connections to the broker are made, and as whom. */
import { Credentials } from '../config/credentials.ts';
import type { CredentialRules } from '../config/credentials-file.ts';
import { readPskKey } from '../config/psk-key.ts';
import type { Settings } from '../config/schema.ts';
import type { CredentialsOf, PreSharedKey } from '../ports/upstream.ts';

/** User name, password and pre-shared key; undefined: there is none. */
interface OwnLogin {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly psk: PreSharedKey | undefined;
}

/** Of the gateway itself, and of clients that have nothing of their own. */
export function ownLogin({ upstream }: Settings): OwnLogin {
  const { username, password, psk } = upstream;
  const read = psk?.key === undefined ? undefined : readPskKey(psk.key);
  return {
    username,
    password,
    psk: psk && read && 'key' in read ? { identity: psk.identity, key: read.key } : undefined,
  };
}

/** Of clients, by rules; undefined: there are none. */
export function credentialsOf(rules: CredentialRules | undefined): CredentialsOf | undefined {
  const credentials = rules && new Credentials(rules);
  return credentials && ((clientId, identity) => credentials.of(clientId, identity));
}
