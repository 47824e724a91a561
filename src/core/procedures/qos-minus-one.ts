/**
 * PUBLISH with QoS −1 (6.8): from any address, in any state, without a session. Whatever is wrong with it is counted and nothing else:
 * no answer, for nobody waits for one.
 */

import type { Publish } from '../../codec/message.ts';
import { hostKey, type Path } from '../state/path.ts';
import type { Session } from '../state/session.ts';
import { publishRefusal, senderAccess } from '../steps/access.ts';
import { showMessage } from '../steps/show-message.ts';
import { topicUsed } from '../steps/topic-use.ts';
import type { Turn } from '../steps/turn.ts';
import { matchesFilter, type NameRule, topicNameProblem } from '../topics/topic-name.ts';
import { resolvePublish } from '../topics/topic-resolution.ts';
import { publishByGateway } from './gateway-connection.ts';

/** `session`: the client at that address, if there is one. */
export function receiveQosMinusOne(path: Path, message: Publish, session: Session | undefined, turn: Turn): void {
  const clientId = session?.clientId;
  const asked = refusal(path, turn) ?? read(message, clientId, turn);
  const found = 'reason' in asked ? asked : granted(asked, path, message, session, turn);
  if ('reason' in found) {
    turn.note({ type: 'client-publish-dropped', clientId, link: path.key, qos: -1, ...found });
    return;
  }
  turn.note({ type: 'client-published', clientId, link: path.key, qos: -1 });
  topicUsed(message, found.topic, clientId, path.key, turn);
  const { topic, payload } = found;
  if (turn.shared.watched.messages) {
    const { retain } = message;
    showMessage('up', { clientId, link: path.key }, { topic, payload, qos: -1, retain }, turn);
  }
  const host = hostKey(path);
  publishByGateway({ topic, payload, retain: message.retain, clientId, link: path.key, host, qos: -1 }, turn);
}

type Found = { readonly topic: string; readonly payload: Uint8Array } | NotTaken;

interface NotTaken {
  readonly reason: string;
  readonly predefinedId?: number;
  readonly topic?: string;
}

/** Q-7, T-12 c, f, g: what the operator does not let in, whatever it says. */
function refusal(path: Path, turn: Turn): NotTaken | undefined {
  const { qosMinus1, qosMinus1From } = turn.settings.clients;
  if (!qosMinus1) {
    return { reason: 'QoS −1 is switched off' };
  }
  if (qosMinus1From.length > 0 && !qosMinus1From.includes(path.host) && !qosMinus1From.includes(path.address)) {
    return { reason: 'QoS −1 is not accepted from this address' };
  }
  if (!turn.shared.qosMinusOneRate.admits(hostKey(path), path.link, turn.now)) {
    return { reason: 'too many messages with QoS −1 in a second' };
  }
  return undefined;
}

function read(message: Publish, clientId: string | undefined, turn: Turn): Found {
  const found = readTopic(message, clientId, turn);
  const { qosMinus1Topics } = turn.settings.clients;
  if (
    'reason' in found ||
    qosMinus1Topics.length === 0 ||
    qosMinus1Topics.some((filter) => matchesFilter(filter, found.topic))
  ) {
    return found;
  }
  return { reason: 'QoS −1 is not accepted for this topic' };
}

/** I-118: what the access rules say, of the client at that address or of the address alone. */
function granted(
  found: { readonly topic: string; readonly payload: Uint8Array },
  path: Path,
  { retain }: Publish,
  session: Session | undefined,
  turn: Turn,
): Found {
  const access = senderAccess(path, session, turn);
  const { topic, payload } = found;
  const denied = access && publishRefusal(access, { topic, qos: -1, retain, octets: payload.length }, turn);
  return denied ? { reason: denied.reason, topic } : found;
}

function readTopic(message: Publish, clientId: string | undefined, turn: Turn): Found {
  const { settings } = turn;
  if (message.topicIdType === 'normal') {
    return settings.clients.qosMinus1LongNames
      ? readLongName(message, settings.clients.names)
      : { reason: 'TopicIdType 00 is not allowed with QoS −1' }; // T-12 a
  }
  const { names } = settings.clients;
  const resolution = resolvePublish(message, clientId, undefined, turn.shared.predefined, names); // T-12 d, e
  if ('topic' in resolution) {
    return { topic: resolution.topic, payload: message.data };
  }
  const { returnCode: _, ...notTaken } = resolution;
  return notTaken;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** T-12 a, a private extension: TopicId is the length of a topic name that precedes the payload in Data. */
function readLongName(message: Publish, names: NameRule): Found {
  const { topicId: length, data } = message;
  if (length > data.length) {
    return { reason: 'the topic name in Data is longer than Data' };
  }
  let topic: string;
  try {
    topic = UTF8.decode(data.subarray(0, length));
  } catch {
    return { reason: 'the topic name in Data is not valid UTF-8' };
  }
  const problem = topicNameProblem(topic, names);
  return problem === undefined ? { topic, payload: data.subarray(length) } : { reason: problem };
}
