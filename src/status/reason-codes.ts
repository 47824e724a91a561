/** What a broker says when it refuses or ends a connection, as far as it matters whether a topic of the status may be the reason. */

/** CONNACK of MQTT 3.1.1: the server is unavailable. */
const UNAVAILABLE = 0x03;

/** MQTT 5, in CONNACK and DISCONNECT: the broker has no time or no room, goes away, or somebody has ended the connection. */
const NOT_THE_PACKET = new Set([
  0x88, // Server unavailable
  0x89, // Server busy
  0x8b, // Server shutting down
  0x8d, // Keep Alive timeout
  0x8e, // Session taken over
  0x98, // Administrative action
  0x9c, // Use another server
  0x9d, // Server moved
  0x9f, // Connection rate exceeded
  0xa0, // Maximum connect time
]);

/** Of CONNACK and PUBACK, by the names of the two versions. */
const NAMES: Readonly<Record<4 | 5, Readonly<Record<number, string>>>> = {
  4: {
    1: 'unacceptable protocol version',
    2: 'identifier rejected',
    3: 'server unavailable',
    4: 'bad user name or password',
    5: 'not authorized',
  },
  5: {
    128: 'Unspecified error',
    131: 'Implementation specific error',
    132: 'Unsupported Protocol Version',
    133: 'Client Identifier not valid',
    134: 'Bad User Name or Password',
    135: 'Not authorized',
    136: 'Server unavailable',
    137: 'Server busy',
    138: 'Banned',
    144: 'Topic Name invalid',
    149: 'Packet too large',
    151: 'Quota exceeded',
    153: 'Payload format invalid',
    154: 'Retain not supported',
    155: 'QoS not supported',
    159: 'Connection rate exceeded',
  },
};

/** For people, with the code for those who look it up. */
export function reasonCodeText(code: number, protocolVersion: 4 | 5): string {
  const name = NAMES[protocolVersion][code] ?? 'unknown reason';
  return `${name} (0x${code.toString(16).padStart(2, '0')})`;
}

/** Whether CONNACK may mean the will, or the client id. */
export function mayMeanTheWill(code: number, protocolVersion: 4 | 5): boolean {
  return protocolVersion === 4 ? code !== UNAVAILABLE : !NOT_THE_PACKET.has(code);
}

/** Whether a packet may be why the broker has ended a connection. `code`: of its DISCONNECT; undefined: it sent none. */
export function mayMeanThePacket(code: number | undefined): boolean {
  return code === undefined || !NOT_THE_PACKET.has(code);
}

/** The same client id has connected elsewhere. */
export const TAKEN_OVER =
  'another client has taken over the client id of this connection at the broker (that of the gateway with -status behind it); set upstream.gatewayClientId to an id that nobody else has';
