import { once } from 'node:events';
import { connect } from 'node:net';
import { PacketCutter } from './packet-cutter.mjs';

const CONNACK = 0x20;
const PUBLISH = 0x30;
const PUBACK = 0x40;
const PUBREC = 0x50;
const PUBREL = 0x60;
const PUBCOMP = 0x70;
const SUBACK = 0x90;

/** What happens at the broker, seen and done by a plain MQTT 3.1.1 client: as little as that takes. */
export class BrokerClient {
  /** Called with topic and payload of each message; the payload is only valid during the call. */
  heard = (_topic, _payload) => undefined;
  #socket;
  #packetId = 0;
  #waiting = new Map();

  constructor(socket) {
    this.#socket = socket;
    const cutter = new PacketCutter((first, body) => this.#take(first, body));
    socket.on('data', (octets) => cutter.push(octets));
    socket.on('error', () => undefined);
  }

  /** Connects with a clean session and without keep-alive. */
  static async connect({ host, port }, clientId) {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    const client = new BrokerClient(socket);
    const answer = client.#answer('CONNACK');
    const id = text(clientId);
    const body = Buffer.concat([text('MQTT'), Buffer.from([4, 2, 0, 0]), id]);
    socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
    await answer;
    return client;
  }

  async subscribe(filter, qos) {
    const packetId = this.#nextId();
    const answer = this.#answer(packetId);
    const body = Buffer.concat([uint16(packetId), text(filter), Buffer.from([qos])]);
    this.#socket.write(Buffer.concat([Buffer.from([0x82, body.length]), body]));
    await answer;
  }

  /** Publishes and forgets; what the broker asks of a publisher is done. Those of one turn leave together. */
  publish(topic, payload, qos) {
    const name = text(topic);
    const rest = qos === 0 ? payload : Buffer.concat([uint16(this.#nextId()), payload]);
    const length = name.length + rest.length;
    if (length > 127) {
      throw new Error('a packet is too long for this load');
    }
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(Buffer.concat([Buffer.from([PUBLISH | (qos << 1), length]), name, rest]));
  }

  /** Resolves when the broker has had all that was published before: a round trip of its own. */
  async settle() {
    await this.subscribe('bench/settled', 0);
  }

  close() {
    this.#socket.end(Buffer.from([0xe0, 0]));
  }

  #take(first, body) {
    switch (first & 0xf0) {
      case PUBLISH: {
        const qos = (first >> 1) & 3;
        const end = 2 + body.readUInt16BE(0);
        const topic = body.latin1Slice(2, end);
        if (qos === 1) {
          this.#socket.write(Buffer.from([PUBACK, 2, body[end], body[end + 1]]));
        } else if (qos === 2) {
          this.#socket.write(Buffer.from([PUBREC, 2, body[end], body[end + 1]]));
        }
        this.heard(topic, body.subarray(qos === 0 ? end : end + 2));
        return;
      }
      case PUBREC:
        this.#socket.write(Buffer.from([PUBREL | 2, 2, body[0], body[1]]));
        return;
      case PUBREL:
        this.#socket.write(Buffer.from([PUBCOMP, 2, body[0], body[1]]));
        return;
      case CONNACK:
        this.#answered('CONNACK');
        return;
      case SUBACK:
        this.#answered(body.readUInt16BE(0));
        return;
      default: // PUBACK, PUBCOMP: nothing waits for them
    }
  }

  #answer(key) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the broker does not answer')), 30_000);
      this.#waiting.set(key, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #answered(key) {
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
  }

  #nextId() {
    this.#packetId = (this.#packetId % 0xffff) + 1;
    return this.#packetId;
  }
}

function text(value) {
  const octets = Buffer.from(value);
  return Buffer.concat([uint16(octets.length), octets]);
}

function uint16(value) {
  return Buffer.from([value >> 8, value & 0xff]);
}
