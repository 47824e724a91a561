/**
 * Normal topic ids of one client (6.5, §7.3; ): a table for each client, ids 0x0001–0xFFFE, never one shared pool.
 * The table lives as long as the session; that the client *knows* an id lives as long as its connection, sleep included (R-11, T-15).
 */

const FIRST_ID = 0x0001;

const LAST_ID = 0xfffe;

/** One normal topic id, as procedures see it. */
export interface RegisteredTopic {
  readonly topicId: number;
  readonly topicName: string;
  /** The client knows the id: no REGISTER needed before a PUBLISH. */
  known: boolean;
  /** The client rejected the REGISTER, or never answered it: not tried again until the next CONNECT (T-38, T-r6). */
  refused: boolean;
}

/** What is known or refused counts for an epoch: that all of it is forgotten costs no more than the next epoch. */
class Topic implements RegisteredTopic {
  readonly topicId: number;
  readonly topicName: string;
  knownIn: number;
  #refusedIn = 0;
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
      this.#registry.changed.add(this.topicId);
    }
  }

  get refused(): boolean {
    return this.#refusedIn === this.#registry.epoch;
  }

  set refused(refused: boolean) {
    this.#refusedIn = refused ? this.#registry.epoch : 0;
  }
}

/** A topic id as the store has it. */
interface TopicEntry {
  readonly topicId: number;
  readonly topicName: string;
  readonly knownIn: number;
}

export class TopicRegistry {
  /** Ids that the store does not have as they are here. */
  readonly changed = new Set<number>();
  /** Ids that the store has. */
  readonly stored = new Set<number>();
  readonly #byId = new Map<number, Topic>();
  readonly #byName = new Map<string, Topic>();
  readonly #capacity: number;
  #nextId: number;
  #epoch = 1;

  /** `capacity`: ids at most. `above`: highest pre-defined id of the client, or the last id of its former session: allocation starts behind it (T-16, R-13). */
  constructor(capacity: number, above: number) {
    this.#capacity = capacity;
    this.#nextId = above >= LAST_ID ? FIRST_ID : above + 1;
  }

  /** The id to be assigned next; a later session of the same client goes on from here. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Grows with each CONNECT after which the client may know nothing any more. */
  get epoch(): number {
    return this.#epoch;
  }

  /** A topic id as the store gets it; undefined: there is none. */
  entry(topicId: number): TopicEntry | undefined {
    return this.#byId.get(topicId);
  }

  ids(): IterableIterator<number> {
    return this.#byId.keys();
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
    if (this.#byId.size >= Math.min(this.#capacity, LAST_ID)) {
      return undefined;
    }
    while (this.#byId.has(this.#nextId)) {
      this.#advance();
    }
    const topic = new Topic(this.#nextId, topicName, 0, this);
    this.#advance(); // upwards, an id is not given to another name
    this.#add(topic);
    this.changed.add(topic.topicId);
    return topic;
  }

  /** The whole table, to be shown. */
  entries(): readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[] {
    return [...this.#byId.values()].map(({ topicId, topicName, known }) => ({ topicId, topicName, known }));
  }

  /** The table is in the store; `nextId`: where allocation goes on. */
  restore(nextId: number, epoch: number): void {
    this.#nextId = nextId;
    this.#epoch = epoch;
  }

  /** One id of the store; allocation goes on behind it. */
  restoreTopic({ topicId, topicName, knownIn }: TopicEntry): void {
    this.#add(new Topic(topicId, topicName, knownIn, this));
    this.stored.add(topicId);
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
    this.#byId.clear();
    this.#byName.clear();
    this.changed.clear();
  }

  #add(topic: Topic): void {
    this.#byId.set(topic.topicId, topic);
    this.#byName.set(topic.topicName, topic);
  }

  #advance(): void {
    this.#nextId = this.#nextId >= LAST_ID ? FIRST_ID : this.#nextId + 1;
  }
}
