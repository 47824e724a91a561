/**
 * A filter that stands for narrower ones (nested-filters.ts) is not there any more, for nobody has it or the broker does not take it: another one stands for
 * them, or they get subscriptions of their own.
 */

import type { Qos } from '../../codec/message.ts';
import { type Hub, isShare } from './hub.ts';
import type { SharedFilter } from './shared-filter.ts';

/**
 * The wide filter is asked for with the QoS of all that it is to stand for, before any UNSUBSCRIBE goes out (subscribe-requests.ts). Of those what their own
 * clients have asked for: with what wider ones have they are found first as long as they are there (lift.ts).
 */
export function raise(wide: SharedFilter, narrower: readonly SharedFilter[], hub: Hub): void {
  for (const { wanted, coverQos } of narrower) {
    wide.coverQos = Math.max(wide.coverQos, wanted, coverQos) as Qos;
  }
  if (wide.asked < wide.coverQos) {
    hub.link.toSubscribe.add(wide);
  }
}

/**
 * Nobody has a filter any more, or it is not at the broker: those that it stood for, and no other one does, get subscriptions of their own, before any UNSUBSCRIBE.
 * Returns those.
 */
export function uncover(filter: SharedFilter, hub: Hub): readonly SharedFilter[] {
  const alone: SharedFilter[] = [];
  if (hub.link.identifies || filter.covered || hub.shares.has(filter.filter)) {
    return alone;
  }
  const covered: SharedFilter[] = [];
  hub.filters.coveredBy(filter.filter, (narrow) => {
    if (narrow.covered) {
      covered.push(narrow);
    }
  });
  for (const narrow of covered) {
    const wide = coveringBesides(narrow, filter, hub);
    if (wide) {
      raise(wide, [narrow], hub);
    } else {
      narrow.covered = false;
      hub.link.toSubscribe.add(narrow);
      alone.push(narrow);
    }
  }
  return alone;
}

/** Whether a wide filter would be raised at once: not where a SUBSCRIBE for it is out, nor where newcomers of it wait for those of another filter. */
export function mayStand(wide: SharedFilter, { link }: Hub): boolean {
  const isBusy = wide.request !== undefined || (wide.hasNews && link.fetch !== undefined);
  return wide.members.size > 0 && !isBusy;
}

/** I-140. The broker has granted a filter less than it was asked for: those that it stood for, and that need more, get subscriptions of their own. */
export function uncoverMore(filter: SharedFilter, hub: Hub): void {
  const { link } = hub;
  if (link.identifies || filter.granted === undefined || filter.granted >= filter.asked || isShare(filter.filter)) {
    return;
  }
  const more: SharedFilter[] = [];
  hub.filters.coveredBy(filter.filter, (narrow) => {
    if (narrow.covered && !filter.brings(narrow.needed)) {
      more.push(narrow);
    }
  });
  for (const narrow of more) {
    const wide = coveringBesides(narrow, filter, hub);
    if (wide) {
      raise(wide, [narrow], hub);
    } else {
      narrow.covered = false;
      link.toSubscribe.add(narrow);
      if (link.restoring.has(filter)) {
        link.restoring.add(narrow);
      }
    }
  }
}

/** A wide filter that may stand for a narrower one at once; one that is being asked for covers it when that is over (`nest`). */
function coveringBesides(narrow: SharedFilter, but: SharedFilter, hub: Hub): SharedFilter | undefined {
  let found: SharedFilter | undefined;
  hub.filters.covering(narrow.filter, (wide) => {
    if (wide !== but && !wide.covered && wide.brings(narrow.needed) && mayStand(wide, hub)) {
      found ??= wide;
    }
  });
  return found;
}
