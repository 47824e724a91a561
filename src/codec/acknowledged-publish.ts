import { qosOf } from './flags.ts';
import { LONG_FORM, LONG_HEADER, SHORT_HEADER } from './frame-length.ts';
import { MSG_TYPE } from './message.ts';

/** Octets of a PUBLISH (§5.4.12) before its MsgId, behind the header. */
const FLAGS_AND_TOPIC_ID = 3;

/**
 * The MsgId of the PUBLISH with QoS 1 or 2 that a frame is, or has inside an encapsulation (§5.5); undefined: it is another message. The frame is one that
 * was encoded here.
 */
export function acknowledgedPublish(frame: Uint8Array): number | undefined {
  const isEncapsulated = frame[1] === MSG_TYPE.ENCAPSULATED && frame[0] !== LONG_FORM;
  const at = isEncapsulated ? (frame[0] ?? 0) : 0;
  const body = at + (frame[at] === LONG_FORM ? LONG_HEADER : SHORT_HEADER);
  if (frame[body - 1] !== MSG_TYPE.PUBLISH || qosOf(frame[body] ?? 0) < 1) {
    return undefined;
  }
  const msgId = body + FLAGS_AND_TOPIC_ID;
  return ((frame[msgId] ?? 0) << 8) | (frame[msgId + 1] ?? 0);
}
