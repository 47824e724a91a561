import { createSocket } from 'node:dgram';
import {
  CONNACK,
  connectFrame,
  DISCONNECT,
  disconnectFrame,
  REGACK,
  registerFrame,
  SUBACK,
  subscribeFrame,
  unwrapped,
  wrapped,
} from './sn-frames.mjs';

/** How long an answer may take before the request is sent again, in milliseconds, and how often it is. */
const PATIENCE = 3_000;
const TRIES = 10;
/** What comes at once for one client. */
const RECEIVE_BUFFER = 1 << 18;

/** Where the return code is, by MsgType of the answer. */
const RETURN_CODE_AT = new Map([
  [CONNACK, 2],
  [REGACK, 6],
  [SUBACK, 7],
]);

/** Content types of records, and what an alert says that closes an association. */
const ALERT = 21;
const APPLICATION_DATA = 23;
const CLOSE_NOTIFY = Buffer.of(1, 0);

/** Whether a client has to ask again later: congestion. */
const CONGESTION = 1;
const CONGESTION_PAUSE = 1_000;

/** One MQTT-SN client: a socket, the request that it waits for, and whoever hears everything else. */
export class SnClient {
  id;
  /** Called with each frame that is no answer to a request. */
  heard = (_frame) => undefined;
  /** Requests that were sent again. */
  repeated = 0;
  #send;
  #wanted = -1;
  #answered = (_frame) => undefined;
  #close;

  /** `medium`: how frames leave, and how the client is let go. */
  constructor(id, { send, close }) {
    this.id = id;
    this.#send = send;
    this.#close = close;
  }

  /** A client on a UDP socket of its own, bound to `target`. */
  static async overUdp(id, target) {
    const socket = await openSocket(target);
    const client = new SnClient(id, { send: (frame) => socket.send(frame), close: () => socket.close() });
    socket.on('message', (frame) => client.take(frame));
    return client;
  }

  /** A client with DTLS on a UDP socket of its own: hands are shaken by then. */
  static async overDtls(id, { host, port, identity, key }) {
    // Nobody else needs it, nor the loader of TypeScript.
    const { CidClient } = await import('../../../support/cid-client.ts');
    const socket = await openSocket({ host, port });
    const dtls = new CidClient({ identity, key: Buffer.from(key, 'hex'), ownCid: Buffer.of(1), roundTrip: () => [] });
    const steps = dtls.handshake();
    for (let step = steps.next(); !step.done; ) {
      step = steps.next([await answered(socket, step.value)]);
    }
    const client = new SnClient(id, {
      send: (frame) => socket.send(dtls.record(APPLICATION_DATA, frame)),
      close: () => socket.send(dtls.record(ALERT, CLOSE_NOTIFY), () => socket.close()),
    });
    socket.on('message', (datagram) => {
      for (const { type, plain } of dtls.open(datagram)) {
        if (type === APPLICATION_DATA) {
          client.take(plain);
        }
      }
    });
    return client;
  }

  /** Clients behind a forwarder: they share a socket. */
  static async behindForwarder(ids, target) {
    const socket = await openSocket(target);
    let open = ids.length;
    const close = () => {
      open--;
      if (open === 0) {
        socket.close();
      }
    };
    const clients = ids.map(
      (id, node) => new SnClient(id, { send: (frame) => socket.send(wrapped(node, frame)), close }),
    );
    socket.on('message', (datagram) => {
      const { node, frame } = unwrapped(datagram);
      clients[node]?.take(frame);
    });
    return clients;
  }

  send(frame) {
    this.#send(frame);
  }

  /** A frame has come. */
  take(frame) {
    if (frame[1] === this.#wanted) {
      this.#answered(frame);
    } else {
      this.heard(frame);
    }
  }

  /** Sends a request until its answer comes. Error where none does, or where it is refused. */
  async request(frame, answer, tries = TRIES) {
    for (let attempt = 0; attempt < tries; attempt++) {
      this.repeated += attempt === 0 ? 0 : 1;
      const got = await this.#once(frame, answer);
      const code = got?.[RETURN_CODE_AT.get(answer)] ?? 0;
      if (got !== undefined && code === 0) {
        return got;
      }
      if (got !== undefined && code !== CONGESTION) {
        throw new Error(`${this.id}: MsgType 0x${frame[1].toString(16)} was refused with return code ${code}`);
      }
      if (got !== undefined) {
        await new Promise((resolve) => setTimeout(resolve, CONGESTION_PAUSE));
      }
    }
    throw new Error(`${this.id}: no answer to MsgType 0x${frame[1].toString(16)}`);
  }

  async connect({ clean = true, tries = TRIES } = {}) {
    await this.request(connectFrame(this.id, clean), CONNACK, tries);
  }

  /** The topic id of a name. */
  async register(name) {
    return (await this.request(registerFrame(1, name), REGACK)).readUInt16BE(2);
  }

  /** The topic id that SUBACK gives for a name. */
  async subscribe(name, qos) {
    return (await this.request(subscribeFrame(1, name, qos), SUBACK)).readUInt16BE(3);
  }

  /** Falls asleep for so many seconds. */
  async sleep(duration) {
    await this.request(disconnectFrame(duration), DISCONNECT);
  }

  async disconnect() {
    await this.request(disconnectFrame(), DISCONNECT);
  }

  close() {
    this.#close();
  }

  #once(frame, answer) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered(undefined), PATIENCE);
      this.#wanted = answer;
      this.#answered = (got) => {
        clearTimeout(timer);
        this.#wanted = -1;
        resolve(got);
      };
      this.#send(frame);
    });
  }
}

async function openSocket({ host, port }) {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', () => undefined); // a gateway that is not there any more
  return socket;
}

/** Sends a datagram until one comes back. Error where none does. */
function answered(socket, datagram) {
  return new Promise((resolve, reject) => {
    let tries = 0;
    const send = () => {
      tries++;
      if (tries > TRIES) {
        clearInterval(timer);
        reject(new Error('a DTLS handshake was not answered'));
        return;
      }
      socket.send(datagram);
    };
    const timer = setInterval(send, PATIENCE);
    socket.once('message', (answer) => {
      clearInterval(timer);
      resolve(answer);
    });
    send();
  });
}
