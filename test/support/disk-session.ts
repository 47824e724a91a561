import { storeKey } from '../../src/core/contract/stored-records.ts';
import type { Disk } from './core-bench-restart.ts';

/** What a disk has of the session of a client, put together from its records. */
export function sessionOnDisk(disk: Disk, clientId: string) {
  const session = disk.get(storeKey('session', clientId));
  if (session?.kind !== 'session') {
    throw new Error(`no session of ${clientId} on the disk`);
  }
  const records = [...disk.values()];
  const will = disk.get(storeKey('will', clientId));
  const { topic: willTopic = undefined, message: willMessage = undefined } = will?.kind === 'will' ? will : {};
  return {
    ...session,
    willTopic,
    willMessage,
    topics: records.flatMap((record) =>
      record.kind === 'topic' && record.clientId === clientId
        ? [{ topicId: record.topicId, topicName: record.topicName, known: record.knownIn === session.epoch }]
        : [],
    ),
    subscriptions: records.flatMap((record) =>
      record.kind === 'subscription' && record.clientId === clientId
        ? [{ filter: record.filter, qos: record.qos, predefinedId: record.predefinedId, short: record.short }]
        : [],
    ),
  };
}

/** The keys of a disk without those of topic ids, subscriptions and wills, which come and go with their session. */
export function mainKeys(disk: Disk): string[] {
  return [...disk.keys()].filter((key) => !/^(topic|subscription|will)\//.test(key));
}
