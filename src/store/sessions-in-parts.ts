/**
 * From version 3 of the store to version 4: topic ids, subscriptions and will of a session are records of their own, and the clock counts the
 * time that the gateway runs. Times of version 3 were dates of a clock that may have been wrong: they all become the beginning of the new one.
 */

import { seal, unseal } from './record-codec.ts';

/** A session of version 3, as far as it is taken apart here. */
interface OldSession {
  readonly topics: readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[];
  readonly subscriptions: readonly { readonly filter: string }[];
  readonly willTopic?: unknown;
  readonly willMessage?: unknown;
}

/** All texts of version 3 in, all texts of version 4 out. What cannot be read stays as it is: it is left out when the store is read. */
export function sessionsInParts(texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const [key, text] of texts) {
    if (key.startsWith('session/')) {
      takeApart(key, text, parts);
    } else {
      parts.set(key, text);
    }
  }
  return parts;
}

function takeApart(key: string, text: string, parts: Map<string, string>): void {
  const add = (partKey: string, record: object): void => void parts.set(partKey, seal(partKey, JSON.stringify(record)));
  try {
    const json: unknown = JSON.parse(unseal(key, text));
    if (!isOldSession(json)) {
      throw new TypeError('not a session of version 3');
    }
    const { topics, subscriptions, willTopic, willMessage, ...session } = json;
    const name = key.slice('session/'.length);
    const clientId = 'clientId' in session ? session.clientId : undefined;
    add(key, { ...session, lastHeard: 0, epoch: 1 });
    for (const { topicId, topicName, known } of topics) {
      add(`topic/${name}/${topicId}`, { kind: 'topic', clientId, topicId, topicName, knownIn: known ? 1 : 0 });
    }
    for (const subscription of subscriptions) {
      add(`subscription/${name}/${subscription.filter}`, { kind: 'subscription', clientId, ...subscription });
    }
    if (willTopic !== undefined || willMessage !== undefined) {
      add(`will/${name}`, { kind: 'will', clientId, topic: willTopic, message: willMessage });
    }
  } catch {
    parts.set(key, text);
  }
}

function isOldSession(value: unknown): value is OldSession {
  return (
    typeof value === 'object' &&
    value !== null &&
    'topics' in value &&
    Array.isArray(value.topics) &&
    'subscriptions' in value &&
    Array.isArray(value.subscriptions)
  );
}
