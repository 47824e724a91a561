/** What is measured: the ways of one message through the core. Each way is checked to be gone, so that no refusal is taken for speed. */
import { COMMANDS } from './crowd.mjs';
import { msgIdOfPublish, msgTypeOf, payloads, pubAckFrames, publishFrames, VARIETY } from './frames.mjs';

/** How many clients there are, in one process each. */
export const FEW = 100;
export const MANY = 100_000;
/** What the others are compared with where there is no other build; the clients play no part in it. */
export const YARDSTICK = 'decode of a PUBLISH';

const PUBLISH = 0x0c;
const PUBACK = 0x0d;
const WAYS = {
  'PUBLISH QoS 0': publishQos0,
  'PUBLISH QoS 1 and PUBACK': publishQos1,
  'delivery QoS 0': deliverQos0, // from the broker to a client
  'delivery QoS 1 and PUBACK': deliverQos1,
};

/** What is measured with so many clients, by name, in order. */
export function measurementsOf(clients) {
  return clients === FEW ? [YARDSTICK, ...Object.keys(WAYS)] : Object.keys(WAYS);
}

/**
 * The code behind the names.
 * @param {(frame: Uint8Array) => object} decode
 * @param {import('./crowd.mjs').Crowd} crowd
 * @returns {Map<string, (messages: number) => number>} by name: lets so many messages pass, and gives how many arrived
 */
export function waysThrough(decode, crowd) {
  const ways = Object.entries(WAYS).map(([name, way]) => [name, way(crowd)]);
  return new Map([[YARDSTICK, decodeFrames(decode, publishFrames(0, 1))], ...ways]);
}

function decodeFrames(decode, frames) {
  const inTurn = numbers();
  return (messages) => {
    let decoded = 0;
    for (let n = 0; n < messages; n++) {
      decoded += decode(frames[inTurn()]).type === 'PUBLISH' ? 1 : 0;
    }
    return decoded;
  };
}

function publishQos0(crowd) {
  const frames = publishFrames(0, crowd.sensorTopicId);
  const inTurn = numbers();
  return (messages) => {
    let published = 0;
    for (let n = 0; n < messages; n++) {
      for (const effect of crowd.hear(crowd.next(), frames[inTurn()])) {
        published += effect.type === 'upstream-publish' ? 1 : 0;
      }
    }
    return published;
  };
}

/** PUBLISH to the broker, its PUBACK, PUBACK to the client. */
function publishQos1(crowd) {
  const frames = publishFrames(1, crowd.sensorTopicId);
  const inTurn = numbers();
  return (messages) => {
    let acknowledged = 0;
    for (let n = 0; n < messages; n++) {
      for (const effect of crowd.hear(crowd.next(), frames[inTurn()])) {
        if (effect.type === 'upstream-publish') {
          const { connection, packetId } = effect;
          acknowledged += framesSent(
            crowd.hearBroker({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBACK', reasonCode: 0 }),
            PUBACK,
          );
        }
      }
    }
    return acknowledged;
  };
}

function deliverQos0(crowd) {
  const inTurn = numbers();
  const variety = payloads();
  return (messages) => {
    let delivered = 0;
    for (let n = 0; n < messages; n++) {
      const connection = crowd.connectionOf(crowd.next());
      delivered += framesSent(crowd.hearBroker(upstreamMessage(connection, 0, variety[inTurn()])), PUBLISH);
    }
    return delivered;
  };
}

/** PUBLISH to the client, its PUBACK, PUBACK to the broker. */
function deliverQos1(crowd) {
  const inTurn = numbers();
  const variety = payloads();
  const pubAcks = pubAckFrames(crowd.commandTopicId);
  return (messages) => {
    let acknowledged = 0;
    for (let n = 0; n < messages; n++) {
      const client = crowd.next();
      const which = inTurn();
      for (const sent of crowd.hearBroker(upstreamMessage(crowd.connectionOf(client), which + 1, variety[which]))) {
        if (sent.type === 'send' && msgTypeOf(sent.frame) === PUBLISH) {
          for (const effect of crowd.hear(client, pubAcks[msgIdOfPublish(sent.frame)])) {
            acknowledged += effect.type === 'upstream-acknowledge' ? 1 : 0;
          }
        }
      }
    }
    return acknowledged;
  };
}

function upstreamMessage(connection, packetId, payload) {
  const qos = packetId === 0 ? 0 : 1;
  return { type: 'upstream-message', connection, packetId, topic: COMMANDS, payload, qos, retain: false, dup: false };
}

function framesSent(effects, msgType) {
  let sent = 0;
  for (const effect of effects) {
    sent += effect.type === 'send' && msgTypeOf(effect.frame) === msgType ? 1 : 0;
  }
  return sent;
}

/** 0 to `VARIETY` − 1, again and again. */
function numbers() {
  let last = -1;
  return () => {
    last = (last + 1) % VARIETY;
    return last;
  };
}
