/** What a gateway would do that starts from the disk as it is: asked of a core of its own. */
import { decode } from '../../../src/codec/decode.ts';
import { encode } from '../../../src/codec/encode.ts';
import type { Message } from '../../../src/codec/message.ts';
import type { Effect, Restored } from '../adapter.ts';
import { nameOf } from '../payload.ts';
import type { Account } from './account.ts';

/** Rounds of a dialogue after which it has come to nothing. */
const MOST_ROUNDS = 2_000;

/** The restored gateway's connection for a client is accepted: one that it makes by itself, or for the CONNECT of a client that comes back. */
export function connected(
  restored: Restored,
  { plan: { id }, link, isShared }: Account,
  sessionPresent: boolean,
  comesBack: boolean,
): readonly Effect[] {
  const connect = {
    type: 'CONNECT',
    will: false,
    cleanSession: false,
    protocolId: 1,
    duration: 60,
    clientId: id,
  } as const;
  if (isShared || restored.isChanged) {
    return sharedConnected(restored, sessionPresent, comesBack ? { link, connect } : undefined);
  }
  if (comesBack) {
    for (const effect of restored.first) {
      if (effect.type === 'upstream-connect') {
        restored.feed({ type: 'upstream-connected', connection: effect.connection, sessionPresent: true }); // it is not in line then
      }
    }
  }
  for (const effect of comesBack ? restored.frame(link, encode(connect)) : restored.first) {
    if (effect.type === 'upstream-connect' && effect.clientId === id) {
      const effects = restored.feed({ type: 'upstream-connected', connection: effect.connection, sessionPresent });
      return comesBack ? [...effects, ...granted(restored, effects)] : effects;
    }
  }
  return [];
}

/** The same where clients share it. */
function sharedConnected(
  restored: Restored,
  sessionPresent: boolean,
  client: { readonly link: string; readonly connect: Message } | undefined,
): readonly Effect[] {
  const effects = restored.first.flatMap((effect) =>
    effect.type === 'upstream-connect'
      ? restored.feed({ type: 'upstream-connected', connection: effect.connection, sessionPresent })
      : [],
  );
  effects.push(...granted(restored, effects));
  if (restored.isChanged) {
    effects.push(...accepted(restored, effects, sessionPresent)); // what had to wait for the end of a session of before (I-158)
  }
  if (client !== undefined) {
    const more = restored.frame(client.link, encode(client.connect));
    effects.push(...more, ...accepted(restored, more, sessionPresent), ...granted(restored, more));
  }
  return effects;
}

/** Connections of its own that a client has made by coming back; and the shared one, which is made anew where the store knows no session of it (I-154). */
function accepted(restored: Restored, effects: readonly Effect[], sessionPresent: boolean): Effect[] {
  return effects.flatMap((effect) => {
    if (effect.type !== 'upstream-connect') {
      return [];
    }
    const { connection, cleanSession } = effect;
    const isPresent = sessionPresent && !cleanSession;
    const more = restored.feed({ type: 'upstream-connected', connection, sessionPresent: isPresent });
    return [...more, ...granted(restored, more), ...(cleanSession ? accepted(restored, more, false) : [])];
  });
}

/** The broker grants what it is asked for, and has nothing that is retained: CONNACK may wait for it, and one SUBSCRIBE for another. */
function granted(restored: Restored, effects: readonly Effect[]): Effect[] {
  const more: Effect[] = [];
  let asked = effects;
  for (let round = 0; round < MOST_ROUNDS && asked.length > 0; round++) {
    asked = asked.flatMap((effect) => {
      if (effect.type === 'upstream-ping') {
        return restored.feed({ type: 'upstream-ponged', connection: effect.connection });
      }
      if (effect.type !== 'upstream-subscribe') {
        return [];
      }
      const { connection, packetId, qos: reasonCode } = effect;
      return restored.feed({ type: 'upstream-subscribed', connection, packetId, reasonCode });
    });
    more.push(...asked);
  }
  return more;
}

/** Whether an effect publishes the message of that name. */
export function isPublishOf(name: string, effect: Effect): boolean {
  return effect.type === 'upstream-publish' && nameOf(effect.payload) === name;
}

/** What the gateway says to clients. */
export function answersOf(effects: readonly Effect[]): Message[] {
  return effects.flatMap((effect) => (effect.type === 'send' ? [decode(effect.frame)] : []));
}

/** What a client would get, if it came back and answered each message. */
export interface Delivered {
  readonly names: ReadonlySet<string>;
  /** Topics of messages that would be dropped by a rule: one that does not fit. */
  readonly dropped: ReadonlySet<string>;
}

/** The same where clients share the connection to the broker. */
export function deliveredTo(restored: Restored, account: Account): Delivered {
  const names = new Set<string>();
  const dropped = new Set<string>();
  const todo = [...restored.first, ...connected(restored, account, true, true)];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const effect = todo.shift();
    if (effect === undefined) {
      break;
    }
    if (effect.type === 'note' && effect.note.type === 'delivery-dropped') {
      dropped.add(effect.note.topic);
    }
    const message = effect.type === 'send' && effect.link === account.link ? decode(effect.frame) : undefined;
    if (message?.type === 'PUBLISH') {
      names.add(nameOf(message.data));
    }
    const answer = message && answerTo(message);
    if (answer) {
      todo.push(...restored.frame(account.link, encode(answer)));
    }
  }
  return { names, dropped };
}

function answerTo(message: Message): Message | undefined {
  switch (message.type) {
    case 'REGISTER':
      return { type: 'REGACK', topicId: message.topicId, msgId: message.msgId, returnCode: 0 };
    case 'PUBLISH':
      if (message.qos <= 0) {
        return undefined;
      }
      return message.qos === 1
        ? { type: 'PUBACK', topicId: message.topicId, msgId: message.msgId, returnCode: 0 }
        : { type: 'PUBREC', msgId: message.msgId };
    case 'PUBREL':
      return { type: 'PUBCOMP', msgId: message.msgId };
    default:
      return undefined;
  }
}
