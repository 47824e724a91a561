import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Arrival, Books, type Figures } from '../crash/books.ts';
import { ARCHIVE, Crowd } from '../crash/crowd.ts';
import { GatewayProcess } from '../crash/gateway-process.ts';
import { Journal } from '../crash/journal.ts';
import { Random } from '../crash/random.ts';
import { SlowLine } from '../crash/slow-line.ts';
import { eventually, within } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import type { Mode } from '../support/modes.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { MqttPeer } from '../support/mqtt-peer.ts';
import { BrokerWitness } from './broker-witness.ts';
import { type DtlsFigures, DtlsMedium, IDENTITY, KEY } from './dtls-medium.ts';
import { carryOut } from './faults.ts';
import { Lives } from './lives.ts';
import { fakeClock, needMeans } from './means.ts';
import type { Kind, Plan } from './plan.ts';
import { type RadioFigures, RoughRadio } from './rough-radio.ts';
import { Sender } from './sender.ts';
import { SmallDisk } from './small-disk.ts';

/** How the clients speak with the gateway. */
export type Over = 'udp' | 'dtls';

/** Milliseconds, each way. */
const BROKER_DELAY = 5;
/** So many publishes are acknowledged before anything else goes wrong. */
const FIRST_ANSWERS = 8;
const RADIO_DELAYS = [1, 10, 3, 6];

export interface ChaosReport {
  readonly faults: Partial<Record<Kind, number>>;
  /** How many lives the gateway had. */
  readonly lives: number;
  /** How often the gateway has told that its disk is full. */
  readonly diskTroubles: number;
  readonly radio: RadioFigures;
  /** Of the associations of all clients; zeros over plain UDP. */
  readonly dtls: DtlsFigures;
  /** From the sensors to the broker. */
  readonly up: Figures;
  /** From the broker to the subscribers. */
  readonly down: Figures;
  /** QoS 2 messages that came twice, and messages that came out of order, because the broker itself sent them so. */
  readonly brokersOwn: number;
  readonly differences: readonly string[];
}

/**
 * A gateway between clients behind a bad medium and a mosquitto, hit by everything that is in the plan. `keepAlive`: seconds, of the clients.
 * Error where the machine refuses a means. Everything is gone afterwards.
 */
export async function chaosRun(
  plan: Plan,
  seed: number,
  keepAlive: number,
  mode: Mode,
  over: Over,
): Promise<ChaosReport> {
  await needMeans(new Set(Object.values(plan).flatMap((faults) => faults.map(({ kind }) => kind))));
  const folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  const journal = new Journal(process.env.CHAOS_JOURNAL);
  const run = new ChaosRun(folder, journal, seed, mode, over);
  try {
    return await run.run(plan, keepAlive);
  } finally {
    await run.dispose();
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class ChaosRun {
  readonly #mode: Mode;
  readonly #over: Over;
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #seed: number;
  readonly #witness = new BrokerWitness();
  readonly #books = new Books(this.#witness);
  readonly #radioFigures: RadioFigures = { frames: 0, lost: 0, doubled: 0, late: 0 };
  readonly #dtls: DtlsFigures = { handshakes: 0, moves: 0 };
  readonly #radios: RoughRadio[] = [];
  /** Payloads that the archive has. */
  readonly #archived = new Set<string>();
  /** What there is, and how each ends, in the order in which it came. */
  readonly #ends: { readonly what: string; readonly end: () => Promise<unknown> }[] = [];

  constructor(folder: string, journal: Journal, seed: number, mode: Mode, over: Over) {
    this.#mode = mode;
    this.#over = over;
    this.#folder = folder;
    this.#journal = journal;
    this.#seed = seed;
  }

  async run(plan: Plan, keepAlive: number): Promise<ChaosReport> {
    const disk = await SmallDisk.mount(join(this.#folder, 'sessions'));
    this.#later('the small disk', () => disk.unmount());
    const broker = await this.#startBroker();
    const line = await this.#openLine(broker.port);
    const archive = await MqttPeer.connect(broker.url, { clientId: ARCHIVE, clean: false, reconnectPeriod: 100 });
    this.#later('the archive', () => archive.close());
    // With QoS 1 everything that the broker itself repeats has DUP.
    await archive.subscribe('up/#', 1);
    const port = await freePort();
    await this.#configure(line.url, port);
    const clock = join(this.#folder, 'clock');
    const steps = plan.gateway.some(({ kind }) => kind === 'clock-step');
    const lives = await this.#startGateway(disk, steps ? clock : undefined);
    const crowd = await this.#startCrowd(port, keepAlive, broker.url);
    const faults = await carryOut(plan, { broker, line, lives, disk, clock, journal: this.#journal });
    // Later the publishers have nothing more to say.
    const lost = lives.lost.map((line) => `given up, though it was there all the time: ${line}`);
    for (const radio of this.#radios) {
      radio.calm();
    }
    await crowd.drain(
      () => this.#arrivals(archive),
      () => archive.settle(),
    );
    const differences = [...lost, ...this.#differences(), ...lives.differences()];
    return {
      faults,
      lives: lives.count,
      diskTroubles: lives.diskTroubles,
      radio: this.#radioFigures,
      dtls: this.#dtls,
      up: this.#books.figures((receiver) => receiver === ARCHIVE),
      down: this.#books.figures((receiver) => receiver !== ARCHIVE),
      brokersOwn: this.#books.excused,
      differences,
    };
  }

  async dispose(): Promise<void> {
    for (const { what, end } of this.#ends.reverse()) {
      await within(`the end of ${what}`, end()).catch(
        (error: Error) => void process.stderr.write(`${error.message}\n`),
      );
    }
  }

  #later(what: string, end: () => Promise<unknown>): void {
    this.#ends.push({ what, end });
  }

  async #startBroker(): Promise<Mosquitto> {
    // The log of each packet would cost more than the packets.
    const settings = ['log_type none', 'log_type information', 'log_type notice', 'log_type warning', 'log_type error'];
    const broker = await Mosquitto.start({ maxQueuedMessages: 1_000_000, persistence: true, settings });
    this.#later('the broker', () => broker.dispose());
    return broker;
  }

  async #openLine(port: number): Promise<SlowLine> {
    const random = new Random(this.#seed + 2);
    const loses = (): boolean => random.chance(0.5);
    const line = await SlowLine.open(port, { delay: BROKER_DELAY, loses, watch: () => this.#witness.watch() });
    this.#later('the line to the broker', () => line.close());
    return line;
  }

  async #configure(url: string, port: number): Promise<void> {
    const lines = [
      'upstream:',
      `  mode: ${this.#mode}`,
      `  url: "${url}"`,
      '  keepAlive: 3s',
      '  connectTimeout: 5s',
      '  grace: 10m',
      '  reconnectMin: 100ms',
      '  reconnectMax: 3s',
      `transports: [{ type: ${this.#over}, host: 127.0.0.1, port: ${port} }]`,
      'sessions: { path: sessions }',
      `timing: { retryInterval: ${this.#over === 'dtls' ? '2s' : '300ms'}, retryCount: 20 }`,
    ];
    await writeFile(join(this.#folder, 'gateway.yaml'), lines.join('\n'));
    await writeFile(join(this.#folder, 'psk.yaml'), `${IDENTITY}: ${KEY}\n`, { mode: 0o600 });
  }

  async #startGateway(disk: SmallDisk, clock: string | undefined): Promise<Lives> {
    if (clock !== undefined) {
      await writeFile(clock, '+0d\n');
    }
    // The clock begins to be wrong inside: `env` is what sets it.
    const environment = clock === undefined ? [] : ['env', ...(await fakeClock(clock))];
    const options = {
      program: process.env.CHAOS_PROGRAM,
      through: [...disk.through(this.#folder), ...environment],
    };
    const lives = new Lives(
      (onLine) => new GatewayProcess(this.#folder, this.#journal, { ...options, onLine }),
      this.#journal,
    );
    this.#later('the gateway', () => lives.end());
    await lives.ready();
    return lives;
  }

  async #startCrowd(port: number, keepAlive: number, brokerUrl: string): Promise<Crowd> {
    const sender = new Sender(brokerUrl);
    this.#later('the sender', () => sender.close());
    const random = new Random(this.#seed + 1);
    const crowd = new Crowd({
      books: this.#books,
      random,
      journal: this.#journal,
      port,
      keepAlive,
      radio: (index) => {
        const delay = RADIO_DELAYS[index % RADIO_DELAYS.length] ?? 0;
        const chance = new Random(random.between(0, 2 ** 31));
        const medium = (at: number) => new DtlsMedium(at, chance, this.#dtls);
        const radio = new RoughRadio(chance, delay, this.#radioFigures, this.#over === 'dtls' ? medium : undefined);
        this.#radios.push(radio);
        return radio;
      },
    });
    this.#later('the clients', () => crowd.close());
    await crowd.startSleepers();
    crowd.startSenders(({ topic, qos }, payload) => sender.publish(topic, payload, qos));
    await crowd.startPublishers();
    const served = (): boolean => this.#books.figures((receiver) => receiver === ARCHIVE).acknowledged >= FIRST_ANSWERS;
    await eventually('the first publishers to be served', served);
    return crowd;
  }

  /** Without what the broker itself has repeated. */
  #arrivals(archive: MqttPeer): Arrival[] {
    const arrivals: Arrival[] = [];
    for (const { topic, payload, dup } of archive.received.items.splice(0)) {
      if (!dup || !this.#archived.has(payload)) {
        arrivals.push({ receiver: ARCHIVE, topic, payload });
      }
      this.#archived.add(payload);
    }
    return arrivals;
  }

  /** Of a message to a subscriber that was lost it is told whether the broker ever handed it over. */
  #differences(): string[] {
    return this.#books.differences().map((line) => {
      const [, payload] = /^lost: (to .*) \(QoS/.exec(line) ?? [];
      return payload === undefined || this.#witness.saw(payload) ? line : `${line} (the broker never sent it)`;
    });
  }
}
