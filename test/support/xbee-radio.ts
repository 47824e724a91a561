import type { Random } from '../crash/random.ts';
import { RadioNode, type RadioNodeOptions, type UplinkOptions } from './xbee-node.ts';

/** How good the air is. All may be changed while the network runs; the parts are probabilities from 0 to 1. */
export interface RadioConditions {
  /** Part of the frames, in either direction, that are lost in spite of the modules' own repetitions. */
  loss: number;
  /** Part of the frames to nodes that arrive while their acknowledgement does not: the status says failure. */
  ackLoss: number;
  /** Part of the frames from nodes that the module reports twice. */
  duplicates: number;
  /** Part of the transmit requests of which the module never gives a status. */
  statusLoss: number;
  /** Travelling time of a frame in ms, from – to. Frames of one node and direction do not overtake each other. */
  delay: readonly [number, number];
  /** What a status comes later than its frame arrives at the node, in ms: above 0, the node's answer may overtake it. */
  statusDelay: number;
  /** After how many ms the module gives a node up that does not answer. */
  deadNodeDelay: number;
}

/** Air without disturbances, except for those given. */
export function undisturbed(given: Partial<RadioConditions>): RadioConditions {
  const {
    loss = 0,
    ackLoss = 0,
    duplicates = 0,
    statusLoss = 0,
    delay = [0, 0],
    statusDelay = 0,
    deadNodeDelay = 100,
  } = given;
  return { loss, ackLoss, duplicates, statusLoss, delay, statusDelay, deadNodeDelay };
}

/** What the network needs to know of the module in its middle. */
export interface RadioCentre {
  /** 64-bit address. */
  readonly address64: string;
  /** Octets that one radio packet has room for. */
  readonly payloadLimit: number;
  /** A frame has come from a node. */
  receive(node: RadioNode, frame: Uint8Array, broadcast: boolean): void;
}

/** The nodes around a module, and what happens to frames between it and them. */
export class RadioNetwork {
  readonly nodes: RadioNode[] = [];
  readonly #centre: RadioCentre;
  readonly #air: RadioConditions;
  readonly #random: Random;
  readonly #lines = new Map<string, DelayLine>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(centre: RadioCentre, air: RadioConditions, random: Random) {
    this.#centre = centre;
    this.#air = air;
    this.#random = random;
  }

  addNode(options: RadioNodeOptions): RadioNode {
    const node = new RadioNode(this.nodes.length, options, this.#centre.address64, (frame, how) =>
      this.#uplink(node, frame, how),
    );
    this.nodes.push(node);
    return node;
  }

  /** Brings a frame to a node. `settle` is told once whether it was acknowledged, just before the node gets it or (`statusDelay`) later. */
  unicast(node: RadioNode, frame: Uint8Array, settle: (acknowledged: boolean) => void): void {
    const lost = this.#random.chance(this.#air.loss);
    const ackLost = this.#random.chance(this.#air.ackLoss);
    this.#line(node, 'down').send(this.#travel(), () => {
      if (!node.on) {
        this.after(this.#air.deadNodeDelay, () => settle(false));
        return;
      }
      const acknowledged = !lost && !ackLost;
      if (this.#air.statusDelay > 0) {
        this.after(this.#air.statusDelay, () => settle(acknowledged));
      } else {
        settle(acknowledged);
      }
      if (!lost) {
        node.deliver(frame);
      }
    });
  }

  /** Brings a frame to every node within `radius` hops (0: to all). Nobody acknowledges; `settle` is called when it has been sent. */
  broadcast(frame: Uint8Array, radius: number, settle: () => void): void {
    for (const node of this.nodes) {
      if (radius === 0 || node.hops <= radius) {
        const lost = this.#random.chance(this.#air.loss);
        this.#line(node, 'down').send(this.#travel(), () => {
          if (!lost && node.on) {
            node.deliver(frame);
          }
        });
      }
    }
    this.after(this.#travel(), settle);
  }

  /** Calls `action` after `delay` ms, unless `clear` comes first. */
  after(delay: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delay);
    this.#timers.add(timer);
  }

  /** Nothing that is on the way arrives. */
  clear(): void {
    for (const line of this.#lines.values()) {
      line.clear();
    }
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    this.#timers.clear();
  }

  #uplink(node: RadioNode, frame: Uint8Array, { broadcast = false }: UplinkOptions): void {
    const { payloadLimit } = this.#centre;
    if (frame.length > payloadLimit) {
      throw new Error(`a frame of ${frame.length} octets, where a radio packet has room for ${payloadLimit}`);
    }
    if (!node.on || this.#random.chance(this.#air.loss)) {
      return;
    }
    const twice = this.#random.chance(this.#air.duplicates);
    this.#line(node, 'up').send(this.#travel(), () => {
      this.#centre.receive(node, frame, broadcast);
      if (twice) {
        this.#centre.receive(node, frame, broadcast);
      }
    });
  }

  #line(node: RadioNode, direction: 'up' | 'down'): DelayLine {
    const key = `${node.address64} ${direction}`;
    const line = this.#lines.get(key) ?? new DelayLine();
    this.#lines.set(key, line);
    return line;
  }

  /** How long a frame travels, in ms. */
  #travel(): number {
    const [from, to] = this.#air.delay;
    return from + (to - from) * this.#random.next();
  }
}

/** Carries things in their order, each after its own time. */
class DelayLine {
  readonly #queue: { readonly due: number; readonly arrive: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `arrive` is called after `delay` ms, but not before what was sent earlier has arrived. */
  send(delay: number, arrive: () => void): void {
    const last = this.#queue.at(-1)?.due ?? 0;
    this.#queue.push({ due: Math.max(last, performance.now() + delay), arrive });
    this.#arm();
  }

  /** What is on the way gets lost. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue.length = 0;
  }

  #arm(): void {
    const head = this.#queue[0];
    if (this.#timer === undefined && head !== undefined) {
      this.#timer = setTimeout(() => this.#fire(), Math.max(0, head.due - performance.now()));
    }
  }

  #fire(): void {
    this.#timer = undefined;
    // Timers have whole milliseconds: what is due within one goes now.
    const now = performance.now() + 1;
    for (let head = this.#queue[0]; head !== undefined && head.due <= now; head = this.#queue[0]) {
      this.#queue.shift();
      head.arrive();
    }
    this.#arm();
  }
}
