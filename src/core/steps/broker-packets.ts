/** PUBLISH, SUBSCRIBE and UNSUBSCRIBE to the broker: their topics get the prefix of whoever owns the connection. */

import type { UpstreamPublish, UpstreamSubscribe, UpstreamUnsubscribe } from '../contract/effect.ts';
import type { BrokerConnection } from '../state/broker-connection.ts';
import { mountedFilter, mountedTopic } from '../topics/mount-point.ts';
import type { Turn } from './turn.ts';

/** `topic`: as the client has named it. */
export function publishTo(
  { connection, mount }: Pick<BrokerConnection, 'connection' | 'mount'>,
  publish: Omit<UpstreamPublish, 'type' | 'connection'>,
  turn: Turn,
): void {
  const { packetId, topic, payload, qos, retain, dup } = publish;
  turn.emit({
    type: 'upstream-publish',
    connection,
    packetId,
    topic: mountedTopic(mount, topic),
    payload,
    qos,
    retain,
    dup,
  });
}

/** `filter`: as the client has named it. */
export function subscribeAt(
  { connection, mount }: BrokerConnection,
  subscribe: Omit<UpstreamSubscribe, 'type' | 'connection'>,
  turn: Turn,
): void {
  turn.emit({ type: 'upstream-subscribe', connection, ...subscribe, filter: mountedFilter(mount, subscribe.filter) });
}

/** `filter`: as the client has named it. */
export function unsubscribeAt(
  { connection, mount }: BrokerConnection,
  unsubscribe: Omit<UpstreamUnsubscribe, 'type' | 'connection'>,
  turn: Turn,
): void {
  const { filter } = unsubscribe;
  turn.emit({ type: 'upstream-unsubscribe', connection, ...unsubscribe, filter: mountedFilter(mount, filter) });
}
