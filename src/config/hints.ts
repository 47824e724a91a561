/** What may be meant otherwise than it is written, though it is right. */
import { formatDuration } from '../core/contract/units.ts';
import type { LoadedSettings } from './load.ts';

/** Of other pattern languages, and of topic filters: here they stand for themselves. */
const OTHER_PATTERNS = /[[\]{}+#^$|\\]/;

/** What the connection that clients share has, whatever less is written. */
export const SHARED_RECEIVE_MAXIMUM = 1_000;

/** One line for each. */
export function hints({ settings, origins }: LoadedSettings): string[] {
  const { mode, url, ownConnection = [], topicPrefix = '', receiveMaximum } = settings.upstream;
  const early = lostEarly(settings);
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
    ...(early === undefined ? [] : [early]),
    ...(isAggregating && isWritten && receiveMaximum < SHARED_RECEIVE_MAXIMUM
      ? [
          `upstream.receiveMaximum: ${receiveMaximum} is for clients with a connection of their own; the one that clients share has ${SHARED_RECEIVE_MAXIMUM}`,
        ]
      : []),
  ];
}

/** A broker that forgets sessions before the gateway does (I-160). Without a version written down a shared connection speaks MQTT 5. */
function lostEarly({ upstream, sessions }: LoadedSettings['settings']): string | undefined {
  const { url, mode, protocolVersion, sessionExpiry } = upstream;
  const speaks5 = protocolVersion === 5 || (protocolVersion === undefined && url !== undefined);
  if (!speaks5 || sessionExpiry === undefined || sessionExpiry >= sessions.expiry) {
    return undefined;
  }
  const after = sessionExpiry === 0 ? 'at once' : `after ${formatDuration(sessionExpiry)}`;
  const expiry = `(sessions.expiry: ${formatDuration(sessions.expiry)})`;
  return mode === 'aggregating'
    ? `upstream.sessionExpiry: what comes while the gateway is off, or cannot reach the broker, is lost ${after}, before sessions end ${expiry}`
    : `upstream.sessionExpiry: what waits at the broker for a client that is away is lost ${after}, before its session ends ${expiry}`;
}
