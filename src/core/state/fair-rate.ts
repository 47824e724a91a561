/**
 * So many in a second, shared fairly between the sources that ask (I-50): a flood from one leaves the others their share, and one that asks alone gets
 * everything. A source is a host, and in it a link: neither the ports of one host nor the nodes behind one forwarder are more than one source to
 * the others.
 *
 * What was admitted drains away at the rate, from all sources in proportion. A source may have no more in there than a few times the room
 * that is left, so there is always room for one that has had nothing, and those that flood share the rest evenly (the dynamic thresholds of
 * shared packet buffers). Every question costs the same, and what is remembered of the sources is bounded however many are made up.
 */

import type { Millis } from '../contract/link.ts';
import { remember } from './remember.ts';

/** How many times the room that is left one host may take. Higher: larger bursts of one that asks alone, less room for the next one. */
const HOST_SHARE = 2;

/** The same for one link, of the room that is left to its host. */
const LINK_SHARE = 8;

/** Hosts, and links, that are remembered; the one that was admitted longest ago is forgotten first, and starts as if it had had nothing. */
const REMEMBERED = 1_024;

/** What a source has in there: `level` as it was when everything had drained to the `e**drained`-th part. */
interface Taken {
  readonly level: number;
  readonly drained: number;
}

export class FairRate {
  #perSecond: number;
  /** What was admitted and has not drained, over all sources. */
  #level = 0;
  /** Logarithm of what is left of each unit since the level was 0 the last time; goes down. */
  #drained = 0;
  #at: Millis = Number.NEGATIVE_INFINITY;
  readonly #hosts = new Map<string, Taken>();
  readonly #links = new Map<string, Taken>();

  /** `perSecond`: 0 = no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#hosts.size + this.#links.size;
  }

  /** Another rate from now on; what was admitted counts. */
  change(perSecond: number, now: Millis): void {
    if (this.#perSecond > 0) {
      this.#drain(now);
    }
    this.#perSecond = perSecond;
  }

  /** Whether one more is admitted from a link of a host; counts it where it is. `host`: unique over all transports. */
  admits(host: string, link: string, now: Millis): boolean {
    if (this.#perSecond === 0) {
      return true;
    }
    this.#drain(now);
    const room = this.#perSecond - this.#level;
    const ofHost = this.#levelOf(this.#hosts, host);
    const ofLink = this.#levelOf(this.#links, link);
    if (room < 1 || ofLink >= LINK_SHARE * (HOST_SHARE * room - ofHost)) {
      return false;
    }
    this.#level++;
    this.#remember(this.#hosts, host, ofHost + 1);
    this.#remember(this.#links, link, ofLink + 1);
    return true;
  }

  #drain(now: Millis): void {
    const left = this.#level - ((now - this.#at) * this.#perSecond) / 1000;
    this.#at = now;
    if (left > 0) {
      this.#drained += Math.log(left / this.#level);
      this.#level = left;
    } else if (this.#level > 0) {
      this.#level = 0;
      this.#drained = 0;
      this.#hosts.clear();
      this.#links.clear();
    }
  }

  #levelOf(sources: Map<string, Taken>, source: string): number {
    const taken = sources.get(source);
    return taken === undefined ? 0 : taken.level * Math.exp(this.#drained - taken.drained);
  }

  #remember(sources: Map<string, Taken>, source: string, level: number): void {
    remember(sources, source, { level, drained: this.#drained }, REMEMBERED);
  }
}
