/**
 * Who waits in line for what all share, fairly between the sources (I-50): a turn for each host that has somebody in line, within a host for each link,
 * and within a link first come, first served. So however many one source has in line, another one's first is never behind more than one of each.
 */

/** Where somebody belongs. `host`: unique over all transports. */
interface Place {
  readonly host: string;
  readonly link: string;
}

export class FairLine<Waiter extends object> {
  /** By host and link; the host, and within it the link, whose turn comes next is first. */
  readonly #hosts = new Map<string, Map<string, Set<Waiter>>>();
  readonly #places = new Map<Waiter, Place>();

  get size(): number {
    return this.#places.size;
  }

  has(one: Waiter): boolean {
    return this.#places.has(one);
  }

  /** At the end of the line of its link; whoever is in line already keeps its place. */
  add(one: Waiter, host: string, link: string): void {
    if (this.#places.has(one)) {
      return;
    }
    this.#places.set(one, { host, link });
    const links = this.#hosts.get(host) ?? new Map<string, Set<Waiter>>();
    this.#hosts.set(host, links);
    links.set(link, (links.get(link) ?? new Set()).add(one));
  }

  delete(one: Waiter): void {
    const place = this.#places.get(one);
    const links = place && this.#hosts.get(place.host);
    const line = links?.get(place?.link ?? '');
    if (place === undefined || links === undefined || line === undefined) {
      return;
    }
    this.#places.delete(one);
    line.delete(one);
    if (line.size === 0) {
      links.delete(place.link);
    }
    if (links.size === 0) {
      this.#hosts.delete(place.host);
    }
  }

  /** Takes the one whose turn it is out of the line; undefined: nobody is in line. */
  take(): Waiter | undefined {
    for (const [host, links] of this.#hosts) {
      for (const [link, line] of links) {
        for (const one of line) {
          this.delete(one);
          toTheEnd(this.#hosts, host);
          toTheEnd(links, link);
          return one;
        }
      }
    }
    return undefined;
  }
}

/** Where it is still there, all others come before it. */
function toTheEnd<Value>(map: Map<string, Value>, key: string): void {
  const value = map.get(key);
  if (value !== undefined) {
    map.delete(key);
    map.set(key, value);
  }
}
