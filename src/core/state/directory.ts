/**
 * Who is who: sessions by ClientId, by path and by upstream connection. Every look-up is one map access, however many sessions there are.
 * ClientIds are compared exactly (T-02).
 */

import type { Path } from './path.ts';
import type { Session } from './session.ts';

export class Directory {
  readonly #byClientId = new Map<string, Session>();
  readonly #byPath = new Map<string, Session>();
  readonly #byConnection = new Map<number, Session>();

  /** Sessions known, connected or stored. */
  get size(): number {
    return this.#byClientId.size;
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

  add(session: Session): void {
    this.#byClientId.set(session.clientId, session);
  }

  /** Forgets a session altogether; its path must have been freed. */
  remove(session: Session): void {
    this.#byClientId.delete(session.clientId);
  }

  /** From now on messages from this path belong to this session, and messages for it go there. */
  bind(session: Session, path: Path): void {
    this.unbind(session);
    session.path = path;
    session.bound = true;
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

  attach(connection: number, session: Session): void {
    this.#byConnection.set(connection, session);
  }

  detach(connection: number): void {
    this.#byConnection.delete(connection);
  }
}
