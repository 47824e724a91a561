/** Reason codes of DISCONNECT, by the names of MQTT 5, table 3-10. The parser (full-packets.ts) lets no others through. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'normal disconnection',
  4: 'Disconnect with Will Message',
  128: 'Unspecified error',
  129: 'Malformed Packet',
  130: 'Protocol Error',
  131: 'Implementation specific error',
  135: 'Not authorized',
  137: 'Server busy',
  139: 'Server shutting down',
  141: 'Keep Alive timeout',
  142: 'Session taken over',
  143: 'Topic Filter invalid',
  144: 'Topic Name invalid',
  147: 'Receive Maximum exceeded',
  148: 'Topic Alias invalid',
  149: 'Packet too large',
  150: 'Message rate too high',
  151: 'Quota exceeded',
  152: 'Administrative action',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
  156: 'Use another server',
  157: 'Server moved',
  158: 'Shared Subscriptions not supported',
  159: 'Connection rate exceeded',
  160: 'Maximum connect time',
  161: 'Subscription Identifiers not supported',
  162: 'Wildcard Subscriptions not supported',
};

/** The same client id has connected elsewhere. */
export const SESSION_TAKEN_OVER = 0x8e;

/** Why the broker ended a connection, for people, with the code for those who look it up. */
export function disconnectReason(code: number): string {
  const name = NAMES[code] ?? 'unknown reason';
  return `disconnected by the broker: ${name} (0x${code.toString(16).padStart(2, '0')})`;
}
