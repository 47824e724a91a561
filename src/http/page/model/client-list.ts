import type { ClientChanges, ClientItem } from '../../api-contract.ts';
import { type ApiClient, MOST_CLIENTS } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { ALL_CLIENTS, type ClientQuery, sameQuery } from './route.ts';
import { Value } from './value.ts';

/** What is known of the clients. */
export interface KnownClients {
  readonly items: ReadonlyMap<string, ClientItem>;
  /** Clients of the gateway; with `partial`: that fit the query. */
  readonly total: number;
  /** There are more clients than are told at once: a page of those of the last query is here, found and put in order by the gateway. */
  readonly partial: boolean;
  /** How many clients come before them, and how many pages there are. */
  readonly first: number;
  readonly pages: number;
}

/** The list is not asked for again sooner than this, in milliseconds. */
const PAUSE = 3_000;

/** And where not all clients are here so often, for of new ones it is not known whether they belong among those that are. */
const PARTIAL_INTERVAL = 60_000;

/** The clients of the gateway, kept up to date by the changes that it tells. */
export class ClientList {
  /** Undefined: not yet asked for. */
  readonly known = new Value<KnownClients | undefined>(undefined);
  /** Why the last question for the list came to nothing. */
  readonly problem = new Value<string | undefined>(undefined);
  readonly #api: Pick<ApiClient, 'clients'>;
  #query = ALL_CLIENTS;
  /** Changes that came while the list was being asked for. */
  #meanwhile: ClientChanges[] | undefined;
  #askAgain = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFollowed = false;
  /** It is asked for again in a moment. */
  #isSoon = false;

  constructor(api: Pick<ApiClient, 'clients'>) {
    this.#api = api;
  }

  /** Whether somebody looks at the list. */
  follow(isFollowed: boolean): void {
    this.#isFollowed = isFollowed;
    if (!isFollowed) {
      clearTimeout(this.#timer);
      this.#isSoon = false;
    }
  }

  /** Asks for all clients, or where that is too many for those of the query. */
  async load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isSoon = false;
    if (this.#meanwhile !== undefined) {
      this.#askAgain = true;
      return;
    }
    const meanwhile: ClientChanges[] = [];
    this.#meanwhile = meanwhile;
    const partial = this.known.get()?.partial ?? false;
    const query = partial ? this.#query : ALL_CLIENTS;
    try {
      const { total, items, page } = await this.#page(query);
      const isPartial = total > items.length || (partial && isNarrow(query));
      this.known.set({
        items: new Map(items.map((item) => [item.clientId, item])),
        ...{ total, partial: isPartial, first: (page - 1) * MOST_CLIENTS, pages: pagesOf(total) },
      });
      this.problem.set(undefined);
      this.#askAgain ||= isPartial && !partial && !sameQuery(this.#query, query);
    } catch (error) {
      this.problem.set(error instanceof ApiError ? error.message : String(error));
    }
    this.#meanwhile = undefined;
    for (const changes of meanwhile) {
      this.apply(changes);
    }
    if (this.#askAgain) {
      this.#askAgain = false;
      await this.load();
    } else if (this.#isFollowed && !this.#isSoon && this.known.get()?.partial === true) {
      this.#loadAfter(PARTIAL_INTERVAL);
    }
  }

  #loadAfter(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), pause);
  }

  /** A page, or the last one where they have become fewer. */
  async #page(query: ClientQuery): Promise<Awaited<ReturnType<ApiClient['clients']>> & { readonly page: number }> {
    const told = await this.#api.clients(query);
    if (told.items.length > 0 || told.total === 0 || query.page === 1) {
      return { ...told, page: query.page };
    }
    const page = Math.min(query.page - 1, pagesOf(told.total));
    return { ...(await this.#api.clients({ ...query, page })), page };
  }

  /** What is looked for. Only where not all clients are here it has to be asked for. */
  choose(query: ClientQuery): void {
    this.#query = query;
    if (this.known.get()?.partial === true) {
      this.#loadAfter(300);
    }
  }

  /** What has changed at the gateway. */
  apply(changes: ClientChanges): void {
    if (this.#meanwhile !== undefined) {
      this.#meanwhile.push(changes);
      return;
    }
    const known = this.known.get();
    if (known === undefined) {
      return;
    }
    if (changes.reset && !this.#isSoon) {
      this.#isSoon = true;
      this.#loadAfter(PAUSE);
    }
    const items = new Map(known.items);
    for (const item of changes.changed) {
      // Of those that were not asked for it is not known whether they fit.
      if (!known.partial || items.has(item.clientId)) {
        items.set(item.clientId, item);
      }
    }
    for (const clientId of changes.removed) {
      items.delete(clientId);
    }
    const total = known.partial ? known.total - (known.items.size - items.size) : items.size;
    this.known.set({ ...known, items, total });
  }
}

function pagesOf(total: number): number {
  return Math.max(1, Math.ceil(total / MOST_CLIENTS));
}

/** Some clients do not fit it. */
function isNarrow(query: ClientQuery): boolean {
  return query.search !== '' || query.state !== '' || query.transport !== '';
}
