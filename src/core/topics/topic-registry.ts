/**
 * Normal topic ids of one client (6.5, §7.3; ): a table for each client, ids 0x0001–0xFFFE, never one shared pool.
 * The table lives as long as the session; that the client *knows* an id lives as long as its connection, sleep included (R-11, T-15).
 */

import type { Folding, Plain, Unfolding } from './fold.ts';
import { SmallMap } from './small-map.ts';
import { utf8Octets } from './topic-name.ts';
import { Tracked } from './tracked.ts';

const FIRST_ID = 0x0001;

const LAST_ID = 0xfffe;

/** One normal topic id, as procedures see it. */
export interface RegisteredTopic {
  readonly topicId: number;
  readonly topicName: string;
  /** The client knows the id: no REGISTER needed before a PUBLISH. */
  known: boolean;
  /** The client rejected the REGISTER: not tried again until the next CONNECT (T-38). */
  refused: boolean;
  /** REGISTER has been sent since the last CONNECT, and no REGACK has accepted or rejected it. */
  unanswered: UnansweredRegister | undefined;
}

/** REGISTERs for one topic without an answer; silence refuses nothing (T-r6). */
export interface UnansweredRegister {
  /** MsgId of the last one. */
  msgId: number;
  /** How often in a row it was repeated as often as may be, and then given up. */
  givenUp: number;
}

/** The client shows that it knows the id: it has been told it, has named it itself, or publishes with it. */
export function markKnown(topic: RegisteredTopic): void {
  topic.known = true;
  topic.refused = false;
  topic.unanswered = undefined;
}

/** What is known, refused or unanswered counts for an epoch: that all of it is forgotten costs no more than the next epoch. */
class Topic implements RegisteredTopic {
  readonly topicId: number;
  readonly topicName: string;
  knownIn: number;
  #refusedIn = 0;
  #unansweredIn = 0;
  #unanswered: UnansweredRegister | undefined;
  readonly #registry: TopicRegistry;

  constructor(topicId: number, topicName: string, knownIn: number, registry: TopicRegistry) {
    this.topicId = topicId;
    this.topicName = topicName;
    this.knownIn = knownIn;
    this.#registry = registry;
  }

  get known(): boolean {
    return this.knownIn === this.#registry.epoch;
  }

  set known(known: boolean) {
    if (known !== this.known) {
      this.knownIn = known ? this.#registry.epoch : 0;
      this.#registry.tracked.put(this.topicId, false);
    }
  }

  get refused(): boolean {
    return this.#refusedIn === this.#registry.epoch;
  }

  set refused(refused: boolean) {
    this.#refusedIn = refused ? this.#registry.epoch : 0;
  }

  get unanswered(): UnansweredRegister | undefined {
    return this.#unansweredIn === this.#registry.epoch ? this.#unanswered : undefined;
  }

  set unanswered(unanswered: UnansweredRegister | undefined) {
    this.#unansweredIn = this.#registry.epoch;
    this.#unanswered = unanswered;
  }
}

/** What is known of the REGISTERs for a topic takes so many values, where there is anything. */
const OF_REGISTERS = 4;

function registersOf({ topicId, refused, unanswered }: RegisteredTopic): readonly Plain[] {
  return refused || unanswered ? [topicId, refused, unanswered?.msgId, unanswered?.givenUp] : NOTHING;
}

const NOTHING: readonly never[] = [];

/** A topic id as the store has it. */
interface TopicEntry {
  readonly topicId: number;
  readonly topicName: string;
  readonly knownIn: number;
}

export class TopicRegistry {
  /** By topic id. */
  readonly tracked = new Tracked<number>();
  readonly #byId = new SmallMap<number, Topic>();
  readonly #byName = new SmallMap<string, Topic>();
  /** Ids at most. */
  capacity: number;
  #octets = 0;
  #nextId: number;
  #epoch = 1;

  /** `capacity`: ids at most. `above`: highest pre-defined id of the client, or the last id of its former session: allocation starts behind it (T-16, R-13). */
  constructor(capacity: number, above: number) {
    this.capacity = capacity;
    this.#nextId = above >= LAST_ID ? FIRST_ID : above + 1;
  }

  /** The id to be assigned next; a later session of the same client goes on from here. */
  get nextId(): number {
    return this.#nextId;
  }

  /** No further name gets an id. */
  get isFull(): boolean {
    return this.#byId.size >= Math.min(this.capacity, LAST_ID);
  }

  /** Octets of all names in UTF-8. */
  get octets(): number {
    return this.#octets;
  }

  /** Grows with each CONNECT after which the client may know nothing any more. */
  get epoch(): number {
    return this.#epoch;
  }

  /** A topic id as the store gets it; undefined: there is none. */
  entry(topicId: number): TopicEntry | undefined {
    return this.#byId.get(topicId);
  }

  ids(): Iterable<number> {
    return this.#byId.keys();
  }

  /** Goes on somewhere above, so that ids of a session that is forgotten here hit nothing (I-55). `random`: 0 ≤ random() < 1. */
  goOnAnywhere(random: () => number): void {
    const next = this.#nextId + Math.floor(random() * (LAST_ID + 1 - this.#nextId));
    this.#nextId = next > LAST_ID ? FIRST_ID : next;
  }

  byId(topicId: number): RegisteredTopic | undefined {
    return this.#byId.get(topicId);
  }

  byName(topicName: string): RegisteredTopic | undefined {
    return this.#byName.get(topicName);
  }

  /** The entry of a name, a new one where there was none; undefined where the table is full. */
  register(topicName: string): RegisteredTopic | undefined {
    const known = this.#byName.get(topicName);
    if (known) {
      return known;
    }
    if (this.isFull) {
      return undefined;
    }
    while (this.#byId.has(this.#nextId)) {
      this.#advance();
    }
    const topic = new Topic(this.#nextId, topicName, 0, this);
    this.#advance(); // upwards, an id is not given to another name
    this.#add(topic);
    this.tracked.put(topic.topicId, true);
    return topic;
  }

  /** The whole table by id, to be shown. */
  entries(): readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[] {
    return [...this.#byId.values()]
      .map(({ topicId, topicName, known }) => ({ topicId, topicName, known }))
      .sort((one, other) => one.topicId - other.topicId);
  }

  /** The table is in the store; `nextId`: where allocation goes on. */
  restore(nextId: number, epoch: number): void {
    this.#nextId = nextId;
    this.#epoch = epoch;
  }

  /** One id of the store; allocation goes on behind it. */
  restoreTopic({ topicId, topicName, knownIn }: TopicEntry): void {
    this.#add(new Topic(topicId, topicName, knownIn, this));
    if (topicId >= this.#nextId) {
      this.#nextId = topicId;
      this.#advance();
    }
  }

  /** A CONNECT: what the client knew may be gone, and what it refused may be tried again (T-38). */
  forgetKnown(): void {
    this.#epoch++;
  }

  /** CleanSession: the table is empty (S-4), the next id goes on upwards. */
  clear(): void {
    for (const topicId of this.#byId.keys()) {
      this.tracked.drop(topicId);
    }
    this.#byId.clear();
    this.#byName.clear();
    this.#octets = 0;
  }

  /** Writes the table; not where the store is behind. */
  fold(folding: Folding): void {
    if (!this.tracked.isSettled) {
      folding.refuse();
    }
    folding.list([this.capacity, this.#nextId, this.#epoch]);
    for (const { topicId, topicName, knownIn } of this.#byId.values()) {
      folding.item(topicId);
      folding.item(topicName);
      folding.item(knownIn);
    }
    folding.endList();
    folding.list([...this.#byId.values()].flatMap(registersOf));
  }

  /** The table as it was written; this one is empty. */
  unfold(unfolding: Unfolding): void {
    const [capacity, nextId, epoch] = unfolding.list() as readonly number[];
    this.capacity = capacity ?? 0;
    this.restore(nextId ?? FIRST_ID, epoch ?? 1);
    const topics = unfolding.list();
    for (let n = 0; n < topics.length; n += 3) {
      this.#add(new Topic(topics[n] as number, topics[n + 1] as string, topics[n + 2] as number, this));
    }
    const registers = unfolding.list();
    for (let n = 0; n < registers.length; n += OF_REGISTERS) {
      const [topicId, refused, msgId, givenUp] = registers.slice(n, n + OF_REGISTERS);
      const topic = this.#byId.get(topicId as number);
      if (topic) {
        topic.refused = refused as boolean;
        topic.unanswered = msgId === undefined ? undefined : { msgId: msgId as number, givenUp: givenUp as number };
      }
    }
  }

  #add(topic: Topic): void {
    this.#byId.set(topic.topicId, topic);
    this.#byName.set(topic.topicName, topic);
    this.#octets += utf8Octets(topic.topicName);
  }

  #advance(): void {
    this.#nextId = this.#nextId >= LAST_ID ? FIRST_ID : this.#nextId + 1;
  }
}
