import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayProcess } from '../crash/gateway-process.ts';
import { Journal } from '../crash/journal.ts';
import { Random } from '../crash/random.ts';
import { pause } from '../crash/station.ts';
import { eventually, within } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { MqttPeer } from '../support/mqtt-peer.ts';
import { type Attacker, lineAttacker, udpAttacker, xbeeAttacker } from './attackers.ts';
import { Bystander } from './bystander.ts';

const BYSTANDERS = 3;
/** Frames of each attacker in one go, and the pause between two goes, in milliseconds. */
const BURST = 20;
const PAUSE = 10;

export interface FuzzReport {
  /** Frames that were sent, by the name of the attacker. */
  readonly frames: Readonly<Record<string, number>>;
  readonly bystanders: {
    readonly acknowledged: number;
    /** Acknowledged, and not at the broker. */
    readonly lost: number;
    readonly repeated: number;
    /** Milliseconds from PUBLISH to PUBACK. */
    readonly p50: number;
    readonly p99: number;
  };
  /** Mebibytes of the gateway's memory when it was ready, and at the end. */
  readonly memory: { readonly before: number; readonly after: number };
  /** Octets that the gateway wrote to its log. */
  readonly logOctets: number;
  /** What must not be. */
  readonly differences: readonly string[];
}

/** A gateway with all its transports, attackers on each of them for so many seconds, and clients beside them that keep to the rules. */
export async function fuzzRun(seconds: number, seed: number): Promise<FuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const run = new FuzzRun(folder, new Random(seed));
  try {
    return await run.run(seconds);
  } finally {
    await run.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class FuzzRun {
  readonly #folder: string;
  readonly #random: Random;
  readonly #attackers: Attacker[] = [];
  readonly #bystanders: Bystander[] = [];
  #broker: Mosquitto | undefined;
  #archive: MqttPeer | undefined;
  #gateway: GatewayProcess | undefined;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
  }

  async run(seconds: number): Promise<FuzzReport> {
    const port = await freePort();
    this.#broker = await Mosquitto.start();
    this.#archive = await MqttPeer.connect(this.#broker.url, { clientId: 'archive' });
    await this.#archive.subscribe('good/#', 1);
    await this.#openAttackers(port);
    await this.#configure(this.#broker.url, port);
    const gateway = new GatewayProcess(this.#folder, new Journal(undefined));
    this.#gateway = gateway;
    await gateway.ready();
    const before = await memoryOf(gateway.pid);
    const loops = this.#startBystanders(port);
    const frames = await this.#attack(seconds);
    await this.#finish(loops);
    const after = await memoryOf(gateway.pid);
    return {
      frames,
      bystanders: this.#figures(),
      memory: { before, after },
      logOctets: gateway.logOctets,
      differences: this.#differences(),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#bystanders.map((bystander) => bystander.close()));
    await this.#gateway?.kill();
    await Promise.all(this.#attackers.map((attacker) => attacker.close()));
    await this.#archive?.close();
    await this.#broker?.dispose();
  }

  async #openAttackers(port: number): Promise<void> {
    const random = (): Random => new Random(this.#random.between(0, 2 ** 31));
    this.#attackers.push(
      await udpAttacker(port, random()),
      await lineAttacker({ framing: 'length' }, random()),
      await lineAttacker({ framing: 'slip', crc: 'ccitt' }, random()),
      await lineAttacker({ framing: 'cobs' }, random()),
      await xbeeAttacker(1, random()),
      await xbeeAttacker(2, random()),
    );
  }

  async #configure(url: string, port: number): Promise<void> {
    const lines = [
      `upstream: { url: "${url}", connectTimeout: 2m }`,
      'sessions: { path: sessions, limit: 100 }',
      'frames: { trailing: parse }',
      'transports:',
      `  - { type: udp, host: 127.0.0.1, port: ${port} }`,
      ...this.#attackers.flatMap(({ settings }) => (settings === undefined ? [] : [`  - ${settings}`])),
    ];
    await writeFile(join(this.#folder, 'gateway.yaml'), lines.join('\n'));
  }

  #startBystanders(port: number): Promise<void>[] {
    for (let number = 1; number <= BYSTANDERS; number += 1) {
      this.#bystanders.push(new Bystander(`bystander-${number}`, port));
    }
    return this.#bystanders.map((bystander) => bystander.run());
  }

  async #attack(seconds: number): Promise<Record<string, number>> {
    const frames: Record<string, number> = {};
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
      for (const attacker of this.#attackers) {
        for (let count = 0; count < BURST; count += 1) {
          attacker.attack();
        }
        frames[attacker.name] = (frames[attacker.name] ?? 0) + BURST;
      }
      await pause(PAUSE);
    }
    return frames;
  }

  async #finish(loops: readonly Promise<void>[]): Promise<void> {
    for (const bystander of this.#bystanders) {
      bystander.stop();
    }
    await within('the last answers to the bystanders', Promise.all(loops));
    const { acknowledged } = this.#figures();
    await eventually('everything acknowledged to arrive', () => this.#arrived().size >= acknowledged).catch(
      () => undefined,
    );
  }

  #arrived(): Set<string> {
    return new Set(this.#archive?.messages.map(({ topic, payload }) => `${topic} ${payload}`));
  }

  #lost(): string[] {
    const arrived = this.#arrived();
    return this.#bystanders.flatMap(({ topic, acknowledged }) =>
      acknowledged.map((payload) => `${topic} ${payload}`).filter((publish) => !arrived.has(publish)),
    );
  }

  #figures(): FuzzReport['bystanders'] {
    const figures = this.#bystanders.map((bystander) => bystander.figures);
    const latencies = figures.flatMap((each) => each.latencies).sort((a, b) => a - b);
    const at = (part: number): number => Math.round(latencies[Math.floor(latencies.length * part)] ?? 0);
    const sum = (of: 'acknowledged' | 'repeated'): number => figures.reduce((total, each) => total + each[of], 0);
    return {
      acknowledged: sum('acknowledged'),
      lost: this.#lost().length,
      repeated: sum('repeated'),
      p50: at(0.5),
      p99: at(0.99),
    };
  }

  #differences(): string[] {
    const complaints = this.#gateway?.complaints ?? [];
    const troubles = this.#bystanders.flatMap((bystander) => bystander.figures.troubles);
    return [...complaints, ...troubles, ...this.#lost().map((publish) => `acknowledged and lost: ${publish}`)];
  }
}

/** Mebibytes that a process has in memory. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
