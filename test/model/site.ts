import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerWitness } from '../chaos/broker-witness.ts';
import { GatewayProcess } from '../crash/gateway-process.ts';
import { Journal } from '../crash/journal.ts';
import { Random } from '../crash/random.ts';
import { SlowLine } from '../crash/slow-line.ts';
import { DEADLINE } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayUnderTest } from '../support/gateway-under-test.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import type { BrokerExcuses } from './account.ts';
import { PREDEFINED } from './topics.ts';
import type { Break, Variant } from './variants.ts';

/** Milliseconds, each way. */
const LINE_DELAY = 2;

const BOUNDS = { queue: { messages: 100_000 }, sleepBufferMessages: 100_000 };

/** A broker and a gateway at it: the latter in this process, or in one of its own where it is killed. Everything is gone afterwards. */
export class Site {
  readonly broker: Mosquitto;
  readonly gatewayPort: number;
  /** What the broker itself did wrong on the line to a gateway that is a process. */
  readonly excuses: BrokerExcuses;
  /** What the gateway complained about. */
  readonly complaints: string[] = [];
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #line: SlowLine;
  #inside: GatewayUnderTest | undefined;
  #process: GatewayProcess | undefined;
  #brokerRestarts = 0;

  private constructor(
    broker: Mosquitto,
    line: SlowLine,
    witness: BrokerWitness,
    journal: Journal,
    folder: string,
    gatewayPort: number,
  ) {
    this.broker = broker;
    this.#line = line;
    this.excuses = {
      copies: (payload) => witness.copies(payload),
      withheld: (payload, filters) => this.#brokerRestarts > 0 && witness.withheld(payload, filters),
    };
    this.#journal = journal;
    this.#folder = folder;
    this.gatewayPort = gatewayPort;
  }

  static async open(variant: Variant, seed: number): Promise<Site> {
    // The log of each packet would cost more than the packets.
    const settings = ['log_type none', 'log_type information', 'log_type notice', 'log_type warning', 'log_type error'];
    const broker = await Mosquitto.start({ maxQueuedMessages: 1_000_000, persistence: true, settings });
    const journal = new Journal(process.env.MODEL_JOURNAL);
    const witness = new BrokerWitness((line) => journal.add('line', line));
    const random = new Random(seed);
    const line = await SlowLine.open(broker.port, {
      ...{ delay: LINE_DELAY, loses: () => random.chance(0.5), watch: () => witness.watch() },
    });
    const folder = await mkdtemp(join(tmpdir(), 'model-'));
    const port = await freePort();
    const site = new Site(broker, line, witness, journal, folder, port);
    try {
      await site.#open(variant);
    } catch (error) {
      await site.close();
      throw error;
    }
    return site;
  }

  async #open({ breaks, upstream: ofVariant }: Variant): Promise<void> {
    const { gatewayPort: port } = this;
    const common = { transports: [{ type: 'udp', host: '127.0.0.1', port }], status: { topicPrefix: '$state' } };
    if (breaks.length > 0) {
      const upstream = {
        url: this.#line.url,
        connectTimeout: '2m',
        grace: '10m',
        reconnectMin: '100ms',
        reconnectMax: '200ms',
      };
      const timing = { retryInterval: '500ms', retryCount: 20 };
      const sessions = { path: 'sessions', ...BOUNDS };
      const text = { ...common, upstream: { ...upstream, ...ofVariant }, timing, sessions };
      // YAML takes JSON as it is.
      await writeFile(join(this.#folder, 'gateway.yaml'), JSON.stringify(text));
      this.#start();
      await this.#process?.ready();
    } else {
      this.#inside = await GatewayUnderTest.start(this.broker.url, {
        settings: { ...common, upstream: ofVariant, sessions: BOUNDS },
        predefined: { '*': Object.fromEntries(PREDEFINED) },
      });
    }
  }

  /** Milliseconds after which a client repeats what it asks: where nothing is lost not before something is wrong. */
  get retryInterval(): number {
    return this.#inside ? DEADLINE : 500;
  }

  /** Resolves when whatever broke is there again. */
  async breaks(what: Break): Promise<void> {
    if (what === 'gateway') {
      await this.#process?.kill();
      this.complaints.push(...(this.#process?.complaints ?? []));
      this.#start();
      await this.#process?.ready();
    } else if (what === 'line') {
      this.#line.cut();
    } else {
      this.#journal.add('broker', () => 'RESTART');
      this.#brokerRestarts += 1;
      await this.broker.restart();
    }
  }

  async close(): Promise<void> {
    await this.#inside?.stop();
    this.complaints.push(...(this.#inside?.notesOf('session-failed') ?? []).map((note) => JSON.stringify(note)));
    await this.#process?.kill();
    this.complaints.push(...(this.#process?.complaints ?? []));
    await this.#line.close();
    await this.broker.dispose();
    await this.#journal.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(): void {
    this.#process = new GatewayProcess(this.#folder, this.#journal);
  }
}
