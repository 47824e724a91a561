import type { UpstreamInput } from '../ports/upstream.ts';

/** "Not authorized" of CONNACK, in MQTT 3.1.1 and in MQTT 5. */
const NOT_AUTHORIZED = { 4: 0x05, 5: 0x87 } as const;

/** A client is not let in, though the broker has not said so in CONNACK: to the client it is the same. `reason`: for people. */
export function refusal(connection: number, protocolVersion: 4 | 5, reason: string, rule?: string): UpstreamInput {
  return {
    type: 'upstream-refused',
    connection,
    protocolVersion,
    reasonCode: NOT_AUTHORIZED[protocolVersion],
    reason,
    ...(rule !== undefined && { rule }),
  };
}
