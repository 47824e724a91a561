/** After a start: filters that the broker has, or may have, and the clients that have them (3.7). */

import type { StoredFilter, StoredSession } from '../contract/stored-records.ts';
import { mountedFilter, mountPoint } from '../topics/mount-point.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import type { RecordsByKind } from './records-by-kind.ts';
import type { SharedFilter } from './shared-filter.ts';
import { restoreAskers, saveFilter } from './stored-askers.ts';
import { readIdentifier } from './subscription-identifier.ts';

/** The broker has it, or may have it. */
export function restoreFilter({ filter: name, identifier, qos, nameless }: StoredFilter, hub: Hub): void {
  const { slot, generation } = readIdentifier(identifier);
  const filter = hub.addFilter(name, hub.bySlot.has(slot) ? undefined : slot || undefined);
  if (filter && nameless) {
    filter.serial = generation + 1; // what it was asked for since is told from what came before
    hub.lostNames.add(filter);
  } else if (filter) {
    filter.serial = generation;
    filter.asked = qos;
    filter.coverQos = qos; // I-95: it may stand for others
    filter.granted = qos;
    filter.atBroker = true;
    filter.grantedAs = 0;
  }
}

/** Filters that nobody has any more end; those that the broker is not known to have are asked for. */
export function restoreGrants(stored: RecordsByKind, sessions: ReadonlyMap<string, StoredSession>, hub: Hub): void {
  for (const record of stored.of('subscription')) {
    const { clientId, qos } = record;
    const member = hub.members.get(clientId);
    const { mount = '', shared } = sessions.get(clientId) ?? {};
    if (member && mount === mountPoint(hub.settings.upstream.topicPrefix, clientId)) {
      const name = mountedFilter(mount, record.filter);
      const filter = hub.filter(name) ?? missingFilter(name, member, shared === true, hub);
      if (filter) {
        const since = Number.NEGATIVE_INFINITY;
        const countedIn = filter.atBroker && !hub.link.isDoubtStored ? hub.link.epoch : 0;
        member.grants.set(name, { asked: qos, qos, slot: filter.slot, since, countedIn, grantedAs: 0 });
        filter.join(member, qos);
      }
    }
  }
  for (const record of stored.of('filter')) {
    restoreFetch(record, hub);
  }
  for (const filter of hub.lostNames.keys()) {
    saveFilter(filter, false, hub);
  }
  for (const filter of [...hub.allFilters()]) {
    if (filter.members.size === 0) {
      hub.removeFilter(filter);
      hub.departing.set(filter.filter, 0);
    }
  }
}

/**
 * A client has it, and there is no record of it. `wasShared`: the client shared the connection already: so there was one, which is lost, and the broker has the
 * filter under a name that nobody knows (I-167). Where messages name no subscriptions a wider one may have stood for it.
 */
function missingFilter(name: string, { bridge }: Member, wasShared: boolean, hub: Hub): SharedFilter | undefined {
  if (bridge && !wasShared) {
    return undefined; // a bridge stands on what the broker has
  }
  const filter = hub.addFilter(name);
  if (filter && wasShared && hub.settings.upstream.sharedProtocol !== 4) {
    hub.lostNames.add(filter);
  }
  return filter;
}

/** What is retained may still be on its way. */
function restoreFetch(record: StoredFilter, hub: Hub): void {
  const filter = hub.filter(record.filter);
  if (filter) {
    restoreAskers(filter, record, hub);
  }
}
