/** Sizes of MQTT packets, for brokers that limit them (MQTT 5 Maximum Packet Size). */

import type { Qos } from '../../codec/message.ts';
import { utf8Octets } from '../topics/topic-name.ts';

/** Octets of an MQTT 5 PUBLISH without properties: fixed header, topic, packet id with QoS 1 and 2, property length, payload. */
export function publishSize(publish: { readonly topic: string; readonly payload: Uint8Array }, qos: Qos): number {
  const rest = 2 + utf8Octets(publish.topic) + (qos === 0 ? 0 : 2) + 1 + publish.payload.length;
  return 1 + remainingLengthOctets(rest) + rest;
}

/** Octets of an MQTT 5 SUBSCRIBE with one filter, without properties: fixed header, packet id, property length, filter, options. */
export function subscribeSize(filter: string): number {
  const rest = 2 + 1 + 2 + utf8Octets(filter) + 1;
  return 1 + remainingLengthOctets(rest) + rest;
}

/** Octets of the Remaining Length field (MQTT 2.1.4): seven bits in each. */
function remainingLengthOctets(rest: number): number {
  if (rest < 128) {
    return 1;
  }
  if (rest < 16_384) {
    return 2;
  }
  return rest < 2_097_152 ? 3 : 4;
}
