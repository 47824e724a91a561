/**
 * A core with many connected clients, driven as the real driver does it: a new input each time, a tick where a deadline is due. Each client
 * has registered one topic and subscribed to another one.
 */
import { frame, msgTypeOf } from './frames.mjs';

/** How often each client has something to say or to hear, in milliseconds of virtual time. */
const PERIOD = 10_000;
/** The longest keep-alive that there is: clients that only listen are not taken for lost. */
const KEEP_ALIVE = 'ffff';
const REGACK = 0x0b;
const SUBACK = 0x13;

/** What all clients subscribe to. */
export const COMMANDS = 'commands/valve';

export class Crowd {
  /** How many clients. */
  size;
  /** The same for all of them: they all began alike. */
  sensorTopicId;
  commandTopicId;
  #core;
  #now = 0;
  #step;
  #turn = 0;
  #addresses = [];
  #hosts = [];
  #connections = [];

  /** @param {object} core without clients */
  constructor(core, size) {
    this.#core = core;
    this.size = size;
    this.#step = PERIOD / size;
    this.#handle({ type: 'transport-opened', transport: 'udp', maxFrame: 1472, broadcast: false });
    for (let n = 0; n < size; n++) {
      this.#hosts.push(`10.${n >> 16}.${(n >> 8) & 0xff}.${n & 0xff}`);
      this.#addresses.push(`${this.#hosts[n]}:4711`);
      this.next();
      this.#join(n);
    }
  }

  /** Lets time go on until it is the next client's turn; its number. */
  next() {
    this.#now += this.#step;
    this.#turn = this.#turn + 1 < this.size ? this.#turn + 1 : 0;
    return this.#turn;
  }

  /** The upstream connection of a client. */
  connectionOf(client) {
    return this.#connections[client];
  }

  /**
   * A frame of a client arrives. It has the fields of older and newer cores alike, each of which takes those that it knows.
   * @returns {readonly object[]} the effects
   */
  hear(client, octets) {
    const address = this.#addresses[client];
    return this.#handle({
      type: 'frame-received',
      link: `udp:${address}`, // put together anew, as a socket does it
      peer: { transport: 'udp', host: this.#hosts[client], address },
      frame: octets,
    });
  }

  /**
   * The broker says something.
   * @returns {readonly object[]} the effects
   */
  hearBroker(input) {
    return this.#handle(input);
  }

  #handle(input) {
    const effects = this.#core.handle(input, this.#now);
    const due = this.#core.nextDeadline;
    if (due !== undefined && due <= this.#now) {
      this.#core.handle({ type: 'tick' }, this.#now);
    }
    return effects;
  }

  #join(client) {
    const connecting = this.hear(client, frame(`040401${KEEP_ALIVE}`, `client-${client}`));
    const { connection } = expectEffect(connecting, 'upstream-connect', `CONNECT of client ${client}`);
    this.#connections[client] = connection;
    this.hearBroker({ type: 'upstream-connected', connection, sessionPresent: false });
    const registered = this.hear(client, frame('0a00000001', 'sensors/temperature'));
    this.sensorTopicId = this.#sameTopicId(this.sensorTopicId, expectFrame(registered, REGACK).readUInt16BE(2));
    const subscribing = this.hear(client, frame('12200002', COMMANDS));
    const { packetId } = expectEffect(subscribing, 'upstream-subscribe', `SUBSCRIBE of client ${client}`);
    const granted = this.hearBroker({ type: 'upstream-subscribed', connection, packetId, reasonCode: 1 });
    this.commandTopicId = this.#sameTopicId(this.commandTopicId, expectFrame(granted, SUBACK).readUInt16BE(3));
  }

  #sameTopicId(known, topicId) {
    if (known !== undefined && known !== topicId) {
      throw new Error(`two clients that began alike have different topic ids, ${known} and ${topicId}`);
    }
    return topicId;
  }
}

function expectEffect(effects, type, cause) {
  const effect = effects.find((candidate) => candidate.type === type);
  if (effect === undefined) {
    throw new Error(`the core answers ${cause} without ${type}: ${JSON.stringify(effects)}`);
  }
  return effect;
}

function expectFrame(effects, msgType) {
  const { frame: octets } = expectEffect(
    effects.filter((effect) => effect.type === 'send' && msgTypeOf(effect.frame) === msgType),
    'send',
    `a request with MsgType 0x${msgType.toString(16)}`,
  );
  return Buffer.from(octets);
}
