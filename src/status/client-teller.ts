import type { Millis } from '../ports/clock.ts';
import type { ClientLooks } from './client-looks.ts';
import type { ClientReport } from './client-report.ts';
import { type Announced, ClientTable } from './client-table.ts';
import type { HomeAssistant } from './home-assistant.ts';
import type { StatusMessage } from './link-user.ts';
import type { ClientConcern } from './status-concern.ts';
import type { StatusTopics } from './status-topics.ts';
import type { ToTell, Urgency } from './to-tell.ts';

/** When a client was last seen is said so often, where nothing else has changed. */
const LAST_SEEN_EVERY: Millis = 300_000;

/** Clients that are looked at in one tick, so that it is short. */
const MOST_IN_A_TICK = 200;

/** Changes of clients of which nothing is known yet that may wait; what comes beyond that is found when all are looked through again. */
const MOST_STRANGERS = 10_000;

/** States of clients from before that are taken away at a time. */
const MOST_FOUND = 100_000;

/** Characters of a client id of which something is said: with all of them escaped a topic has at most 65,535 octets. */
const MOST_CHARACTERS = 6_000;

/** What is to be told of a client: its state, its device, and that its former device is gone. */
const KINDS = { state: 's:', device: 'd:', former: 'f:' } as const;

const NOTHING = new Uint8Array(0);

export interface ClientTellerParts {
  readonly topics: StatusTopics;
  /** Undefined: it is told nothing. */
  readonly homeAssistant: HomeAssistant | undefined;
  readonly looks: ClientLooks;
  readonly toTell: ToTell;
}

/** Says of each client what there is to say, when it has changed and now and then, and that it is gone when its session is. */
export class ClientTeller {
  readonly #parts: ClientTellerParts;
  readonly #table = new ClientTable();
  /** Where devices were announced before the last start; undefined: at the same place, or nowhere. */
  #former: HomeAssistant | undefined;
  /** Something has changed that is not in the table, nor waits to be told. */
  #isIncomplete = false;

  constructor(parts: ClientTellerParts) {
    this.#parts = parts;
  }

  /** Something has happened to a client. Cheap: it is not looked at here. `isOpen`: it can be told; else all is told later. */
  note(note: ClientConcern, isOpen: boolean, now: Millis): void {
    const { looks } = this.#parts;
    if (note.type === 'radio-signal') {
      if (note.rssi !== undefined) {
        looks.signal(note.link, note.rssi);
      }
      return;
    }
    const { clientId = '' } = note;
    if (clientId === '' || clientId.length > MOST_CHARACTERS) {
      return;
    }
    if (note.type === 'client-lost' || note.type === 'client-disconnected') {
      const pushedOut = looks.left(note, this.#table.get(clientId)?.lastHeard, now);
      if (pushedOut !== undefined && isOpen) {
        this.#changed(pushedOut);
      }
    } else if (note.type !== 'connect-abandoned') {
      looks.forget(clientId);
    }
    if (isOpen) {
      this.#changed(clientId);
    }
  }

  /** Nothing is to be said any more of a client that has no session. False: nothing was. */
  forget(clientId: string): boolean {
    const wasThere = this.#parts.looks.forget(clientId);
    if (wasThere) {
      this.#changed(clientId);
    }
    return wasThere;
  }

  #changed(clientId: string): void {
    const { toTell } = this.#parts;
    if (this.#table.has(clientId) || toTell.size < this.#table.size * 2 + MOST_STRANGERS) {
      toTell.add(KINDS.state + clientId, 'change');
    } else {
      this.#isIncomplete = true;
    }
  }

  /** The broker may know nothing: everything is told again. */
  tellAll(now: Millis): void {
    const { looks, homeAssistant } = this.#parts;
    this.#isIncomplete = false;
    for (const clientId of looks.clientIds()) {
      if (clientId.length <= MOST_CHARACTERS) {
        this.#table.of(clientId, now);
      }
    }
    for (const clientId of this.#table.clientIds) {
      const known = this.#table.of(clientId, now);
      known.unanswered = 0;
      known.isRemoved = false;
      known.announced = known.isTold && homeAssistant ? 'with-signal' : 'no'; // it may be there
      if (this.#former) {
        this.#tell('former', clientId, 'again');
      }
      this.#tell('device', clientId, 'again');
      this.#tell('state', clientId, 'again');
    }
  }

  /** Nothing waits any more: what was too much is looked through. */
  allTold(now: Millis): void {
    if (this.#isIncomplete) {
      this.tellAll(now);
    }
  }

  /** Home Assistant has come: it is told of every device. */
  announceAll(): void {
    for (const clientId of this.#table.clientIds) {
      this.#tell('device', clientId, 'again');
    }
  }

  /** Devices were announced by this before: they are taken back there when all is told. */
  moveFrom(former: HomeAssistant): void {
    this.#former = former;
  }

  /** The broker has a retained state of this client from before. True: it has no session any more, so that goes. */
  found(clientId: string, now: Millis): boolean {
    if (this.#table.has(clientId) || this.#parts.looks.at(clientId, now) !== undefined) {
      return false;
    }
    if (this.#parts.toTell.size > MOST_FOUND || clientId.length > MOST_CHARACTERS) {
      return true; // it is found again
    }
    const known = this.#table.of(clientId, now);
    known.isTold = true;
    known.announced = this.#parts.homeAssistant ? 'with-signal' : 'no';
    if (this.#former) {
      this.#tell('former', clientId, 'change');
    }
    this.#tell('state', clientId, 'change');
    return true;
  }

  /** What a key of the list of things to tell says now; undefined: nothing, or it is not a client's. */
  messageFor(key: string, now: Millis): StatusMessage | undefined {
    const clientId = clientIdOf(key);
    const message = this.#messageOf(key, clientId, now);
    const known = message && this.#table.get(clientId);
    if (known) {
      known.unanswered++;
    }
    return message;
  }

  /** The broker has answered. */
  told(key: string): void {
    const known = isOfClient(key) ? this.#table.get(clientIdOf(key)) : undefined;
    if (known === undefined) {
      return;
    }
    known.unanswered = Math.max(0, known.unanswered - 1);
    if (known.isRemoved && known.unanswered === 0) {
      this.#table.delete(clientIdOf(key));
    }
  }

  /** When `tick` wants to be called; undefined: there is nobody. */
  get deadline(): Millis | undefined {
    const oldest = this.#table.oldest;
    return oldest && oldest[1].lookedAt + LAST_SEEN_EVERY;
  }

  /** Looks at those that were looked at longest ago: whether they were seen since, or are gone. */
  tick(now: Millis): void {
    for (let looked = 0; looked < MOST_IN_A_TICK; looked++) {
      const oldest = this.#table.oldest;
      if (oldest === undefined || oldest[1].lookedAt + LAST_SEEN_EVERY > now) {
        return;
      }
      const [clientId, { lastHeard, waiting }] = oldest;
      const look = this.#parts.looks.at(clientId, now);
      if (look?.lastHeard !== lastHeard || look?.report.waiting !== waiting) {
        this.#tell('state', clientId, 'again');
      }
      this.#table.looked(clientId, now);
    }
  }

  #messageOf(key: string, clientId: string, now: Millis): StatusMessage | undefined {
    switch (key.slice(0, KINDS.state.length)) {
      case KINDS.state:
        return this.#stateOf(key, clientId, now);
      case KINDS.device:
        return this.#deviceOf(key, clientId, now);
      case KINDS.former:
        return this.#former && { key, topic: this.#former.clientTopic(clientId), payload: NOTHING, retain: true };
      default:
        return undefined;
    }
  }

  #stateOf(key: string, clientId: string, now: Millis): StatusMessage | undefined {
    const look = this.#parts.looks.at(clientId, now);
    if (look === undefined) {
      return this.#removalOf(key, clientId);
    }
    const { report, lastHeard } = look;
    const known = this.#table.of(clientId, now);
    known.lastHeard = lastHeard;
    known.waiting = report.waiting;
    known.isTold = true;
    known.isRemoved = false;
    this.#table.looked(clientId, now);
    if (isLess(known.announced, announcementOf(report))) {
      this.#tell('device', clientId, 'change');
    }
    return { key, topic: this.#parts.topics.client(clientId), payload: octets(report), retain: true };
  }

  /** The device goes first: the state that is left over tells after a crash that there may be one. */
  #removalOf(key: string, clientId: string): StatusMessage | undefined {
    const known = this.#table.get(clientId);
    if (known === undefined) {
      return undefined;
    }
    if (known.announced !== 'no') {
      this.#tell('device', clientId, 'change');
      this.#tell('state', clientId, 'change');
      return undefined;
    }
    if (!known.isTold) {
      this.#table.delete(clientId);
      return undefined;
    }
    known.isRemoved = true;
    return { key, topic: this.#parts.topics.client(clientId), payload: NOTHING, retain: true };
  }

  #deviceOf(key: string, clientId: string, now: Millis): StatusMessage | undefined {
    const { homeAssistant, looks } = this.#parts;
    const known = this.#table.get(clientId);
    if (homeAssistant === undefined || known === undefined) {
      return undefined;
    }
    const topic = homeAssistant.clientTopic(clientId);
    const look = looks.at(clientId, now);
    if (look !== undefined) {
      const announced = announcementOf(look.report);
      known.announced = announced;
      const payload = octets(homeAssistant.client(clientId, announced === 'with-signal'));
      return { key, topic, payload, retain: true };
    }
    const wasAnnounced = known.announced !== 'no';
    known.announced = 'no';
    return wasAnnounced ? { key, topic, payload: NOTHING, retain: true } : undefined;
  }

  #tell(kind: keyof typeof KINDS, clientId: string, urgency: Urgency): void {
    if (kind !== 'device' || this.#parts.homeAssistant) {
      this.#parts.toTell.add(KINDS[kind] + clientId, urgency);
    }
  }
}

function isOfClient(key: string): boolean {
  return Object.values<string>(KINDS).includes(key.slice(0, KINDS.state.length));
}

function clientIdOf(key: string): string {
  return key.slice(KINDS.state.length);
}

function announcementOf({ rssi }: ClientReport): Announced {
  return rssi === null ? 'plain' : 'with-signal';
}

function isLess(announced: Announced, wanted: Announced): boolean {
  return announced === 'no' || (announced === 'plain' && wanted === 'with-signal');
}

function octets(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
