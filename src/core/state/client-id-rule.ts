/** What the client id of a client has to do with its identity (I-121). */

import type { AccessSettings } from '../contract/access-settings.ts';
import { Glob } from '../topics/glob.ts';

type ClientIdRule = Pick<AccessSettings, 'clientIdFromIdentity' | 'clientIdPattern'>;

/** The client id that counts: as the client says it, or its identity (`set`). Undefined `rule`: there are no access rules. */
export function countingClientId<Said>(
  said: Said,
  identity: string | undefined,
  rule: ClientIdRule | undefined,
): Said | string {
  return rule?.clientIdFromIdentity === 'set' ? (identity ?? said) : said;
}

/** The same of a message that may name nobody: a PINGREQ of a client that is awake. */
export function namedClientId<Said>(
  { clientId }: { readonly clientId?: Said },
  identity: string | undefined,
  rule: ClientIdRule | undefined,
): Said | string | undefined {
  return clientId === undefined ? undefined : countingClientId(clientId, identity, rule);
}

/** Why a client with an identity may not have a client id that counts (`require`, `set`); undefined: it may. */
export function foreignClientId(
  clientId: string,
  identity: string | undefined,
  rule: ClientIdRule | undefined,
): string | undefined {
  if (identity === undefined || rule === undefined || rule.clientIdFromIdentity === 'off') {
    return undefined;
  }
  const pattern = rule.clientIdFromIdentity === 'set' ? '%i' : rule.clientIdPattern;
  return new Glob(pattern, identity).matches(clientId)
    ? undefined
    : 'its client id is not that of its identity (access.clientIdFromIdentity)';
}
