/** What may be meant otherwise than it is written, though it is right. */
import type { LoadedSettings } from './load.ts';

/** Of other pattern languages, and of topic filters: here they stand for themselves. */
const OTHER_PATTERNS = /[[\]{}+#^$|\\]/;

/** What the connection that clients share has, whatever less is written. */
export const SHARED_RECEIVE_MAXIMUM = 1_000;

/** One line for each. */
export function hints({ settings, origins }: LoadedSettings): string[] {
  const { mode, url, ownConnection = [], topicPrefix = '', receiveMaximum } = settings.upstream;
  const isAggregating = mode === 'aggregating';
  const isWritten = (origins.get('upstream.receiveMaximum') ?? 'default') !== 'default';
  return [
    ...ownConnection
      .filter((pattern) => OTHER_PATTERNS.test(pattern))
      .map(
        (pattern) =>
          `upstream.ownConnection: ${JSON.stringify(pattern)} fits only clients with these very characters: * and ? alone stand for others`,
      ),
    ...new Set(
      (topicPrefix.match(/%[a-z]/gi) ?? [])
        .filter((found) => found !== '%c')
        .map(
          (found) => `upstream.topicPrefix: ${found} stands for itself: only %c stands for something, the client id`,
        ),
    ),
    ...(isAggregating && url === undefined
      ? [
          'upstream.mode: aggregating with the embedded broker, which speaks MQTT 3.1.1: what several filters match may come twice (docs/aggregating.md)',
        ]
      : []),
    ...(isAggregating && isWritten && receiveMaximum < SHARED_RECEIVE_MAXIMUM
      ? [
          `upstream.receiveMaximum: ${receiveMaximum} is for clients with a connection of their own; the one that clients share has ${SHARED_RECEIVE_MAXIMUM}`,
        ]
      : []),
  ];
}
