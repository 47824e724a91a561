import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '../../src/codec/message.ts';
import { within } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import type { Mode } from '../support/modes.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { MqttPeer } from '../support/mqtt-peer.ts';
import { type Arrival, Books, type Figures } from './books.ts';
import { ARCHIVE, Crowd } from './crowd.ts';
import { GatewayProcess } from './gateway-process.ts';
import { Journal } from './journal.ts';
import { type Radio, SlowRadio } from './radio.ts';
import { Random } from './random.ts';
import { Recovery } from './recovery.ts';
import { SlowLine } from './slow-line.ts';
import { pause } from './station.ts';

/** Milliseconds from the gateway to its broker, and from a client to the gateway; each client has one of these. */
const BROKER_DELAY = 5;
const RADIO_DELAYS = [1, 10, 3, 6];
/** Part of the frames that a radio loses. */
const LOSS = 0.02;
/** Part of the frames with which an outage begins; milliseconds: far less than the gateway goes on repeating itself (T-r6). */
const OUTAGES = 0.003;
const LONGEST_OUTAGE = 1_000;

export interface CrashReport {
  readonly kills: number;
  /** From the sensors to the broker. */
  readonly up: Figures;
  /** From the broker to the subscribers. */
  readonly down: Figures;
  /** Longest time from a kill until every client was served again, in milliseconds. */
  readonly longestRecovery: number;
  readonly differences: readonly string[];
}

/** A mosquitto, a gateway that is killed again and again, its clients, and the peers at the other side of the broker. Everything is gone afterwards. */
export async function crashRun(kills: number, seed: number, mode: Mode): Promise<CrashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'crash-'));
  const journal = new Journal(process.env.CRASH_JOURNAL);
  const run = new CrashRun(folder, journal, new Random(seed), mode);
  try {
    return await run.run(kills);
  } finally {
    await run.dispose();
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class CrashRun {
  readonly #mode: Mode;
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #random: Random;
  /** Of their own, so that the kills are spread in the same way whatever the clients do. */
  readonly #instants: Random;
  readonly #books = new Books();
  readonly #recovery = new Recovery();
  readonly #peers: MqttPeer[] = [];
  #broker: Mosquitto | undefined;
  #line: SlowLine | undefined;
  #gateway: GatewayProcess | undefined;
  #crowd: Crowd | undefined;

  constructor(folder: string, journal: Journal, random: Random, mode: Mode) {
    this.#mode = mode;
    this.#folder = folder;
    this.#journal = journal;
    this.#random = random;
    this.#instants = new Random(random.seed + 1);
  }

  async run(kills: number): Promise<CrashReport> {
    const broker = await this.#startBroker();
    const port = await freePort();
    this.#line = await SlowLine.open(broker.port, { delay: BROKER_DELAY, loses: () => this.#random.chance(0.5) });
    await this.#configure(this.#line.url, port);
    const archive = await this.#archive(broker.url);
    this.#start();
    await this.#gateway?.ready();
    const crowd = this.#newCrowd(port);
    this.#crowd = crowd;
    await crowd.startSleepers();
    const sender = await this.#peer(broker.url, 'sender');
    crowd.startSenders(async ({ topic, qos }, payload) => {
      await sender.publish(topic, payload, qos);
      return true;
    });
    await crowd.startPublishers();
    for (let kill = 1; kill <= kills; kill += 1) {
      await this.#untilNextKill();
      await this.#kill(kill);
      this.#start();
    }
    const arrived = (): Arrival[] =>
      archive.received.items.splice(0).map(({ topic, payload }) => ({ receiver: ARCHIVE, topic, payload }));
    await crowd.drain(arrived, () => archive.settle());
    return {
      kills,
      up: this.#books.figures((receiver) => receiver === ARCHIVE),
      down: this.#books.figures((receiver) => receiver !== ARCHIVE),
      longestRecovery: this.#recovery.longest,
      differences: [...this.#books.differences(), ...(this.#gateway?.complaints ?? [])],
    };
  }

  async dispose(): Promise<void> {
    const complain = (error: Error): void => void process.stderr.write(`${error.message}\n`);
    await this.#crowd?.close().catch(complain);
    await this.#gateway?.kill();
    await Promise.all(this.#peers.map((peer) => within('the end of a peer', peer.close()).catch(complain)));
    await within('the end of the line to the broker', Promise.resolve(this.#line?.close())).catch(complain);
    await this.#broker?.dispose();
  }

  async #startBroker(): Promise<Mosquitto> {
    // The log of each packet would cost more than the packets.
    const settings = ['log_type none', 'log_type information', 'log_type notice', 'log_type warning', 'log_type error'];
    this.#broker = await Mosquitto.start({ maxQueuedMessages: 1_000_000, settings });
    return this.#broker;
  }

  async #configure(url: string, port: number): Promise<void> {
    const lines = [
      `upstream: { url: "${url}", mode: ${this.#mode}, connectTimeout: 2m, grace: 10m }`,
      `transports: [{ type: udp, host: 127.0.0.1, port: ${port} }]`,
      'sessions: { path: sessions }',
      'timing: { retryInterval: 300ms, retryCount: 20 }',
    ];
    await writeFile(join(this.#folder, 'gateway.yaml'), lines.join('\n'));
  }

  async #peer(url: string, clientId: string): Promise<MqttPeer> {
    const peer = await MqttPeer.connect(url, { clientId, clean: false });
    this.#peers.push(peer);
    return peer;
  }

  /** The peer that keeps everything that the sensors publish. */
  async #archive(url: string): Promise<MqttPeer> {
    const peer = await this.#peer(url, ARCHIVE);
    await peer.subscribe('up/#', 2);
    return peer;
  }

  #newCrowd(port: number): Crowd {
    return new Crowd({
      books: this.#books,
      random: this.#random,
      journal: this.#journal,
      port,
      radio: (index) => this.#radio(index),
      onSign: (clientId, message) => this.#sign(clientId, message),
    });
  }

  #radio(index: number): Radio {
    let deadUntil = 0;
    const loses = (): boolean => {
      const now = performance.now();
      if (now > deadUntil && this.#random.chance(OUTAGES)) {
        deadUntil = now + this.#random.between(100, LONGEST_OUTAGE);
      }
      return now < deadUntil || this.#random.chance(LOSS);
    };
    return new SlowRadio(RADIO_DELAYS[index % RADIO_DELAYS.length] ?? 0, loses);
  }

  #start(): void {
    this.#gateway = new GatewayProcess(this.#folder, this.#journal, { program: process.env.CRASH_PROGRAM });
  }

  /** Mostly soon after the start, when the sessions come back; now and then before it is through, or in the middle of the work. */
  async #untilNextKill(): Promise<void> {
    if (this.#instants.chance(0.2)) {
      await pause(this.#instants.between(0, 600));
      return;
    }
    await this.#gateway?.ready();
    await pause(this.#instants.between(0, this.#instants.chance(0.25) ? 2_000 : 600));
  }

  async #kill(kill: number): Promise<void> {
    this.#recovery.killed(this.#crowd?.clientIds ?? []);
    this.#journal.add('run', () => `KILL ${kill}`);
    await this.#gateway?.kill();
    for (const complaint of this.#gateway?.complaints ?? []) {
      this.#books.remark(`the gateway before kill ${kill}: ${complaint}`);
    }
  }

  /** Only what a client cannot have without a working session counts as a sign of life. */
  #sign(clientId: string, { type }: Message): void {
    if (type === 'PUBACK' || type === 'PUBREC' || type === 'PUBCOMP' || type === 'PINGRESP' || type === 'PUBLISH') {
      this.#recovery.served(clientId);
    }
  }
}
