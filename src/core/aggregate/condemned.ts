/** Publishes, and filters, on which the broker closed the shared connection: refused for a while without asking it again (I-42, I-111), for everybody would fall with them. */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import { digestOf } from '../state/payload-digest.ts';
import { remember } from '../state/remember.ts';
import { PAYLOAD_FORMAT_INVALID } from '../steps/return-codes.ts';
import type { Hub } from './hub.ts';

/** How it is refused. */
export const GIVEN_UP = PAYLOAD_FORMAT_INVALID;

/** How long something is refused, at first and at most. */
const FOR: Millis = 600_000;
const LONGEST: Millis = 3_600_000;

/** So often messages of a kind are given up before all of it is refused: the first time it may have been this one. */
const TWICE = 2;

const REMEMBERED = 256;

/** What tells publishes apart. */
interface Content {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** From now on it is refused; with the second of its kind whatever of that kind is as long (I-111). */
export function condemn(publish: Content, { condemned, felled, now }: Hub): void {
  remember(condemned, nameOf(publish), now + FOR, REMEMBERED);
  const kind = kindOf(publish);
  const { falls: before = 0, octets = Number.POSITIVE_INFINITY } = felled.get(kind) ?? {};
  const falls = before + 1;
  const until = falls < TWICE ? 0 : now + Math.min(LONGEST, FOR * 2 ** (falls - TWICE));
  remember(felled, kind, { falls, octets: Math.min(octets, publish.payload.length), until }, REMEMBERED);
}

/** Whether it was given up a while ago, or is of a kind that is refused. */
export function isCondemned(publish: Content, { condemned, felled, now }: Hub): boolean {
  if (condemned.size === 0) {
    return false;
  }
  const kind = felled.get(kindOf(publish));
  return (
    (kind !== undefined && now < kind.until && publish.payload.length >= kind.octets) ||
    now < (condemned.get(nameOf(publish)) ?? now)
  );
}

/** The broker has taken it: its kind is good, up to this size. */
export function acquit(publish: Content, { felled }: Hub): void {
  if (felled.size === 0) {
    return;
  }
  const name = kindOf(publish);
  const kind = felled.get(name);
  if (kind && publish.payload.length >= kind.octets) {
    felled.delete(name);
  }
}

/** Whose SUBSCRIBE it is. */
type Asking = 'newcomer' | 'gateway';

/** The same for SUBSCRIBE. One that the broker has on its session is refused to newcomers alone: where it is lost, it was good (I-97). */
export function condemnFilter(filter: string, isGranted: boolean, hub: Hub): void {
  const refused: readonly Asking[] = isGranted ? ['newcomer'] : ['newcomer', 'gateway'];
  for (const asking of refused) {
    remember(hub.condemned, nameOfSubscribe(filter, asking), hub.now + FOR, REMEMBERED);
  }
}

/** `asking`: a newcomer for itself, or the gateway for those who have it. */
export function isFilterCondemned(filter: string, asking: Asking, { condemned, now }: Hub): boolean {
  return condemned.size > 0 && now < (condemned.get(nameOfSubscribe(filter, asking)) ?? now);
}

function nameOfSubscribe(filter: string, asking: Asking): string {
  return `SUBSCRIBE ${asking} ${filter}`;
}

function nameOf({ topic, payload, qos, retain }: Content): string {
  const { octets, hash, check } = digestOf(payload);
  return `${qos} ${retain} ${octets} ${hash} ${check} ${topic}`;
}

function kindOf({ topic, qos, retain }: Content): string {
  return `${qos} ${retain} ${topic}`;
}
