/** The gateway's process over all its lives: started, killed, stopped for a while; what comes in meanwhile waits or is lost. */

import { decode } from '../../src/codec/decode.ts';
import { LONG_FORM } from '../../src/codec/frame-length.ts';
import type { Message } from '../../src/codec/message.ts';
import { GatewayLife, type Note, type StoredRecord, type TransportEffect, type UpstreamInput } from './adapter.ts';
import type { Books } from './books/books.ts';
import type { Broker } from './broker.ts';
import { BrokerSide } from './broker-side.ts';
import type { Disk } from './disk.ts';
import { type ConnectionPlan, changesMode, type GatewayPlan, type MediumPlan, type Plan } from './plan.ts';
import { stream } from './streams.ts';
import type { Entry, Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';

export interface GatewayParts {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly broker: Broker;
  readonly disk: Disk;
  readonly books: Books;
  readonly trace: Trace;
  /** A frame leaves the gateway. */
  readonly send: (effect: TransportEffect) => void;
  readonly note: (note: Note) => void;
}

/** Datagrams that a socket keeps for a process that does not read. */
const SOCKET_BUFFER = 300;

export class Gateway {
  readonly #parts: GatewayParts;
  #life: GatewayLife | undefined;
  #brokerSide: BrokerSide | undefined;
  #lives = 0;
  #paused = false;
  #kept: (() => void)[] = [];
  #datagramsKept = 0;
  /** Timers that were due in a pause: of the core, of the writer. */
  readonly #dueWakes = new Set<() => void>();
  readonly #closed = new Set<string>();
  #skew = 0;
  #setup: GatewayPlan;
  #next: ConnectionPlan | undefined;
  /** Who keeps a connection of its own in this life, whatever the setup says. */
  #keepOwn: readonly string[] = [];

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#setup = parts.plan.gateway;
  }

  /** Its settings by now, or in its last life. */
  get settings(): GatewayPlan {
    return this.#setup;
  }

  /** Who shares a connection in this life, or did in the last one. */
  get setup(): ConnectionPlan {
    return { ...this.#setup, ownConnection: [...this.#setup.ownConnection, ...this.#keepOwn] };
  }

  /** The next life has another mode, or other clients with a connection of their own. */
  changes({ mode, ownConnection }: ConnectionPlan): void {
    this.#next = { mode, ownConnection };
  }

  get runs(): boolean {
    return this.#life !== undefined;
  }

  get sessionCount(): number {
    return this.#life?.sessionCount ?? 0;
  }

  start(): void {
    const { plan, timeline, broker, disk, books, trace, send, note } = this.#parts;
    const life = ++this.#lives;
    // A process that is gone writes nothing, and nothing wakes it
    const isMine = (): boolean => this.#lives === life;
    const brokerSide = new BrokerSide({
      broker,
      timeline,
      random: stream(plan.seed, `wires ${life}`),
      delay: plan.broker.delay,
      subscribing: plan.broker.subscribing,
      report: (input) => this.#fromBroker(input),
    });
    this.#brokerSide = brokerSide;
    const records = disk.read();
    books.gatewayStarted(records);
    const kept = this.#keepOwn;
    this.#keepOwn = changesMode(plan) ? halfWay(records) : [];
    if (this.#next !== undefined || kept.join() !== this.#keepOwn.join()) {
      this.#setup = { ...this.#setup, ...this.#next };
      this.#next = undefined;
      books.modeChanged(this.setup, records);
    }
    this.#life = new GatewayLife({
      plan: this.#setup,
      media: plan.media,
      closed: this.#closed,
      records,
      timeline,
      skew: this.#skew,
      random: stream(plan.seed, `gateway ${life}`),
      wakeAt: (time, wake) => this.#wakeAt(time, () => isMine() && wake()),
      outside: {
        send: (effect) => isMine() && send(effect),
        toBroker: (effect) => {
          if (isMine()) {
            trace.toBroker(effect);
            books.emitted(effect);
            brokerSide.perform(effect);
          }
        },
        note: (fact) => isMine() && note(fact),
        write: (writes, durable) => (isMine() ? disk.write(writes, durable) : new Promise(() => {})),
        read: (keys) => (isMine() ? disk.find(keys) : new Promise(() => {})),
      },
    });
  }

  /** The process ends at once. */
  kill(power: boolean, skew: number): void {
    this.#lives++;
    this.#skew += skew;
    const untold = this.#life?.untold;
    this.#life?.end();
    this.#life = undefined;
    this.#brokerSide?.die();
    this.#brokerSide = undefined;
    this.#paused = false;
    this.#kept = [];
    this.#dueWakes.clear();
    this.#parts.disk.crash(power);
    this.#parts.books.gatewayEnded(untold);
  }

  /** SIGSTOP, and SIGCONT later. */
  pause(): void {
    if (this.#life !== undefined) {
      this.#paused = true;
      this.#parts.books.paused();
    }
  }

  resume(): void {
    if (!this.#paused) {
      return;
    }
    this.#paused = false;
    this.#parts.books.resumed();
    for (const wake of this.#dueWakes) {
      this.#dueWakes.delete(wake);
      wake(); // timers come before sockets
    }
    const kept = this.#kept;
    this.#kept = [];
    for (const handle of kept) {
      handle();
    }
  }

  /** A frame has reached the socket. */
  frame(link: string, frame: Uint8Array): void {
    const life = this.#life;
    if (life === undefined) {
      return;
    }
    const { books, trace } = this.#parts;
    const message = messageIn(frame);
    books.arrived(link, message);
    this.#doDatagram(() => {
      trace.frame(link, '>', frame);
      books.handled(link, message);
      life.frame(link, frame);
    });
  }

  /**
   * A frame of somebody who wants the session of a client. Nothing of it may change, and none may be made; where there is none nobody may be kept from it
   * by rules, it is only sent where `isAlways`.
   */
  thief(link: string, frame: Uint8Array, victim: string, isAlways: boolean): void {
    const life = this.#life;
    if (life === undefined || this.#paused) {
      return;
    }
    const before = life.session(victim);
    if (before === undefined && !isAlways) {
      return; // whoever comes first has it
    }
    const { books, trace } = this.#parts;
    trace.frame(link, '>', frame);
    books.thiefSpeaks(link);
    life.frame(link, frame);
    books.touched(victim, link, before, life.session(victim));
  }

  mediumOpened(medium: MediumPlan): void {
    this.#closed.delete(medium.name);
    const life = this.#life;
    this.#do(() => life?.mediumOpened(medium));
  }

  mediumClosed(medium: MediumPlan): void {
    this.#closed.add(medium.name);
    const life = this.#life;
    this.#do(() => life?.mediumClosed(medium));
  }

  /** The operator does something to a client. */
  operator(does: 'operator-disconnected' | 'operator-forgot', clientId: string): void {
    const life = this.#life;
    this.#do(() => {
      if (life?.knows(clientId)) {
        this.#parts.books.operated(does, clientId);
        life.feed({ type: does, clientId });
      }
    });
  }

  /** The broker has not answered for a long time. */
  pingsUnanswered(): void {
    const side = this.#brokerSide;
    this.#do(() => side?.pingsUnanswered());
  }

  #fromBroker(input: UpstreamInput): void {
    const life = this.#life;
    if (input.type === 'upstream-lost') {
      this.#parts.books.broken(input.connection); // also where a pause keeps it from the gateway
    }
    this.#do(() => {
      this.#parts.trace.fromBroker(input);
      this.#parts.books.fromBroker(input);
      life?.fromBroker(input);
    });
  }

  /** Now, or behind a pause: what comes over TCP waits for it, all of it. */
  #do(handle: () => void): void {
    if (!this.#paused) {
      handle();
    } else {
      this.#kept.push(handle);
    }
  }

  #doDatagram(handle: () => void): void {
    this.#datagramsKept = this.#paused ? this.#datagramsKept + 1 : 0;
    if (this.#datagramsKept <= SOCKET_BUFFER) {
      this.#do(handle);
    }
  }

  #wakeAt(time: number, wake: () => void): () => void {
    let entry: Entry | undefined;
    const due = (): void => {
      if (this.#paused) {
        this.#dueWakes.add(wake);
      } else {
        wake();
      }
    };
    entry = this.#parts.timeline.at(time, due);
    return () => {
      this.#parts.timeline.cancel(entry);
      this.#dueWakes.delete(wake);
    };
  }
}

/** The message that the sender meant by a frame; undefined where it is none. */
function messageIn(frame: Uint8Array): Message | undefined {
  try {
    return decode(meant(frame));
  } catch {
    return undefined;
  }
}

/** T-41: a long frame that claims two octets less than it has. */
function meant(frame: Uint8Array): Uint8Array {
  const claimed = ((frame[1] ?? 0) << 8) | (frame[2] ?? 0);
  if (frame[0] !== LONG_FORM || claimed !== frame.length - 2) {
    return frame;
  }
  const whole = Uint8Array.from(frame);
  whole[1] = frame.length >> 8;
  whole[2] = frame.length & 0xff;
  return whole;
}

/** I-158. Who had a connection of its own and a QoS 2 publish on it of which PUBREL has gone out. */
function halfWay(records: readonly StoredRecord[]): string[] {
  const open = new Set(
    records.flatMap((one) => (one.kind === 'exchange' && one.packetId > 0 && one.released ? [one.clientId] : [])),
  );
  return records.flatMap((one) =>
    one.kind === 'session' && open.has(one.clientId) && !one.shared && !one.cleanSession ? [one.clientId] : [],
  );
}
