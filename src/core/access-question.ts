/** What the access rules say of a client that is not there: for whoever writes them. */

import type { QosFlag } from '../codec/message.ts';
import type { AccessSettings } from './contract/access-settings.ts';
import { type AccessFacts, AccessTable } from './state/access-table.ts';
import type { ClientAccess } from './state/client-access.ts';

/** What a client would do. */
export type AccessAction =
  | { readonly what: 'connect' }
  | {
      readonly what: 'publish';
      readonly topic: string;
      readonly qos: QosFlag;
      readonly retain: boolean;
      readonly octets: number;
    }
  /** Subscribe to a filter; read: get a message on a topic. */
  | { readonly what: 'subscribe' | 'read'; readonly topic: string };

export interface AccessAnswer {
  readonly isGranted: boolean;
  /** The rule that decides, as logs call it. */
  readonly rule: string;
  /** Why not, in words for people; undefined: it is granted. */
  readonly reason: string | undefined;
}

/** Which rule decides, and what it says. Limits of number and rate are not asked. */
export function askAccess(settings: AccessSettings, facts: AccessFacts, action: AccessAction): AccessAnswer {
  const access = new AccessTable(settings).find(facts);
  if (access === undefined) {
    return { isGranted: true, rule: 'access.default', reason: undefined };
  }
  const reason = refusalOf(access, facts, action);
  return { isGranted: reason === undefined, rule: access.rule, reason };
}

function refusalOf(access: ClientAccess, { clientId }: AccessFacts, action: AccessAction): string | undefined {
  const isMinusOne = action.what === 'publish' && action.qos === -1;
  if (!isMinusOne && clientId !== undefined && !access.mayConnect) {
    return access.because('connecting is not granted');
  }
  switch (action.what) {
    case 'connect':
      return undefined;
    case 'publish':
      return access.refusalOf(action);
    case 'subscribe':
      return access.maySubscribe(action.topic)
        ? undefined
        : access.because('subscribing to this filter is not granted');
    case 'read':
      return access.mayRead(action.topic) ? undefined : access.because('reading this topic is not granted');
  }
}
