import { AggregatingCore } from '../../src/core/aggregating-core.ts';
import type { Effect } from '../../src/core/contract/effect.ts';
import type { Input } from '../../src/core/contract/input.ts';
import { InvariantError } from '../../src/core/contract/invariant-error.ts';
import type { StoredRecord } from '../../src/core/contract/stored-records.ts';
import { Random } from '../crash/random.ts';
import { peerOf } from '../support/peer-of.ts';
import { writeToDisk } from '../support/write-to-disk.ts';
import { Air } from './air.ts';
import { Broker } from './broker.ts';
import { checkCore } from './check.ts';
import type { Thing } from './graph.ts';
import { CLIENTS, changedSettings, firstSettings, LINKS, predefinedOf, TOPICS } from './plans.ts';
import { TwinCore } from './twin.ts';

const DEFECT = 'a defect that is meant';

/** Ticks in a row at one moment: then time does not go on. */
const MOST_TICKS = 500;

/** One history: a gateway with tiny limits, and people, a broker and an operator who do whatever comes to them. The same for the same seed. */
export class History {
  readonly trace: string[] = [];
  problems: readonly string[] = [];
  /** The sizes of everything that can be reached, at most so far. */
  readonly sizes = new Map<string, number>();
  readonly #random: Random;
  readonly #air: Air;
  readonly #broker: Broker;
  readonly #disk = new Map<string, StoredRecord>();
  readonly #held = new Set<string>();
  #settings: ReturnType<typeof firstSettings>;
  #loads: Input[] = [];
  #core: AggregatingCore;
  #now = 1_000_000;
  #ticksAt = { now: 0, ticks: 0 };
  #token = 0;
  #connections = 0;
  #isStopped = false;
  readonly #isFaulty: boolean;

  readonly #hasTwin: boolean;

  /** `hasTwin`: nothing is looked at, and all is compared with what a core says that folds nothing (twin.ts). */
  constructor(seed: number, hasTwin = false) {
    this.#hasTwin = hasTwin;
    this.#random = new Random(seed);
    this.#isFaulty = process.env.WALK_DEFECTS === 'yes';
    this.#settings = firstSettings(this.#random);
    this.#air = new Air(new Random(this.#random.between(0, 2 ** 31)));
    this.#broker = new Broker(new Random(this.#random.between(0, 2 ** 31)), this.#settings.upstream.topicPrefix);
    this.#core = this.#start();
  }

  get mode(): string {
    return this.#settings.upstream.mode;
  }

  get core(): AggregatingCore {
    return this.#core;
  }

  /** The next input, or none where nothing comes to anybody; what it has left wrong is in `problems`. */
  step(): void {
    const dice = this.#random.next();
    if (this.#isStopped || dice < 0.004) {
      this.#restart();
    } else if (dice < 0.5) {
      const { link, frame, text } = this.#air.next();
      this.#feed({ type: 'frame-received', link, peer: peerOf(link), frame }, `${link} ${text}`);
    } else if (dice < 0.8) {
      const input = this.#broker.next();
      if (input) {
        this.#feed(input, JSON.stringify({ ...input, payload: undefined }));
      }
    } else if (dice < 0.95) {
      this.#pass();
    } else {
      this.#other();
    }
  }

  /** A table loses something: what looks for that has to find it. */
  breakOne(): void {
    const { directory } = (this.#core as unknown as Thing).$sessions.$shared;
    const [session] = directory.$byClientId.values();
    directory.$byClientId.delete(session?.clientId);
    directory.$admitted.add({}, 'nobody');
    this.#feed({ type: 'tick' }, 'something is broken');
  }

  #start(): AggregatingCore {
    const random = new Random(this.#random.between(0, 2 ** 31));
    const core = new (this.#hasTwin ? TwinCore : AggregatingCore)({
      settings: this.#settings,
      predefinedTopics: predefinedOf(this.#random),
      random: () => this.#mayFail(random.next()),
      ownClientId: 'gateway',
      nextConnection: () => this.#mayFail(++this.#connections),
    });
    this.#core = core;
    this.#isStopped = false;
    this.#feed({ type: 'sessions-restored', records: [...structuredClone(this.#disk).values()] }, 'start');
    for (const transport of ['udp', 'dtls', 'radio']) {
      this.#open(transport);
    }
    return core;
  }

  #open(transport: string): void {
    const speed = transport === 'radio' ? { speed: { octetsPerSecond: 50, overhead: 10 } } : {};
    this.#feed({ type: 'transport-opened', transport, maxFrame: 200, broadcast: false, ...speed }, `open ${transport}`);
  }

  #restart(): void {
    this.#broker.reset();
    this.#loads = [];
    this.#held.clear();
    this.#now += this.#random.between(0, 10_000);
    if (this.#random.chance(0.3)) {
      const { mode, ownConnection, sharedProtocol, topicPrefix } = this.#settings.upstream;
      const other = this.#random.chance(0.5) ? (mode === 'aggregating' ? 'transparent' : 'aggregating') : mode;
      this.#settings = changedSettings(this.#random, { mode: other, ownConnection, sharedProtocol, topicPrefix });
    }
    this.#start();
  }

  /** Time passes: up to what is due next, or so long. */
  #pass(): void {
    const random = this.#random;
    const next = this.#core.nextDeadline;
    const dice = random.next();
    if (dice < 0.7 && next !== undefined && next - this.#now < 100_000) {
      this.#now = Math.max(this.#now, next);
    } else {
      this.#now += dice < 0.97 ? random.between(0, 3_000) : 4_000_000;
    }
    this.#feed({ type: 'tick' }, `tick ${this.#now}`);
    for (let due = this.#core.nextDeadline; due !== undefined && due <= this.#now; due = this.#core.nextDeadline) {
      this.#feed({ type: 'tick' }, 'tick again');
      if (this.problems.length > 0) {
        return;
      }
    }
  }

  #other(): void {
    const random = this.#random;
    const clientId = CLIENTS[random.between(0, CLIENTS.length - 1)] ?? '';
    const dice = random.next();
    if (dice < 0.3) {
      const type = random.chance(0.5) ? 'operator-disconnected' : 'operator-forgot';
      this.#feed({ type, clientId, token: ++this.#token }, `${type} ${clientId}`);
    } else if (dice < 0.45) {
      this.#hold(clientId);
    } else if (dice < 0.6) {
      const [load] = this.#loads.splice(0, 1);
      if (load) {
        this.#feed(load, 'records-loaded');
      }
    } else if (dice < 0.7) {
      const { mode, ownConnection, sharedProtocol, topicPrefix } = this.#settings.upstream;
      this.#settings = changedSettings(random, { mode, ownConnection, sharedProtocol, topicPrefix });
      const predefinedTopics = predefinedOf(random);
      const settings = this.#settings;
      this.#feed({ type: 'settings-changed', settings, predefinedTopics, transports: new Map() }, 'settings-changed');
    } else if (dice < 0.77) {
      const qos = random.between(0, 2) as 0 | 1 | 2;
      const topic = TOPICS[random.between(0, 3)] ?? '';
      const some = { token: ++this.#token, topic, payload: new Uint8Array(3), qos, retain: false };
      const whose = random.chance(0.5) ? { clientId } : {};
      this.#feed({ type: 'operator-published', ...some, ...whose }, `operator-published ${topic} ${qos}`);
    } else if (dice < 0.85) {
      this.#feed({ type: 'session-failed', clientId }, `session-failed ${clientId}`);
    } else if (dice < 0.92) {
      const transport = random.chance(0.5) ? 'radio' : 'udp';
      if (random.chance(0.5)) {
        this.#feed({ type: 'transport-closed', transport }, `transport-closed ${transport}`);
      }
      this.#open(transport);
    } else if (dice < 0.99) {
      const link = LINKS[random.between(0, LINKS.length - 1)] ?? '';
      this.#feed({ type: 'frame-undelivered', link, reason: 'no answer' }, `frame-undelivered ${link}`);
    } else {
      this.#isStopped = true;
      this.#feed({ type: 'operator-stopped' }, 'operator-stopped');
    }
  }

  #hold(clientId: string): void {
    const isHeld = this.#held.delete(clientId);
    if (!isHeld) {
      this.#held.add(clientId);
    }
    const type = isHeld ? 'client-released' : 'client-held';
    this.#feed({ type, clientId }, `${type} ${clientId}`);
  }

  #feed(input: Input, text: string): void {
    this.trace.push(`${this.#now} ${text}`);
    const problems: string[] = [];
    const { now, ticks } = this.#ticksAt;
    this.#ticksAt = { now: this.#now, ticks: input.type === 'tick' && now === this.#now ? ticks + 1 : 0 };
    if (this.#ticksAt.ticks > MOST_TICKS) {
      problems.push('time does not go on: what is due is due again at once');
    }
    problems.push(...this.#handle(input));
    if (this.#core instanceof TwinCore) {
      this.problems = [...problems, ...this.#core.problems];
      return;
    }
    const { problems: found, graph } = checkCore(this.#core);
    for (const [path, size] of graph.sizes) {
      this.sizes.set(path, Math.max(size, this.sizes.get(path) ?? 0));
    }
    this.problems = this.#isStopped ? problems : [...problems, ...found];
  }

  /** What is given to the core fails now and then, as a defect of its own would: that costs one session, and nothing else. */
  #mayFail<Value>(value: Value): Value {
    if (this.#isFaulty && this.#random.chance(0.02)) {
      this.trace.push('a defect');
      throw new Error(DEFECT);
    }
    return value;
  }

  /** As the driver does it; what it says of defects that are not meant. */
  #handle(input: Input): string[] {
    try {
      this.#perform(this.#core.handle(input, this.#now));
      return [];
    } catch (error) {
      if (!(error instanceof InvariantError)) {
        throw error;
      }
      const { effects, clientId, cause } = error;
      this.#perform(effects);
      const said = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      const meant = said.includes(DEFECT) ? [] : [`invariant: ${said}`];
      return input.type === 'session-failed'
        ? meant
        : [...meant, ...this.#handle({ type: 'session-failed', clientId })];
    }
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send') {
        this.#air.hear(effect.link, effect.frame);
      } else if (effect.type === 'store') {
        writeToDisk(this.#disk, effect);
      } else if (effect.type === 'load') {
        const records = effect.keys.map((key) => ({ key, record: structuredClone(this.#disk.get(key)) }));
        this.#loads.push({ type: 'records-loaded', records });
      } else {
        this.#broker.hear(effect);
      }
    }
  }
}
