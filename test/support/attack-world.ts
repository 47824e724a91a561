/**
 * A gateway that is attacked, in virtual time: the core and the DTLS server as they are, a broker, and people who send it datagrams from addresses of
 * their choice, in the clear, behind a forwarder, or with a key.
 */
import { createHash } from 'node:crypto';
import { acknowledgedPublish } from '../../src/codec/acknowledged-publish.ts';
import { decode } from '../../src/codec/decode.ts';
import type { Message } from '../../src/codec/message.ts';
import { AggregatingCore } from '../../src/core/aggregating-core.ts';
import type { Effect } from '../../src/core/contract/effect.ts';
import type { Input } from '../../src/core/contract/input.ts';
import type { Note } from '../../src/core/contract/note.ts';
import type { StoredRecord } from '../../src/core/contract/stored-records.ts';
import type { DtlsNote } from '../../src/ports/dtls-note.ts';
import { DtlsClient } from '../../src/transport/dtls/client/dtls-client.ts';
import { SUITES } from '../../src/transport/dtls/crypto/suites.ts';
import { DtlsServer } from '../../src/transport/dtls/server/dtls-server.ts';
import { AttackBroker } from './attack-broker.ts';
import { octets } from './core-bench.ts';
import type { Mode } from './modes.ts';
import { peerOf } from './peer-of.ts';
import { type PartialSettings, settingsWith } from './settings-with.ts';
import { writeToDisk } from './write-to-disk.ts';

export interface AttackWorldOptions {
  readonly mode?: Mode;
  readonly settings?: PartialSettings;
  readonly predefined?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  readonly maxAssociations?: number;
  readonly maxHandshakes?: number;
  readonly suites?: readonly string[];
}

/** Without an exchange of keys, which is most of the work of a handshake. */
const QUICK_SUITES = SUITES.map(({ name }) => name).filter((name) => !name.includes('ECDHE'));

/** Key of an identity: nobody else has it. */
export const keyOf = (identity: string): Uint8Array => createHash('sha256').update(identity).digest().subarray(0, 16);

export class AttackWorld {
  readonly broker: AttackBroker;
  readonly notes: (Note | DtlsNote)[] = [];
  /** Datagrams in both directions: what somebody on the path sees. */
  readonly wire: { readonly from: string; readonly to: string; readonly datagram: Uint8Array }[] = [];
  now = 1_000_000;
  readonly #options: AttackWorldOptions;
  readonly #disk = new Map<string, StoredRecord>();
  readonly #people: Person[] = [];
  readonly #waiting: (() => void)[] = [];
  #keys = new Map<string, Uint8Array>();
  #core: AggregatingCore;
  #server: DtlsServer;
  #life = 0;
  #random = 0;

  constructor(options: AttackWorldOptions = {}) {
    this.#options = options;
    this.broker = new AttackBroker((input) => {
      const life = this.#life;
      this.#waiting.push(() => life === this.#life && this.#feed(input));
    });
    this.#core = this.#newCore();
    this.#server = this.#newServer();
    this.#begin();
  }

  get core(): AggregatingCore {
    return this.#core;
  }

  get server(): DtlsServer {
    return this.#server;
  }

  /** Somebody at `192.0.2.7:1` who sends in the clear; encapsulated for the node `nodeId` (hexadecimal) where it is given. */
  plain(address: string, nodeId?: string): Person {
    return this.#known(new Person(this, address, undefined, nodeId));
  }

  /** Somebody who has a key, and has shaken hands with it. `key`: another one, that the gateway does not know. */
  dtls(identity: string, address: string, key?: Uint8Array): Person {
    if (key === undefined && !this.#keys.has(identity)) {
      this.setKeys([...this.#keys.keys(), identity]);
    }
    const person = this.#known(new Person(this, address, { identity, key: key ?? keyOf(identity) }));
    person.shakeHands();
    return person;
  }

  /** Nobody else has a key from now on. */
  setKeys(identities: readonly string[]): void {
    this.#keys = new Map(identities.map((identity) => [identity, keyOf(identity)]));
    this.#server.changeKeys(this.#keys);
    this.settle();
  }

  /** The gateway ends without a word, and is started again with its disk. */
  restart(): void {
    this.#life++;
    this.broker.breakAll();
    this.#waiting.length = 0;
    this.#core = this.#newCore();
    this.#server = this.#newServer();
    this.#begin();
  }

  /** Somebody publishes at the broker. */
  publish(topic: string, payload: string, retain = false): void {
    this.broker.publish(topic, payload, retain);
    this.settle();
  }

  /** The operator changes settings of the core. */
  change(settings: PartialSettings): void {
    this.#feed({
      type: 'settings-changed',
      settings: settingsWith({ ...this.#settings(), ...settings }),
      predefinedTopics: this.#predefined(),
      transports: new Map(),
    });
    this.settle();
  }

  /** A datagram reaches the gateway; what it leads to happens before this returns. */
  deliver(from: string, isDtls: boolean, datagram: Uint8Array): void {
    this.wire.push({ from, to: 'gateway', datagram });
    if (isDtls) {
      const host = from.slice(0, from.lastIndexOf(':'));
      this.#server.receive(Uint8Array.from(datagram), { key: from, host, address: from }, this.now);
    } else {
      const link = `udp:${from}`;
      this.#feed({ type: 'frame-received', link, peer: peerOf(link), frame: Uint8Array.from(datagram) });
    }
    this.settle();
  }

  pass(millis: number): void {
    const end = this.now + millis;
    for (;;) {
      const due = Math.min(this.#core.nextDeadline ?? end + 1, this.#server.nextDeadline ?? end + 1);
      if (due > end) {
        break;
      }
      this.now = Math.max(this.now, due);
      this.#server.tick(this.now);
      this.#feed({ type: 'tick' });
      this.settle();
    }
    this.now = end;
  }

  /** Lets everything that is under way arrive. */
  settle(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next();
    }
  }

  #known(person: Person): Person {
    this.#people.push(person);
    return person;
  }

  #begin(): void {
    this.#feed({ type: 'sessions-restored', records: [...structuredClone(this.#disk).values()] });
    for (const transport of ['udp', 'dtls']) {
      this.#feed({ type: 'transport-opened', transport, maxFrame: 1_472, broadcast: false });
    }
    this.settle();
  }

  #newCore(): AggregatingCore {
    return new AggregatingCore({
      settings: settingsWith(this.#settings()),
      predefinedTopics: this.#predefined(),
      random: () => 1,
    });
  }

  #settings(): PartialSettings {
    const { mode = 'transparent', settings = {} } = this.#options;
    return { ...settings, upstream: { mode, ...settings.upstream } };
  }

  #predefined(): ReadonlyMap<string, ReadonlyMap<number, string>> {
    const tables = Object.entries(this.#options.predefined ?? {});
    return new Map(
      tables.map(([id, names]) => [id, new Map(Object.entries(names).map(([number, name]) => [Number(number), name]))]),
    );
  }

  #newServer(): DtlsServer {
    const { maxAssociations = 100, maxHandshakes = 10, suites = QUICK_SUITES } = this.#options;
    const random = (length: number): Uint8Array => this.random(length);
    return new DtlsServer(
      {
        ...{ transport: 'dtls', suites, keys: this.#keys, idle: 86_400_000, maxAssociations, maxHandshakes, random },
        messageOf: acknowledgedPublish,
      },
      {
        transmit: (datagram, to) => this.#arrive('dtls', to, datagram),
        received: (link, peer, frame) => this.#feed({ type: 'frame-received', link, peer, frame }),
        note: (note) => this.notes.push(note),
      },
    );
  }

  /** Octets that are the same in each run. */
  random(length: number): Uint8Array {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () =>
      createHash('sha256')
        .update(`octets ${this.#random++}`)
        .digest(),
    );
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  }

  #feed(input: Input): void {
    for (const effect of this.#core.handle(input, this.now)) {
      this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    if (effect.type === 'send') {
      if (effect.transport === 'dtls') {
        this.#server.send(effect.link, Uint8Array.from(effect.frame));
      } else {
        this.#arrive('udp', effect.link.replace(/^udp:/, ''), Uint8Array.from(effect.frame));
      }
    } else if (effect.type === 'note') {
      this.notes.push(effect.note);
    } else if (effect.type === 'store') {
      writeToDisk(this.#disk, effect);
    } else if (effect.type === 'load') {
      const records = effect.keys.map((key) => ({ key, record: structuredClone(this.#disk.get(key)) }));
      this.#waiting.push(() => this.#feed({ type: 'records-loaded', records }));
    } else {
      this.broker.perform(effect);
    }
  }

  /** Whoever is at an address gets what is sent there, be it for him or not. */
  #arrive(transport: 'udp' | 'dtls', to: string, datagram: Uint8Array): void {
    this.wire.push({ from: 'gateway', to, datagram });
    this.#waiting.push(() => {
      for (const person of this.#people) {
        if (person.address === to && person.isDtls === (transport === 'dtls')) {
          person.receive(datagram);
        }
      }
    });
  }
}

/** Whoever sends datagrams to the gateway, and what comes back to that address. */
export class Person {
  /** Messages that came, and were not taken. */
  readonly heard: Message[] = [];
  /** Datagrams that were sent, as they went. */
  readonly sent: Uint8Array[] = [];
  address: string;
  isConnected = false;
  readonly #world: AttackWorld;
  readonly #client: DtlsClient | undefined;
  readonly #nodeId: string | undefined;

  constructor(
    world: AttackWorld,
    address: string,
    credentials?: { readonly identity: string; readonly key: Uint8Array },
    nodeId?: string,
  ) {
    this.#world = world;
    this.address = address;
    this.#nodeId = nodeId;
    this.#client =
      credentials &&
      new DtlsClient(
        { ...credentials, random: (length) => world.random(length) },
        {
          transmit: (datagram) => {
            this.sent.push(datagram);
            world.deliver(this.address, true, datagram);
          },
          connected: () => {
            this.isConnected = true;
          },
          received: (frame) => this.#hear(frame),
          ended: () => {
            this.isConnected = false;
          },
        },
      );
  }

  get isDtls(): boolean {
    return this.#client !== undefined;
  }

  /** Begins an association, whatever was before. */
  shakeHands(): void {
    this.isConnected = false;
    this.#client?.start(this.#world.now);
    this.#world.settle();
  }

  /** Sends a frame, in hexadecimal; what it leads to has happened when this returns. Gives the types of the messages that came. */
  say(hex: string): string[] {
    const from = this.heard.length;
    const frame = octets(hex);
    if (this.#client === undefined) {
      const capsule = this.#nodeId === undefined ? frame : encapsulated(frame, octets(this.#nodeId));
      this.sent.push(capsule);
      this.#world.deliver(this.address, false, capsule);
    } else {
      this.#client.send(frame);
    }
    this.#world.settle();
    return this.heard.slice(from).map(wordOf);
  }

  receive(datagram: Uint8Array): void {
    if (this.#client === undefined) {
      this.#hear(this.#nodeId === undefined ? datagram : datagram.subarray(datagram[0]));
    } else {
      this.#client.receive(datagram, this.#world.now);
    }
  }

  /** Payloads of the publishes that came. */
  get payloads(): string[] {
    return this.heard.flatMap((message) =>
      message.type === 'PUBLISH' ? [new TextDecoder().decode(message.data)] : [],
    );
  }

  /** Answers what asks for an answer, as a client does that takes everything. */
  #hear(frame: Uint8Array): void {
    const message = decode(frame);
    this.heard.push(message);
    if (message.type === 'REGISTER') {
      this.#later(`07 0b ${hex16(message.topicId)} ${hex16(message.msgId)} 00`);
    } else if (message.type === 'PUBLISH' && message.qos === 1) {
      this.#later(`07 0d ${hex16(message.topicId)} ${hex16(message.msgId)} 00`);
    }
  }

  #later(hex: string): void {
    this.say(hex);
  }
}

const hex16 = (value: number): string => value.toString(16).padStart(4, '0');

/** In one word: `CONNACK 3`, `PUBLISH`. */
function wordOf(message: Message): string {
  return 'returnCode' in message ? `${message.type} ${message.returnCode}` : message.type;
}

/** 5.5 of the specification: what a forwarder makes of a frame of a node. */
function encapsulated(frame: Uint8Array, nodeId: Uint8Array): Uint8Array {
  return Uint8Array.from([3 + nodeId.length, 0xfe, 0, ...nodeId, ...frame]);
}
