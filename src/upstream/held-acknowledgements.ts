/**
 * MQTT.js acknowledges by itself, one packet after the other, and stalls the whole connection while an acknowledgement waits.
 * Here its acknowledgements are swallowed at the one place where it sends packets, and it is told at once that they have
 * gone: the stream runs on, and the gateway writes its own acknowledgements when the client has acknowledged, in any order.
 *
 * This leans on two private methods of MQTT.js, `_sendPacket` and `_writePacket`. The contract tests of the upstream
 * fail when an upgrade changes what they do.
 */

type Done = (error?: Error) => void;

interface Sender {
  /** Through here goes every packet that MQTT.js sends on its own account. */
  _sendPacket(packet: SentPacket, done?: Done, stored?: Done, noStore?: boolean): void;
  /** Encodes one packet onto the stream. */
  _writePacket(packet: SentPacket): void;
}

interface SentPacket {
  readonly cmd: string;
}

/**
 * Keeps back every acknowledgement that `client`, an MQTT.js client, would send by itself; pings pass. To be called before
 * the first packet can have arrived. Returns how to write a packet past all this: as it is, at once, after what was
 * written before.
 */
export function holdAcknowledgements<Packet extends SentPacket>(client: object): (packet: Packet) => void {
  const sender = client as Sender;
  if (typeof sender._sendPacket !== 'function' || typeof sender._writePacket !== 'function') {
    throw new TypeError('this version of MQTT.js sends its packets in another way');
  }
  const send = sender._sendPacket;
  sender._sendPacket = function sendUnlessHeld(packet, done, stored, noStore): void {
    switch (packet.cmd) {
      case 'puback':
      case 'pubrec':
      case 'pubrel':
      case 'pubcomp':
        done?.();
        return;
      default:
        send.call(client, packet, done, stored, noStore);
    }
  };
  return (packet) => sender._writePacket(packet);
}

/**
 * The broker has been told a Receive Maximum in CONNECT. MQTT.js would end the connection of a broker that sends more, and mosquitto 2.0 does:
 * after a PUBCOMP it fills its window anew without counting what is under way. The gateway can take any number.
 */
export function takeAnyNumber(client: object): void {
  (client as { _receiveMaximum?: number })._receiveMaximum = 0xffff;
}

/**
 * MQTT.js remembers the packet id of each QoS 2 message until PUBREL. A broker that was told in PUBREC that the message is refused sends none:
 * the id is forgotten here, else the messages refused would count against Receive Maximum for ever.
 */
export function forgetRefused(client: object, packetId: number): void {
  (client as { _releaseIncomingQoS2Publish?(id: number): void })._releaseIncomingQoS2Publish?.(packetId);
}

/** Stands for whatever MQTT.js asks its store for; nobody reads it. */
interface Forgotten {
  readonly cmd: 'publish';
  readonly topic: string;
  readonly payload: string;
  readonly qos: 2;
  readonly retain: boolean;
  readonly dup: boolean;
}

const FORGOTTEN: Forgotten = { cmd: 'publish', topic: '', payload: '', qos: 2, retain: false, dup: false };

type Found = (error?: Error, packet?: Forgotten) => void;

/**
 * The store in which MQTT.js would keep QoS 2 messages until PUBREL. It keeps nothing, for the gateway has them from PUBLISH
 * on; and it claims to know every packet, for only then does MQTT.js forget a packet id when its PUBREL comes.
 */
export const forgetfulStore = {
  put(_packet: object, done: Done) {
    done();
    return this;
  },
  get(_packet: object, found: Found) {
    found(undefined, FORGOTTEN);
    return this;
  },
  del(_packet: object, found: Found) {
    found(undefined, FORGOTTEN);
    return this;
  },
  createStream(): never {
    throw new Error('only the store of outgoing packets is ever read');
  },
  close(done: Done) {
    done();
  },
};
