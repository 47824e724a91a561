/**
 * The effects of clients that wait for the disk, each client's in a lane of its own: their order never changes, and nobody waits for another
 * (I-38). What has an owner on the connection that clients share waits in the lane of that owner; '' is the connection itself. A lane is there while something in it waits; effects of everybody else are performed at once.
 */
import type { TakenBack } from '../core/contract/client-held.ts';
import type { Send, UpstreamEffect } from '../core/contract/effect.ts';
import type { Input } from '../core/contract/input.ts';
import { KeptPackets } from './kept-packets.ts';
import { isForBroker, type LaneEffect, octetsOf, takesPlaceOfOthers } from './lane-effect.ts';

/** What a lane may hold before further messages of its client are not taken any more. */
const LANE_EFFECTS = 1_000;
const LANE_OCTETS = 1 << 20;
/** Over all lanes. */
const ALL_OCTETS = 64 << 20;
interface Gate {
  readonly type: 'gate';
  open: boolean;
}

/** The session has changed here: the frames before are outdated, if they have to wait for long. */
interface Change {
  readonly type: 'change';
}

type Entry = LaneEffect | Gate | Change;

interface Lane {
  readonly clientId: string;
  entries: Entry[];
  octets: number;
  /** Where its frames go. */
  readonly paths: Set<string>;
  /** The core knows that the client waits. */
  held: boolean;
}

export interface LanesParts {
  readonly perform: (effect: LaneEffect) => void;
  /** The core should hold a client, or may go on with it. */
  readonly hold: (clientId: string, held: boolean) => void;
}

export class Lanes {
  readonly #parts: LanesParts;
  readonly #byClient = new Map<string, Lane>();
  /** By path: whose frames wait for it. */
  readonly #byPath = new Map<string, Lane>();
  /** Client ids by connection. */
  readonly #clients = new Map<number, string>();
  readonly #kept = new KeptPackets();
  #octets = 0;
  #holding = false;

  constructor(parts: LanesParts) {
    this.#parts = parts;
  }

  /** Clients that wait. */
  get size(): number {
    return this.#byClient.size;
  }

  /** Whether no more may come: for a client that waits, or for anybody whose session is not known (undefined). */
  isFull(clientId: string | undefined): boolean {
    const lane = clientId === undefined ? undefined : this.#byClient.get(clientId);
    if (clientId === '') {
      return this.#octets >= ALL_OCTETS; // acknowledgements alone, no more than the window of the broker
    }
    if (this.#octets >= ALL_OCTETS) {
      return clientId === undefined || lane !== undefined;
    }
    return lane !== undefined && (lane.entries.length >= LANE_EFFECTS || lane.octets >= LANE_OCTETS);
  }

  /** What follows for these clients waits; returns what lets it go. */
  block(clientIds: Iterable<string>): () => void {
    const gate: Gate = { type: 'gate', open: false };
    const lanes: Lane[] = [];
    for (const clientId of clientIds) {
      let lane = this.#byClient.get(clientId);
      if (lane === undefined) {
        lane = { clientId, entries: [], octets: 0, paths: new Set(), held: false };
        this.#byClient.set(clientId, lane);
      }
      lane.entries.push(gate);
      lanes.push(lane);
      this.#holdIf(lane);
    }
    return () => {
      gate.open = true;
      for (const lane of lanes) {
        this.#flush(lane);
      }
    };
  }

  /** Performs an effect, or lets it wait behind what its client waits for. */
  add(effect: LaneEffect): void {
    if (this.#byClient.size === 0 && effect.type !== 'upstream-connect' && effect.type !== 'upstream-close') {
      this.#parts.perform(effect); // nobody waits: that is nearly always so
      return;
    }
    const clientId = this.#clientOf(effect);
    let lane = clientId === undefined ? undefined : this.#byClient.get(clientId);
    if (effect.type === 'send' && this.#byPath.size > 0) {
      lane = this.#laneOfSend(effect, lane);
    }
    if (lane === undefined) {
      this.#parts.perform(effect);
      return;
    }
    lane.entries.push(effect);
    lane.octets += octetsOf(effect);
    this.#octets += octetsOf(effect);
    if (isForBroker(effect)) {
      this.#kept.add(effect);
    }
    if (effect.type === 'send') {
      const to = effect.path ?? effect.link;
      this.#byPath.set(to, lane);
      lane.paths.add(to);
    }
  }

  /**
   * The session of a client changes once more. Where it waits for long, what it was to be told before is not so any more, and what is on the disk
   * in the end will be the last change alone: the frames are not sent (I-63). Whoever still waits for an answer asks again.
   */
  outdate(clientId: string): void {
    const lane = this.#byClient.get(clientId);
    lane?.entries.push({ type: 'change' });
    if (lane?.held) {
      this.#dropOutdated(lane);
    }
  }

  /** The store is slow, or is not any more: whoever waits is held, or is let go when nothing waits. */
  set holding(holding: boolean) {
    this.#holding = holding;
    for (const lane of this.#byClient.values()) {
      this.#holdIf(lane);
    }
  }

  /**
   * What the core is told besides: where a connection is over without our doing, what still waits here, and has not gone out on it; and what is taken back of an owner
   * that is held.
   */
  told(input: Input): Input {
    if (input.type === 'client-held') {
      return { ...input, takenBack: this.#takeBack(input.clientId) };
    }
    if (input.type !== 'upstream-lost' && input.type !== 'upstream-refused') {
      return input;
    }
    this.#clients.delete(input.connection);
    const kept = this.#kept.of(input.connection);
    return kept && input.type === 'upstream-lost' ? { ...input, kept } : input;
  }

  /**
   * What an owner that is held has for the connection that clients share, and what would take a place there that others need: it is not performed, and the core sends
   * it again.
   */
  #takeBack(owner: string): readonly TakenBack[] {
    const lane = this.#byClient.get(owner);
    const taken: TakenBack[] = [];
    if (lane?.held) {
      this.#keep(lane, (effect) => {
        const takesPlace = isForBroker(effect) && takesPlaceOfOthers(effect) && effect.owner === owner;
        if (takesPlace) {
          taken.push({ connection: effect.connection, packetId: effect.packetId });
        }
        return !takesPlace;
      });
    }
    return taken;
  }

  /** Nothing that waits is performed any more: it promised what will never be on disk. */
  discard(clientIds: Iterable<string>): void {
    for (const clientId of clientIds) {
      const lane = this.#byClient.get(clientId);
      if (lane) {
        this.#keep(lane, () => false);
      }
    }
  }

  #holdIf(lane: Lane): void {
    if (this.#holding && !lane.held) {
      lane.held = true;
      this.#dropOutdated(lane);
      this.#parts.hold(lane.clientId, true);
    }
  }

  #dropOutdated(lane: Lane): void {
    const until = lane.entries.findLastIndex(({ type }) => type === 'change');
    this.#keep(lane, (entry, at) => at > until || entry.type !== 'send');
  }

  #clientOf(effect: LaneEffect): string | undefined {
    switch (effect.type) {
      case 'send':
        return effect.client;
      case 'broadcast':
        return undefined;
      case 'tell-operator':
        return effect.clientId;
      case 'show-message':
        return effect.message.clientId;
      case 'note':
        return 'clientId' in effect.note ? effect.note.clientId : undefined;
      default:
        return this.#ownerOf(effect);
    }
  }

  #ownerOf(effect: UpstreamEffect): string | undefined {
    if ('owner' in effect && effect.owner !== undefined) {
      return effect.owner;
    }
    if (effect.type === 'upstream-connect' && effect.clientId !== undefined) {
      this.#clients.set(effect.connection, effect.clientId);
    }
    const clientId = this.#clients.get(effect.connection);
    if (effect.type === 'upstream-close') {
      this.#clients.delete(effect.connection);
    }
    return clientId;
  }

  /**
   * What goes to an address where frames wait: of the client that they are for, or of nobody, goes behind them. Where another client has the
   * address now, the frames that wait for the former one are not sent any more (T-50).
   */
  #laneOfSend({ client, path, link }: Send, own: Lane | undefined): Lane | undefined {
    const to = path ?? link;
    const other = this.#byPath.get(to);
    if (other === undefined || other === own) {
      return own;
    }
    if (client === undefined) {
      return other;
    }
    this.#keep(other, (entry) => entry.type !== 'send' || (entry.path ?? entry.link) !== to);
    this.#byPath.delete(to);
    return own;
  }

  #keep(lane: Lane, wanted: (effect: LaneEffect, at: number) => boolean): void {
    lane.entries = lane.entries.filter((entry, at) => {
      const isMark = entry.type === 'gate' || entry.type === 'change';
      const kept = isMark || wanted(entry, at);
      if (!kept) {
        this.#uncount(lane, entry);
      }
      return kept;
    });
  }

  #uncount(lane: Lane, effect: LaneEffect): void {
    lane.octets -= octetsOf(effect);
    this.#octets -= octetsOf(effect);
    if (isForBroker(effect)) {
      this.#kept.delete(effect);
    }
  }

  #flush(lane: Lane): void {
    for (let first = lane.entries[0]; first !== undefined; first = lane.entries[0]) {
      if (first.type === 'gate' && !first.open) {
        return;
      }
      lane.entries.shift();
      if (first.type !== 'gate' && first.type !== 'change') {
        this.#uncount(lane, first);
        this.#parts.perform(first);
      }
    }
    if (this.#byClient.get(lane.clientId) !== lane) {
      return;
    }
    this.#byClient.delete(lane.clientId);
    for (const path of lane.paths) {
      if (this.#byPath.get(path) === lane) {
        this.#byPath.delete(path);
      }
    }
    if (lane.held) {
      this.#parts.hold(lane.clientId, false);
    }
  }
}
