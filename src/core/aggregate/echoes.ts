/**
 * Where messages name no subscriptions each SUBSCRIBE brings what is retained, also one that is for nobody new, with the QoS that it asks for: an echo. For newcomers
 * of a filter that matches the same, with a higher QoS, that would be less than their own SUBSCRIBE brings. So they wait until nothing of it is left.
 */

import type { Millis } from '../contract/link.ts';
import { askIfDrained } from './drained.ts';
import type { Hub } from './hub.ts';
import { wantedQos } from './lift.ts';
import type { Echo, SharedFilter } from './shared-filter.ts';

/** So long after SUBACK the broker has sent an echo, whatever it waits for: nobody waits for longer than twice that. */
const LONGEST_ECHO: Millis = 2_000;

/** SUBACK of a SUBSCRIBE that was for nobody new. */
export function echoes(filter: SharedFilter, hub: Hub): void {
  const { link, now } = hub;
  if (link.identifies || filter.asked === 2) {
    return;
  }
  endEchoes(hub);
  filter.echo = joined(filter.echo, { qos: filter.asked, grants: link.grants }, hub);
  link.lastEcho = link.grants;
  link.echo ??= { grants: link.grants, until: now + LONGEST_ECHO };
}

/** Nobody has a filter any more: what its last SUBSCRIBE brings may still be on its way. */
export function leavesEcho({ echo }: SharedFilter, hub: Hub): void {
  if (echo) {
    hub.link.leftEcho = joined(hub.link.leftEcho, echo, hub);
  }
}

function joined(before: Echo | undefined, echo: Echo, hub: Hub): Echo {
  if (before === undefined || isOver(before, hub)) {
    return echo;
  }
  return { qos: before.qos < echo.qos ? before.qos : echo.qos, grants: Math.max(before.grants, echo.grants) };
}

/** Whether newcomers of this filter have to wait; the broker is asked then. */
export function waitsForEchoes(filter: SharedFilter, hub: Hub): boolean {
  const { link } = hub;
  const qos = wantedQos(filter, hub);
  if (link.identifies || qos === 0) {
    return false;
  }
  endEchoes(hub);
  const comes = (echo: Echo | undefined): boolean => echo !== undefined && echo.qos < qos && !isOver(echo, hub);
  let found = comes(link.leftEcho);
  const look = (other: SharedFilter): void => {
    const isOut = other.request !== undefined && link.fetch?.filter !== other && other.asked < qos;
    found ||= isOut || comes(other.echo);
  };
  look(filter);
  hub.filters.covering(filter.filter, look);
  hub.filters.coveredBy(filter.filter, look);
  if (found) {
    askIfDrained(hub);
  }
  return found;
}

/** When newcomers that wait need not wait any more. */
export function echoesEnd({ link }: Hub): Millis | undefined {
  return link.toFetch.size > 0 && link.lastEcho > Math.max(link.proven, link.echoed) ? link.echo?.until : undefined;
}

function isOver({ grants }: Echo, { link }: Hub): boolean {
  return grants <= Math.max(link.proven, link.echoed);
}

/** What has had its time is over; what came meanwhile has it now. */
export function endEchoes({ link, now }: Hub): void {
  const { echo, lastEcho } = link;
  if (echo && echo.until <= now) {
    link.echoed = echo.grants;
    link.echo = lastEcho > echo.grants ? { grants: lastEcho, until: now + LONGEST_ECHO } : undefined;
  }
}
