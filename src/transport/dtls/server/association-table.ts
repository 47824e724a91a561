import type { Link } from '../../../ports/transport.ts';
import type { Association } from './association.ts';

/**
 * The associations whose clients have proven who they are: by link, by id, by address, by identity, and in the order in which they were last heard, as
 * far as somebody has asked.
 */
export class AssociationTable {
  readonly #byLink = new Map<Link, Association>();
  readonly #byId = new Map<number, Association>();
  /** The one without a connection id that was last made from an address: nothing else tells whose the records from there are. */
  readonly #byAddress = new Map<string, Association>();
  /** The one with a connection id that was last made from, or has moved to, an address: it takes no place from one without. */
  readonly #movedTo = new Map<string, Association>();
  readonly #byIdentity = new Map<string, Set<Association>>();
  /** When each was looked at last, the longest ago first. */
  readonly #looked = new Map<Association, number>();

  get size(): number {
    return this.#byLink.size;
  }

  withLink(link: Link): Association | undefined {
    return this.#byLink.get(link);
  }

  withId(id: number): Association | undefined {
    return this.#byId.get(id);
  }

  /** The one that is found by its address. */
  from(address: string): Association | undefined {
    return this.#byAddress.get(address);
  }

  /** All that are at an address. */
  at(address: string): readonly Association[] {
    return [this.#byAddress.get(address), this.#movedTo.get(address)].filter((each) => each !== undefined);
  }

  all(): IterableIterator<Association> {
    return this.#byLink.values();
  }

  identities(): IterableIterator<string> {
    return this.#byIdentity.keys();
  }

  of(identity: string): readonly Association[] {
    return [...(this.#byIdentity.get(identity) ?? [])];
  }

  add(association: Association): void {
    const { identity = '' } = association;
    this.#byLink.set(association.link, association);
    this.#byId.set(association.id, association);
    this.#placesFor(association).set(association.remote.key, association);
    const same = this.#byIdentity.get(identity) ?? new Set();
    this.#byIdentity.set(identity, same.add(association));
    this.#looked.set(association, association.lastHeard);
  }

  remove(association: Association): void {
    const { identity = '' } = association;
    this.#byLink.delete(association.link);
    this.#byId.delete(association.id);
    this.#forgetAddress(association);
    const same = this.#byIdentity.get(identity);
    same?.delete(association);
    if (same?.size === 0) {
      this.#byIdentity.delete(identity);
    }
    this.#looked.delete(association);
  }

  /** Before and after the address of an association changes, `change` is called in between. */
  move(association: Association, change: () => void): void {
    this.#forgetAddress(association);
    change();
    this.#placesFor(association).set(association.remote.key, association);
  }

  /**
   * Which one goes when there are too many: of the identity that has most of them the one that was heard the longest ago. So nobody loses its only one
   * because somebody else makes many.
   */
  leastWorthy(): Association | undefined {
    let most: ReadonlySet<Association> = new Set();
    let eldest = this.#byLink.values().next().value;
    for (const each of this.#byIdentity.values()) {
      if (each.size > most.size) {
        most = each;
      }
    }
    for (const each of most.size > 1 ? most : this.#byLink.values()) {
      if (eldest === undefined || (most.size > 1 && !most.has(eldest)) || each.lastHeard < eldest.lastHeard) {
        eldest = each;
      }
    }
    return eldest;
  }

  /** The next one that has been silent for `idle` milliseconds at `now`; undefined: none has. */
  nextIdle(now: number, idle: number): Association | undefined {
    for (const [association, looked] of this.#looked) {
      if (looked + idle > now) {
        return undefined;
      }
      if (association.lastHeard + idle <= now) {
        return association;
      }
      this.#looked.delete(association);
      this.#looked.set(association, association.lastHeard); // nearly in order
    }
    return undefined;
  }

  /** When it is time to ask for idle ones, in milliseconds; undefined: there are none at all. */
  idleDeadline(idle: number): number | undefined {
    const first = this.#looked.values().next().value;
    return first === undefined ? undefined : first + idle;
  }

  #placesFor({ hasCid }: Association): Map<string, Association> {
    return hasCid ? this.#movedTo : this.#byAddress;
  }

  #forgetAddress(association: Association): void {
    const places = this.#placesFor(association);
    if (places.get(association.remote.key) === association) {
      places.delete(association.remote.key);
    }
  }
}
