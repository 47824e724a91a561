import type { ReceivedPacket } from './packets.ts';

/** The only property that the broker may name several times in one packet, beside those of the users. */
const SEVERAL = 'subscriptionIdentifier';

/** What of a packet breaks the protocol, for people; undefined: nothing does. `stands`: CONNACK has come before it. */
export function problemOf(packet: ReceivedPacket, stands: boolean): string | undefined {
  switch (packet.cmd) {
    case 'connack':
      return stands ? 'a second CONNACK' : connackProblem(packet);
    case 'publish':
      return publishProblem(packet);
    default:
      return undefined;
  }
}

function connackProblem({ returnCode, reasonCode, properties }: ReceivedPacket<'connack'>): string | undefined {
  if (returnCode === undefined && reasonCode === undefined) {
    return 'a CONNACK without its code'; // the parser passes over what is missing, and nobody has been accepted
  }
  if (properties?.receiveMaximum === 0) {
    return 'Receive Maximum 0 in CONNACK'; // MQTT 5, 3.2.2.3.3: nothing could ever be published
  }
  if (properties?.maximumPacketSize === 0) {
    return 'Maximum Packet Size 0 in CONNACK';
  }
  return repetitionIn(properties);
}

function publishProblem({ qos, messageId = 0, properties }: ReceivedPacket<'publish'>): string | undefined {
  if (qos > 0 && messageId === 0) {
    return `a PUBLISH with QoS ${qos} and without a packet id`; // nothing could acknowledge it
  }
  if (properties?.topicAlias !== undefined) {
    return 'a topic alias, though CONNECT has allowed none';
  }
  return repetitionIn(properties);
}

/** The parser makes a list of what comes twice. */
function repetitionIn(properties: object | undefined): string | undefined {
  const [name] = Object.entries(properties ?? {}).find(([key, value]) => key !== SEVERAL && Array.isArray(value)) ?? [];
  return name && `the property ${name} twice`;
}
