/**
 * Where the topics of a client are at the broker: `upstream.topicPrefix`, put before names and filters on their way there, and taken off what comes
 * back (I-92). Clients know nothing of it.
 */

import { isTooLong, SHARED } from './topic-name.ts';

/** In a prefix: stands for the client id. */
const CLIENT_ID = '%c';

/** What would make other levels of a client id, or a wildcard; and what escapes them, so that no two ids look alike. */
const RESERVED = /[/+#%]/g;

/** The prefix of one client. `clientId` undefined: of publishes without a client (QoS −1), whose `%c` is empty. */
export function mountPoint(topicPrefix: string, clientId: string | undefined): string {
  if (!topicPrefix.includes(CLIENT_ID)) {
    return topicPrefix;
  }
  const level = (clientId ?? '').replace(RESERVED, escaped);
  const mount = topicPrefix.split(CLIENT_ID).join(level);
  // Names that begin with $ mean something else to a broker ($SYS, $share), and no client id may say so.
  return mount.startsWith('$') && !topicPrefix.startsWith('$') ? `${escaped('$')}${mount.slice(1)}` : mount;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** A topic name as the broker knows it. */
export function mountedTopic(mount: string, topic: string): string {
  return mount + topic;
}

/** A filter as the broker knows it; of a shared one the filter behind its name is meant. */
export function mountedFilter(mount: string, filter: string): string {
  if (mount === '' || !filter.startsWith(SHARED)) {
    return mount + filter;
  }
  const name = filter.indexOf('/', SHARED.length);
  return filter.slice(0, name + 1) + mount + filter.slice(name + 1);
}

/** A topic of the broker as the client knows it; undefined: it is none of the client's. */
export function unmountedTopic(mount: string, topic: string): string | undefined {
  return topic.length > mount.length && topic.startsWith(mount) ? topic.slice(mount.length) : undefined;
}

/** A filter of the broker as the client knows it; undefined: it is none of the client's. */
export function unmountedFilter(mount: string, filter: string): string | undefined {
  if (mount === '' || !filter.startsWith(SHARED)) {
    return unmountedTopic(mount, filter);
  }
  const name = filter.indexOf('/', SHARED.length) + 1;
  const own = unmountedTopic(mount, filter.slice(name));
  return own === undefined ? undefined : filter.slice(0, name) + own;
}

/** Whether a name or filter with the prefix before it is longer than MQTT allows. */
export function isTooLongMounted(mount: string, name: string): boolean {
  return mount !== '' && isTooLong(mount + name);
}
