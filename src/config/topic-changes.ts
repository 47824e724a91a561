import type { PredefinedTopics } from './predefined-topics-file.ts';

/** A pre-defined topic id that means another topic than before. */
export interface TopicChange {
  /** Client id, or `*` for every client. */
  readonly clientId: string;
  readonly topicId: number;
  /** Undefined: it is new. */
  readonly from: string | undefined;
  /** Undefined: it is gone. */
  readonly to: string | undefined;
}

export interface TopicChanges {
  /** The first ones, in the order of the files: those that are another or new, then those that are gone. */
  readonly first: readonly TopicChange[];
  /** How many there are in all. */
  readonly count: number;
}

/** Changes that are named one by one; of more than these nobody reads all. */
const MOST_NAMED = 20;

/** From one table to another. */
export function topicChanges(before: PredefinedTopics, after: PredefinedTopics): TopicChanges {
  if (before === after) {
    return { first: [], count: 0 };
  }
  const first: TopicChange[] = [];
  let count = 0;
  const add = (change: TopicChange): void => {
    count++;
    if (first.length < MOST_NAMED) {
      first.push(change);
    }
  };
  for (const [clientId, topics] of after) {
    const former = before.get(clientId);
    for (const [topicId, to] of topics) {
      const from = former?.get(topicId);
      if (from !== to) {
        add({ clientId, topicId, from, to });
      }
    }
  }
  for (const [clientId, topics] of before) {
    const later = after.get(clientId);
    for (const [topicId, from] of topics) {
      if (later?.has(topicId) !== true) {
        add({ clientId, topicId, from, to: undefined });
      }
    }
  }
  return { first, count };
}
