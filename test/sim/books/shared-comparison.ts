/** What clients that share the connection have been granted, beside what the broker has for it. */
import type { BrokerSession } from '../broker-session.ts';
import { filterCovers } from '../topic-match.ts';
import type { Account } from './account.ts';
import type { Shadow } from './shadow.ts';

type Shadows = readonly (readonly [Account, Shadow])[];

/** Filters that clients have for sure, and the broker has not: neither these nor wider ones, with at least that QoS. */
export function* missingAtBroker(session: BrokerSession | undefined, shadows: Shadows): Generator<[Account, string]> {
  const subscriptions = [...(session?.subscriptions.entries() ?? [])];
  for (const [account, shadow] of shadows) {
    for (const [filter, { qos }] of shadow.filters) {
      const isThere = subscriptions.some(([wide, granted]) => granted >= qos && filterCovers(wide, filter));
      if (!isThere) {
        yield [account, filter];
      }
    }
  }
}

/** Filters that the broker has, and no client has or may have. */
export function ownedByNobody({ subscriptions }: BrokerSession, shadows: Shadows): string[] {
  const isOwned = (filter: string): boolean =>
    shadows.some(([, shadow]) => shadow.filters.has(filter) || shadow.isDoubted(filter));
  return [...subscriptions.keys()].filter((filter) => !isOwned(filter));
}
