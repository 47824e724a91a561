/** Which version of MQTT the shared connection speaks: 5, or 3.1.1 where the broker does not take that (3.7 item 1). */

import type { UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import type { Hub } from './hub.ts';

/** Refusals that mean another version of MQTT. */
const OTHER_VERSION: ReadonlySet<number> = new Set([1, 0x84]);

/** So many attempts in MQTT 5 come to nothing before 3.1.1 is tried. */
const VERSION_TRIES = 2;

/**
 * Whether it is tried in MQTT 3.1.1, at once: the broker says that it wants that, or ends each attempt in 5. Where the own connection does not stand it
 * may be away, so that 3.1.1 counts only if it is answered there and then.
 */
export function speaksOtherVersion(input: UpstreamLost | UpstreamRefused, stood: boolean, hub: Hub): boolean {
  const { link, settings } = hub;
  if (link.isTrial) {
    const isSpoken = input.type === 'upstream-refused' && !OTHER_VERSION.has(input.reasonCode);
    endTrial(isSpoken, hub);
    return false;
  }
  if (link.protocolVersion === 4 || link.protocolKnown || settings.upstream.sharedProtocol !== undefined || stood) {
    return false;
  }
  const isSaid = input.type === 'upstream-refused' && OTHER_VERSION.has(input.reasonCode);
  const isWitnessed = link.witness.upSince !== undefined;
  if (input.type === 'upstream-lost' && !input.unsent && (isWitnessed || !input.ours)) {
    link.protocolFailures++;
  }
  if (!isSaid && link.protocolFailures < VERSION_TRIES) {
    return false;
  }
  link.protocolVersion = 4;
  link.isTrial = !isSaid && !isWitnessed;
  link.protocolFailures = 0;
  if (!link.isTrial) {
    hub.note({ type: 'shared-protocol-changed', protocolVersion: 4 });
  }
  return true;
}

/** MQTT 3.1.1 was tried. `isSpoken`: the broker has answered in it. */
export function endTrial(isSpoken: boolean, hub: Hub): void {
  const { link } = hub;
  link.isTrial = false;
  if (!isSpoken) {
    link.protocolVersion = 5;
    return;
  }
  hub.note({ type: 'shared-protocol-changed', protocolVersion: 4 });
}
