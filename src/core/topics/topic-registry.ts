/**
 * Normal topic ids of one client (6.5, §7.3; ): a table for each client, ids 0x0001–0xFFFE, never one shared pool.
 * The table lives as long as the session; that the client *knows* an id lives as long as its connection, sleep included (R-11, T-15).
 */

const FIRST_ID = 0x0001;

const LAST_ID = 0xfffe;

/** One normal topic id. */
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

export class TopicRegistry {
  readonly #byId = new Map<number, RegisteredTopic>();
  readonly #byName = new Map<string, RegisteredTopic>();
  readonly #capacity: number;
  #nextId: number;

  /** `capacity`: ids at most. `above`: highest pre-defined id of the client, or the last id of its former session: allocation starts behind it (T-16, R-13). */
  constructor(capacity: number, above: number) {
    this.#capacity = capacity;
    this.#nextId = above >= LAST_ID ? FIRST_ID : above + 1;
  }

  /** The id to be assigned next; a later session of the same client goes on from here. */
  get nextId(): number {
    return this.#nextId;
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
    if (this.#byId.size >= Math.min(this.#capacity, LAST_ID)) {
      return undefined;
    }
    while (this.#byId.has(this.#nextId)) {
      this.#advance();
    }
    const topic: RegisteredTopic = {
      topicId: this.#nextId,
      topicName,
      known: false,
      refused: false,
      unanswered: undefined,
    };
    this.#advance(); // upwards, an id is not given to another name
    this.#byId.set(topic.topicId, topic);
    this.#byName.set(topicName, topic);
    return topic;
  }

  /** The table for the store. */
  entries(): readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[] {
    return [...this.#byId.values()].map(({ topicId, topicName, known }) => ({ topicId, topicName, known }));
  }

  /** The table as it was stored; `nextId`: where allocation goes on. */
  restore(
    entries: Iterable<{ readonly topicId: number; readonly topicName: string; readonly known: boolean }>,
    nextId: number,
  ): void {
    for (const { topicId, topicName, known } of entries) {
      const topic: RegisteredTopic = { topicId, topicName, known, refused: false, unanswered: undefined };
      this.#byId.set(topicId, topic);
      this.#byName.set(topicName, topic);
    }
    this.#nextId = nextId;
  }

  /** A CONNECT: what the client knew may be gone, and what it refused may be tried again (T-38). */
  forgetKnown(): void {
    for (const topic of this.#byId.values()) {
      topic.known = false;
      topic.refused = false;
      topic.unanswered = undefined;
    }
  }

  /** CleanSession: the table is empty (S-4), the next id goes on upwards. */
  clear(): void {
    this.#byId.clear();
    this.#byName.clear();
  }

  #advance(): void {
    this.#nextId = this.#nextId >= LAST_ID ? FIRST_ID : this.#nextId + 1;
  }
}
