import type { UpstreamInput } from '../adapter.ts';

/** Reason codes with which a broker closes whatever it was sent. */
const OTHER_REASONS: ReadonlySet<number> = new Set([0x89, 0x8b, 0x8d, 0x8e, 0x97, 0x98, 0x9c, 0x9d, 0x9f]);

/** Why no packet was the reason for the end of a connection: the gateway ended it, somebody else has the client id, or the broker says another one (MQTT 5). */
export function isOtherReason(input: UpstreamInput): boolean {
  return (
    input.type === 'upstream-lost' &&
    ((input.ours === true && input.unreadable !== true) ||
      input.takenOver ||
      (input.reasonCode !== undefined && OTHER_REASONS.has(input.reasonCode)))
  );
}
