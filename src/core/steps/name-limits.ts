/**
 * How many filters and how many octets of names one client may have (I-48, N-1). All names count: those of its topic id table and those of its
 * subscriptions, so that neither memory nor what is written to disk grows with what a client asks for.
 */

import { RETURN_CODE } from '../../codec/message.ts';
import type { Session } from '../state/session.ts';
import { utf8Octets } from '../topics/topic-name.ts';
import type { RegisteredTopic } from '../topics/topic-registry.ts';
import type { Refusal } from './rejection.ts';
import type { Turn } from './turn.ts';

const { congestion } = RETURN_CODE;

type Limit = 'maxTopics' | 'maxNameOctets' | 'maxSubscriptions';

const TOO_MUCH: Readonly<Record<Limit, string>> = {
  maxTopics: 'the topic id table is full',
  maxNameOctets: 'its topic names and filters take too many octets',
  maxSubscriptions: 'it has too many subscriptions',
};

/** Why not, with the setting that says so. */
function tooMuch(limit: Limit, { settings }: Turn): Refusal {
  return { returnCode: congestion, reason: `${TOO_MUCH[limit]} (clients.${limit}: ${settings.clients[limit]})` };
}

/** The topic id of a name, a new one where it has none, or why it gets none. */
export function topicFor(session: Session, topicName: string, turn: Turn): RegisteredTopic | Refusal {
  const { topics, subscribing } = session;
  const known = topics.byName(topicName);
  if (known) {
    return known;
  }
  const octets = topics.octets + subscribing.subscriptions.octets + utf8Octets(topicName);
  if (!topics.isFull && octets > turn.settings.clients.maxNameOctets) {
    return tooMuch('maxNameOctets', turn);
  }
  return topics.register(topicName) ?? tooMuch('maxTopics', turn);
}

/** Why a client can have no subscription to a filter; undefined: it can, or has one (U-12). `named`: it takes a topic id as well (U-1). */
export function subscriptionRefusal(session: Session, filter: string, named: boolean, turn: Turn): Refusal | undefined {
  const { topics } = session;
  const { subscriptions, requests } = session.subscribing;
  const { maxSubscriptions, maxNameOctets } = turn.settings.clients;
  const size = utf8Octets(filter);
  let added = 0;
  let filters = subscriptions.size;
  if (named && topics.byName(filter) === undefined) {
    if (topics.isFull) {
      return tooMuch('maxTopics', turn);
    }
    added += size;
  }
  if (!subscriptions.has(filter)) {
    added += size;
    filters++;
    for (const { type, subscription } of requests) {
      if (type === 'SUBSCRIBE' && subscription.filter !== filter && !subscriptions.has(subscription.filter)) {
        added += utf8Octets(subscription.filter);
        filters++;
      }
    }
  }
  if (filters > maxSubscriptions && !subscriptions.has(filter)) {
    return tooMuch('maxSubscriptions', turn);
  }
  return added > 0 && topics.octets + subscriptions.octets + added > maxNameOctets
    ? tooMuch('maxNameOctets', turn)
    : undefined;
}
