/**
 * Who is who: sessions by ClientId, by path and by upstream connection. Every look-up is one map access, however many sessions there are.
 * ClientIds are compared exactly (T-02).
 */

import { Census } from './census.ts';
import type { ClientAccess, SessionQuota } from './client-access.ts';
import { hostKey, isIdentityKey, type Path } from './path.ts';
import { remember } from './remember.ts';
import { Resting } from './resting.ts';
import type { Session } from './session.ts';
import { type GivesWay, SourceTable } from './source-table.ts';

/** Prefixes that are remembered; each is written in the settings. */
const MOST_PREFIXES = 10_000;

export class Directory {
  readonly #byClientId = new Map<string, Session>();
  readonly #byPath = new Map<string, Session>();
  readonly #byConnection = new Map<number, Session>();
  /** Prefixes that client ids have at the broker, or had (I-126). */
  readonly #prefixes = new Map<string, true>([['', true]]);
  /** By host; those that may give way are absent ones, and what belongs to an identity to that one alone (I-117). */
  readonly #admitted = new SourceTable<Session>(() => 1, isIdentityKey);
  /** The host that had most sessions when one came to it: whoever has more than half of them is it. */
  #largest = '';
  /** Client ids that wait for the disk (I-38), whatever session they have: one that is forgotten and made anew waits on. */
  readonly held = new Set<string>();
  /** Everybody that `all` gives. */
  readonly census = new Census();
  /** Clients without a session that are in a will dialogue, by host: all of them may give way. They do not count as sessions (I-49). */
  readonly halfOpen = new SourceTable<Session>();
  /** Sessions that may be folded up: their clients have gone, or something was asked of them. */
  readonly foldables = new Set<Session>();
  /** Those that remember what their clients may repeat. */
  readonly resting = new Resting();

  /** Sessions known, connected or stored, and clients that are about to have one. */
  get size(): number {
    return this.#byClientId.size;
  }

  /** Sessions that count for `sessions.limit`. */
  get admitted(): number {
    return this.#admitted.size;
  }

  /** The sessions of a host that count. */
  countOf(host: string): number {
    return this.#admitted.countOf(host);
  }

  /** The host that has more than `most` sessions, which are more than half of all; undefined: none has. */
  hostAbove(most: number): string | undefined {
    return this.countOf(this.#largest) > most ? this.#largest : undefined;
  }

  /** The absent session that makes room for one of this host, and how many there are of its host: there are none that have more. */
  givesWayTo(host: string): GivesWay<Session> | undefined {
    const own = this.#admitted.firstOf(host);
    const shared = this.#admitted.first;
    return own !== undefined && own.count > (shared?.count ?? 0) ? own : shared;
  }

  clientIds(): IterableIterator<string> {
    return this.#byClientId.keys();
  }

  all(): IterableIterator<Session> {
    return this.#byClientId.values();
  }

  byClientId(clientId: string): Session | undefined {
    return this.#byClientId.get(clientId);
  }

  /** The session that is bound to a path, by its key. */
  byPath(key: string): Session | undefined {
    return this.#byPath.get(key);
  }

  byConnection(connection: number): Session | undefined {
    return this.#byConnection.get(connection);
  }

  /** The session of another client than `whose` that has this client id at the broker. */
  atBroker(clientId: string, whose: string): Session | undefined {
    for (const prefix of this.#prefixes.keys()) {
      const own = clientId.startsWith(prefix) ? clientId.slice(prefix.length) : whose;
      const session = own === whose ? undefined : this.#byClientId.get(own);
      if (session?.upstream.shared === false && session.upstream.prefix === prefix) {
        return session;
      }
    }
    return undefined;
  }

  /** Some client id has this prefix at the broker. */
  notePrefix(prefix: string): void {
    if (!this.#prefixes.has(prefix)) {
      remember(this.#prefixes, prefix, true, MOST_PREFIXES);
    }
  }

  add(session: Session): void {
    this.#know(session);
    this.#admitted.add(session, hostKey(session.path));
    this.#compare(session);
  }

  /** A client that has no session yet. */
  addHalfOpen(session: Session): void {
    this.#know(session);
    this.halfOpen.add(session, hostKey(session.path));
    this.halfOpen.offer(session);
  }

  /** Such a client has a session from now on. */
  admit(session: Session): void {
    this.halfOpen.remove(session);
    this.#admitted.add(session, hostKey(session.path));
    this.#compare(session);
  }

  /** An absent session may make room for others, until its client comes back. */
  offer(session: Session): void {
    this.#admitted.offer(session);
  }

  withdraw(session: Session): void {
    this.#admitted.withdraw(session);
  }

  /** What the client of a session may do from now on. */
  grant(session: Session, access: ClientAccess | undefined): void {
    session.access = access;
    if (this.#byClientId.get(session.clientId) === session) {
      count(session, access?.quota);
    }
  }

  /** Forgets a session altogether; its path must have been freed. */
  remove(session: Session): void {
    this.#byClientId.delete(session.clientId);
    this.census.uncount(session);
    count(session, undefined);
    this.halfOpen.remove(session);
    this.#admitted.remove(session);
    this.resting.delete(session);
    session.foldables = undefined;
    this.foldables.delete(session);
  }

  /** From now on messages from this path belong to this session, and messages for it go there. */
  bind(session: Session, path: Path): void {
    this.unbind(session);
    session.path = path;
    session.bound = true;
    this.census.count(session, path.transport);
    this.#admitted.keep(session, hostKey(path));
    this.#compare(session);
    this.#byPath.set(path.key, session);
  }

  /** Nothing is sent to the session's path any more; the path stays known for `sameHost` (T-07). */
  unbind(session: Session): void {
    if (!session.bound) {
      return;
    }
    session.bound = false;
    if (this.#byPath.get(session.path.key) === session) {
      this.#byPath.delete(session.path.key);
    }
  }

  #know(session: Session): void {
    const former = this.#byClientId.get(session.clientId);
    if (former !== undefined) {
      this.census.uncount(former);
      count(former, undefined);
      former.foldables = undefined;
      this.foldables.delete(former);
    }
    this.#byClientId.set(session.clientId, session);
    session.foldables = this.foldables;
    this.foldables.add(session);
    count(session, session.access?.quota);
    this.census.count(session, session.path.transport);
  }

  #compare({ path }: Session): void {
    const host = hostKey(path);
    if (host !== this.#largest && this.countOf(host) > this.countOf(this.#largest)) {
      this.#largest = host;
    }
  }

  attach(connection: number, session: Session): void {
    this.#byConnection.set(connection, session);
  }

  detach(connection: number): void {
    this.#byConnection.delete(connection);
  }
}

/** A session is one of those that there may be so many of. */
function count(session: Session, quota: SessionQuota | undefined): void {
  if (session.quota !== quota) {
    if (session.quota !== undefined) {
      session.quota.count--;
    }
    if (quota !== undefined) {
      quota.count++;
    }
    session.quota = quota;
  }
}
