/**
 * Says at the broker what the gateway is and does (docs/status-topics.md): its state, its settings, its numbers, its clients, and all of that to Home
 * Assistant. What is to be told is a list of names; what there is to say is looked up when the turn of a name comes, so that the newest wins, and a
 * broker that is slow or away costs nothing. Without I/O: effects go to `perform`, notes and the upstream's inputs come in, time is an argument.
 */
import type { Millis } from '../ports/clock.ts';
import type { UpstreamInput } from '../ports/upstream.ts';
import { ClientLooks } from './client-looks.ts';
import { ClientTeller } from './client-teller.ts';
import { GatewayTeller } from './gateway-teller.ts';
import { HomeAssistant } from './home-assistant.ts';
import type { LinkUser, StatusHeard, StatusMessage } from './link-user.ts';
import { Predecessors } from './predecessors.ts';
import { RequestDesk } from './request-desk.ts';
import { Speaker } from './speaker.ts';
import type { StatusConcern } from './status-concern.ts';
import { StatusLink } from './status-link.ts';
import type { StatusTellerParts } from './status-teller-parts.ts';
import { StatusTopics } from './status-topics.ts';
import { ToTell } from './to-tell.ts';

const STATS_EVERY: Millis = 60_000;

/** A transport may have trouble often: it is said so seldom. */
const INFO_PAUSE: Millis = 5_000;

/** Home Assistant starts with much to do: when it is told of the devices is up to chance, within this time. */
const BIRTH_DELAY: Millis = 2_000;

export class StatusTeller implements LinkUser {
  readonly #parts: StatusTellerParts;
  readonly #topics: StatusTopics;
  readonly #homeAssistant: HomeAssistant | undefined;
  readonly #toTell = new ToTell();
  readonly #link: StatusLink;
  readonly #speaker: Speaker;
  readonly #gateway: GatewayTeller;
  readonly #clients: ClientTeller;
  readonly #desk: RequestDesk;
  readonly #predecessors: Predecessors;
  /** Filters on which the broker closes the connection. */
  readonly #unheard = new Set<string>();
  #statsAt: Millis = 0;
  #infoAt: Millis | undefined;
  #infoToldAt = Number.NEGATIVE_INFINITY;
  #birthAt: Millis | undefined;

  constructor(parts: StatusTellerParts, now: Millis) {
    this.#parts = parts;
    const { settings, sessions, operator, perform, tell, wallClock, random } = parts;
    const { topicPrefix, discoveryPrefix, clientId, reconnectMin, reconnectMax } = settings;
    const topics = new StatusTopics(topicPrefix);
    this.#topics = topics;
    this.#homeAssistant = discoveryPrefix === undefined ? undefined : this.#homeAssistantAt(discoveryPrefix);
    const told = { topics, homeAssistant: this.#homeAssistant, wallClock };
    const looks = new ClientLooks({ sessions, wallClock });
    this.#clients = new ClientTeller({ ...told, looks, toTell: this.#toTell });
    const { site, shownSettings, program } = parts;
    const restartNeededFor = () => program()?.needsRestart ?? [];
    const gateway = { ...told, site, clientId, discoveryPrefix, shownSettings, restartNeededFor, sessions };
    this.#gateway = new GatewayTeller(gateway, now);
    const will = {
      topic: topics.state,
      message: this.#gateway.state('offline').payload,
      qos: 1,
      retain: true,
    } as const;
    this.#link = new StatusLink({ will, reconnectMin, reconnectMax, perform, tell, random, user: this });
    this.#desk = new RequestDesk({
      topics,
      operator,
      program,
      tell,
      isOwn: (topic) => this.#isOwn(topic),
      sessions,
      looks,
      answered: parts.wake,
    });
    this.#speaker = new Speaker({
      link: this.#link,
      toTell: this.#toTell,
      answer: () => this.#desk.next,
      takeAnswer: () => this.#desk.take(),
      messageFor: (key, at) => this.#gateway.messageFor(key, at) ?? this.#clients.messageFor(key, at),
      allTold: (at) => this.#allTold(at),
    });
    const former = (prefix: string) => this.#homeAssistantAt(prefix);
    this.#predecessors = new Predecessors({
      topics,
      clientId,
      discoveryPrefix,
      former,
      clients: this.#clients,
      gateway: this.#gateway,
      tell,
    });
  }

  /** When `tick` wants to be called; undefined: there is nothing to wait for. */
  get deadline(): Millis | undefined {
    const waits = [this.#link.deadline];
    if (this.#speaker.isOpen) {
      const { deadline } = this.#speaker;
      waits.push(deadline, this.#statsAt, this.#infoAt, this.#birthAt);
      waits.push(this.#clients.deadline, this.#predecessors.deadline);
    }
    const first = Math.min(...waits.map((wait) => wait ?? Number.POSITIVE_INFINITY));
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  /** A note of the gateway. Cheap: what it means is looked up later. `deadline` may be another one. */
  note(note: StatusConcern, now: Millis): void {
    switch (note.type) {
      case 'upstream-up':
      case 'upstream-down':
        if (note.clientId === undefined) {
          this.#link.own(note.type === 'upstream-up', now);
        }
        return;
      case 'transport-up':
      case 'transport-down':
      case 'transport-problem':
      case 'settings-reloaded':
        this.#infoAt ??= Math.max(now, this.#infoToldAt + INFO_PAUSE);
        return;
      default:
        this.#clients.note(note, this.#speaker.isOpen, now);
    }
  }

  /** An input of the upstream that performs the effects. */
  hear(input: UpstreamInput, now: Millis): void {
    this.#link.heard(input, now);
    this.#speaker.say(now);
  }

  /** Does what is due. Harmless at any time. */
  tick(now: Millis): void {
    this.#link.tick(now);
    if (this.#speaker.isOpen) {
      this.#clients.tick(now);
      this.#tickStats(now);
      if (this.#infoAt !== undefined && now >= this.#infoAt) {
        this.#infoAt = undefined;
        this.#infoToldAt = now;
        this.#toTell.add('info', 'urgent');
      }
      if (this.#birthAt !== undefined && now >= this.#birthAt) {
        this.#birthAt = undefined;
        this.#toTell.add('device', 'urgent');
        this.#clients.announceAll();
      }
      if (this.#predecessors.isOver(now)) {
        this.#link.unsubscribe(this.#topics.allClients, now);
      }
    }
    this.#speaker.say(now);
  }

  /** Nothing is to be said any more of a client that has no session. False: nothing was. */
  forget(clientId: string): boolean {
    return this.#clients.forget(clientId);
  }

  /** Says that it is not there any more, where it can; the last call. */
  stop(now: Millis): void {
    if (this.#speaker.isOpen) {
      this.#link.publish(this.#gateway.state('offline'), now);
    }
    this.#speaker.isOpen = false;
  }

  up(): void {
    this.#speaker.subscribe([this.#topics.state, ...this.#predecessors.filters]);
  }

  down(): void {
    this.#speaker.isOpen = false;
    this.#speaker.subscribe([]);
    this.#toTell.clear();
    this.#desk.forgetAnswers();
    this.#predecessors.interrupted();
  }

  told({ key }: Pick<StatusMessage, 'key'>): void {
    this.#clients.told(key);
  }

  subscribed(): void {
    if (!this.#speaker.isOpen && this.#speaker.filtersLeft === 0) {
      this.#link.ping(); // behind it nothing retained comes any more
    }
  }

  ponged(now: Millis): void {
    if (this.#speaker.isOpen) {
      return;
    }
    if (this.#predecessors.introduce()) {
      this.#link.unsubscribe(this.#topics.info, now);
    }
    this.#speaker.isOpen = true;
    this.#statsAt = now + STATS_EVERY;
    this.#infoAt = undefined;
    this.#infoToldAt = now;
    const filters = [
      ...(this.#parts.settings.requests ? [this.#topics.allRequests] : []),
      ...(this.#homeAssistant ? [this.#homeAssistant.birthTopic] : []),
    ];
    this.#speaker.subscribe(filters.filter((filter) => !this.#unheard.has(filter)));
    for (const key of [...this.#link.suspects, ...this.#gateway.keys]) {
      this.#toTell.add(key, 'urgent');
    }
    this.#clients.tellAll(now);
  }

  heard(message: StatusHeard, now: Millis): void {
    const { topic } = message;
    if (!this.#speaker.isOpen) {
      this.#predecessors.heard(message);
      return;
    }
    const what = this.#topics.requestOf(topic);
    if (what !== undefined) {
      this.#desk.heard(message, what, now);
    } else if (topic === this.#homeAssistant?.birthTopic) {
      if (says(message, 'online')) {
        this.#birthAt = now + Math.round(this.#parts.random() * BIRTH_DELAY);
      }
    } else if (topic === this.#topics.state) {
      if (says(message, 'offline') && !message.retain) {
        this.#predecessors.left(); // the will of one that was here before
        this.#toTell.add('state', 'urgent');
      }
    } else {
      this.#predecessors.found(message, now);
    }
  }

  canDoWithout(topic: string): boolean {
    const isFilter = topic === this.#topics.allRequests || topic === this.#homeAssistant?.birthTopic;
    if (!isFilter && this.#isOwn(topic)) {
      return false;
    }
    if (isFilter) {
      this.#unheard.add(topic);
    } else {
      this.#desk.refuseTheirs();
    }
    const less = isFilter ? 'what is said there is not heard' : 'answers go to the topics of the gateway only';
    const reason = `the broker closes the connection on ${topic}: ${less} until the next start`;
    this.#parts.tell({ type: 'status-problem', reason });
    return true;
  }

  #allTold(now: Millis): void {
    this.#clients.allTold(now);
    if (this.#predecessors.allTold(now)) {
      this.#speaker.addFilter(this.#topics.allClients);
    }
  }

  #tickStats(now: Millis): void {
    if (now < this.#statsAt) {
      return;
    }
    this.#statsAt = now + STATS_EVERY;
    this.#toTell.add('stats', 'urgent');
    this.#desk.tellOfPassedOver();
  }

  /** Whether the gateway says something at a topic. */
  #isOwn(topic: string): boolean {
    const { topicPrefix, discoveryPrefix } = this.#parts.settings;
    const isDiscovery = discoveryPrefix !== undefined && topic.startsWith(`${discoveryPrefix}/`);
    return isDiscovery || topic.startsWith(`${topicPrefix}/`);
  }

  #homeAssistantAt(discoveryPrefix: string): HomeAssistant {
    const { settings, site } = this.#parts;
    const { topicPrefix } = settings;
    const { version, gwId } = site;
    return new HomeAssistant({ discoveryPrefix, topicPrefix, topics: this.#topics, version, gwId });
  }
}

function says({ payload }: StatusHeard, text: string): boolean {
  return payload.length === text.length && new TextDecoder().decode(payload) === text;
}
