/**
 * The broker says that it has the session, and may have lost it since it was last heard of (I-52): which subscriptions it has had by the time when it took a message
 * is not known then. Each filter is asked for with another identifier from then on, so a message with one of before shows that the session is the one that it
 * was (I-152).
 */

import type { KnownSession } from './fetch-again.ts';
import type { Hub } from './hub.ts';
import type { SharedFilter } from './shared-filter.ts';
import { readIdentifier } from './subscription-identifier.ts';

/** The connection stands. */
export function sessionStands(session: KnownSession, { link }: Hub): void {
  if (session === 'kept') {
    return;
  }
  link.epoch++;
  link.doubt = session === 'lost' ? undefined : (link.doubt ?? { epoch: link.epoch, countsFrom: link.countsFrom });
  link.countsFrom = link.epoch;
}

/** SUBSCRIBE goes out: with another identifier where it is the first one since the session is in doubt. `isNamed`: it has another one already. */
export function renew(filter: SharedFilter, isNamed: boolean, { link }: Hub): void {
  const { doubt } = link;
  if (!link.identifies || doubt === undefined || filter.renewed?.epoch === doubt.epoch) {
    return;
  }
  if (!isNamed) {
    filter.nextName();
  }
  filter.renewed = { epoch: doubt.epoch, serial: filter.serial };
}

/** A message of the broker: with an identifier of before the doubt there is none any more. */
export function showsSession(identifiers: readonly number[], { link, bySlot }: Hub): void {
  const { doubt } = link;
  if (doubt === undefined) {
    return;
  }
  for (const identifier of identifiers) {
    const { slot, generation } = readIdentifier(identifier);
    const filter = bySlot.get(slot);
    const renewed = filter?.renewed?.epoch === doubt.epoch ? filter.renewed.serial : Number.POSITIVE_INFINITY;
    if (filter && filter.serialOf(generation) < renewed) {
      link.countsFrom = doubt.countsFrom;
      link.doubt = undefined;
      return;
    }
  }
}
