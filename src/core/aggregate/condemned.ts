/** Publishes, and filters, on which the broker closed the shared connection: refused for a while without asking it again (I-42), for everybody would fall with them. */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import { digestOf } from '../state/payload-digest.ts';
import { remember } from '../state/remember.ts';
import type { Hub } from './hub.ts';

/** MQTT 5: payload format invalid, which the client hears as not supported. */
export const GIVEN_UP = 0x99;

const FOR: Millis = 600_000;
const REMEMBERED = 256;

/** What tells publishes apart. */
interface Content {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** From now on it is refused. */
export function condemn(publish: Content, hub: Hub): void {
  remember(hub.condemned, nameOf(publish), hub.now + FOR, REMEMBERED);
}

/** Whether it was given up a while ago. */
export function isCondemned(publish: Content, { condemned, now }: Hub): boolean {
  return condemned.size > 0 && now < (condemned.get(nameOf(publish)) ?? now);
}

/** The same for SUBSCRIBE. */
export function condemnFilter(filter: string, hub: Hub): void {
  remember(hub.condemned, `SUBSCRIBE ${filter}`, hub.now + FOR, REMEMBERED);
}

export function isFilterCondemned(filter: string, { condemned, now }: Hub): boolean {
  return condemned.size > 0 && now < (condemned.get(`SUBSCRIBE ${filter}`) ?? now);
}

function nameOf({ topic, payload, qos, retain }: Content): string {
  const { octets, hash, check } = digestOf(payload);
  return `${qos} ${retain} ${octets} ${hash} ${check} ${topic}`;
}
