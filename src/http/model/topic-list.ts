/** The topics of the gateway: what is defined, given out, used and not known. */
import type { Sessions } from '../../ports/sessions.ts';
import type { Site } from '../../ports/site.ts';
import type { Topics } from '../api-contract.ts';
import { inSlices } from './in-slices.ts';
import type { UnknownTopics } from './unknown-topics.ts';
import { isoTime, type WallClock } from './wall-clock.ts';

/** Topic ids of a kind that are told; the rest is counted. */
const MOST_TOLD = 10_000;

export interface TopicListParts {
  readonly sessions: Pick<Sessions, 'sessions'>;
  readonly site: Pick<Site, 'predefinedTopics' | 'shortTopics'>;
  readonly unknown: UnknownTopics;
  readonly wallClock: WallClock;
}

/** Goes through all sessions, in slices. */
export async function topicList({ sessions, site, unknown, wallClock }: TopicListParts): Promise<Topics> {
  const pause = inSlices();
  const offset = wallClock.offset();
  const predefined: Topics['predefined'][number][] = [];
  let predefinedMore = 0;
  for (const { clientId, topicId, topicName, usedBy, usedAt } of site.predefinedTopics()) {
    if (predefined.length === MOST_TOLD) {
      predefinedMore += 1;
      continue;
    }
    const at = usedAt === undefined ? null : isoTime(usedAt + offset);
    predefined.push({ clientId, topicId, topicName, usedBy: usedBy ?? null, usedAt: at });
  }
  const registered: Topics['registered'][number][] = [];
  let registeredMore = 0;
  for (const { clientId, topicIds } of sessions.sessions()) {
    const room = MOST_TOLD - registered.length;
    registered.push(...topicIds.slice(0, room).map(({ topicId, topicName }) => ({ clientId, topicId, topicName })));
    registeredMore += Math.max(0, topicIds.length - room);
    const turn = pause();
    if (turn !== undefined) {
      await turn;
    }
  }
  const short = [...site.shortTopics()].map(({ topicName, usedBy, usedAt }) => ({
    topicName,
    usedBy,
    usedAt: isoTime(usedAt + offset),
  }));
  return { predefined, predefinedMore, unknown: unknown.list(), short, registered, registeredMore };
}
