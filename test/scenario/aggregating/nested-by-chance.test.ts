import { describe, expect, it } from '@jest/globals';
import { Random } from '../../crash/random.ts';
import { covers } from '../../support/filter-cover.ts';
import { SharedBench } from '../../support/shared-bench.ts';

const CLIENTS = ['c0', 'c1', 'c2', 'c3'];
const FILTERS = ['n/a', 'n/b', 'n/+', 'n/#', '#', '+/a', 'n/a/b'];
const STEPS = 120;

/** Clients that subscribe and leave by chance, and a broker that takes everything at once and answers it in order, sooner or later (MQTT 3.1.1). */
class Chance {
  readonly #random: Random;
  readonly #bench = new SharedBench([], { sharedProtocol: 4 });
  /** What the broker has. */
  readonly #subscriptions = new Map<string, number>();
  readonly #unanswered: (() => string[])[] = [];
  /** What each client has been granted, and for each filter what it has asked for last: by client and filter. */
  readonly #granted = new Map<string, Map<string, number>>(CLIENTS.map((client) => [client, new Map()]));
  readonly #asked = new Map<string, { readonly msgId: number; readonly qos: number }>();
  #msgId = 0;
  readonly story: string[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#hear('', this.#bench.up());
    for (const client of CLIENTS) {
      this.#hear(client, this.#bench.connect(client));
    }
  }

  /** What a client has and the broker has nothing for; undefined: nothing. */
  run(): string | undefined {
    for (let step = 0; step < STEPS; step++) {
      const missing = this.#step();
      if (missing !== undefined) {
        return missing;
      }
    }
    return undefined;
  }

  #step(): string | undefined {
    const client = CLIENTS[this.#random.between(0, CLIENTS.length - 1)] ?? '';
    const filter = FILTERS[this.#random.between(0, FILTERS.length - 1)] ?? '';
    const kind = this.#random.between(0, 23);
    if (kind < 8) {
      return this.#subscribes(client, filter);
    }
    if (kind < 12) {
      const topic = { topicIdType: 'normal', topicName: filter } as const;
      this.#leaves(client, filter);
      const msgId = ++this.#msgId;
      return this.#hear(
        `${client} gives up ${filter}`,
        this.#bench.from(client, { type: 'UNSUBSCRIBE', msgId, topic }),
      );
    }
    if (kind === 12) {
      for (const one of FILTERS) {
        this.#leaves(client, one);
      }
      return this.#hear(`${client} begins anew`, this.#bench.connect(client, true));
    }
    const answer = this.#unanswered.shift();
    return answer && this.#hear('the broker answers', answer());
  }

  #leaves(client: string, filter: string): void {
    this.#granted.get(client)?.delete(filter);
    this.#asked.delete(`${client} ${filter}`);
  }

  #subscribes(client: string, filter: string): string | undefined {
    const qos = this.#random.between(0, 2) as 0 | 1 | 2;
    const msgId = ++this.#msgId;
    this.#leaves(client, filter);
    this.#asked.set(`${client} ${filter}`, { msgId, qos });
    return this.#hear(`${client} asks for ${filter} ${qos}`, this.#bench.subscribe(client, filter, qos, msgId));
  }

  #hear(what: string, told: readonly string[]): string | undefined {
    this.story.push(`-- ${what}`, ...told);
    for (const line of told) {
      this.#packet(line);
      const missing = this.#missing();
      if (missing !== undefined) {
        return missing;
      }
    }
    return undefined;
  }

  #packet(line: string): void {
    const [whose = '', , type, id = '', filter = '', qos] = line.split(' ');
    const [packetId, reasonCode] = [Number(id), Number(qos)];
    if (type === 'SUBACK') {
      for (const one of FILTERS) {
        const { msgId, qos: asked = 0 } = this.#asked.get(`${whose} ${one}`) ?? {};
        msgId === packetId && this.#granted.get(whose)?.set(one, asked);
      }
    } else if (whose === 'broker' && type === 'SUBSCRIBE') {
      this.#subscriptions.set(filter, reasonCode);
      this.#unanswered.push(() => this.#bench.broker({ type: 'upstream-subscribed', packetId, reasonCode }));
    } else if (whose === 'broker' && type === 'UNSUBSCRIBE') {
      this.#subscriptions.delete(filter);
      this.#unanswered.push(() => this.#bench.broker({ type: 'upstream-unsubscribed', packetId }));
    } else if (whose === 'broker' && type === 'PINGREQ') {
      this.#unanswered.push(() => this.#bench.broker({ type: 'upstream-ponged' }));
    }
  }

  #missing(): string | undefined {
    const has = [...this.#subscriptions];
    for (const [client, filters] of this.#granted) {
      for (const [filter, qos] of filters) {
        if (!has.some(([wide, granted]) => granted >= qos && covers(wide, filter))) {
          return `${client} has ${filter} with QoS ${qos}, the broker ${JSON.stringify(has)}`;
        }
      }
    }
    return undefined;
  }
}

describe('filters of many clients that cover each other (MQTT 3.1.1, I-95)', () => {
  it('are at the broker at any moment, by themselves or by a wider one, with the QoS that was granted', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const chance = new Chance(seed);
      const missing = chance.run();
      expect(missing && [`seed ${seed}: ${missing}`, ...chance.story.slice(-40)].join('\n')).toBeUndefined();
    }
  });
});
