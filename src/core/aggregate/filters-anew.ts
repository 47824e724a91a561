/** The shared connection stands: which filters the broker is asked for again (3.4). */

import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import type { SharedFilter } from './shared-filter.ts';
import { restoreFilters } from './subscribe-requests.ts';

/** The broker is to have all filters: as they are where it may have lost them. `identified`: messages named subscriptions before. */
export function filtersAnew(identified: boolean, mayBeLost: boolean, sessionPresent: boolean, hub: Hub): void {
  const { link } = hub;
  if (identified !== link.identifies) {
    nestAnew(sessionPresent, hub);
  } else if (mayBeLost || link.isFirst) {
    restoreFilters(mayBeLost, hub, !sessionPresent);
  }
  for (const filter of [...link.refused, ...hub.shares.values()]) {
    link.toSubscribe.add(filter); // I-94: a broker may have its session still, without what is shared in it
  }
  link.refused.clear();
}

/** Messages name subscriptions, and did not before, or the other way round: which filters stand for others is found anew. */
function nestAnew(sessionPresent: boolean, hub: Hub): void {
  for (const filter of hub.allFilters()) {
    for (const member of filter.members.keys()) {
      countAnew(member, filter);
    }
    filter.covered = false;
  }
  restoreFilters(true, hub, !sessionPresent);
}

/** The broker may have had another filter in place of this one, or no name for it: that messages have come for it before says nothing. */
function countAnew({ grants }: Member, { filter }: SharedFilter): void {
  const grant = grants.get(filter);
  if (grant) {
    grant.countedIn = 0;
  }
}
