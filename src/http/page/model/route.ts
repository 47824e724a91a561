/** Where in the page somebody is: the part of its address behind `#`. It says all that has to be there again after the page is loaded anew. */

import type { ClientStateName } from '../../api-contract.ts';
import { CLIENT_STATES } from './client-states.ts';

export const SORT_KEYS = [
  'clientId',
  'state',
  'lastSeen',
  'link',
  'published',
  'delivered',
  'waiting',
  'rssi',
  'lastTopic',
] as const;

export type SortKey = (typeof SORT_KEYS)[number];

/** Which clients are shown, and in which order. Empty texts choose nothing. */
export interface ClientQuery {
  readonly search: string;
  readonly state: ClientStateName | '';
  readonly transport: string;
  readonly sort: SortKey;
  readonly order: 'asc' | 'desc';
  /** From 1 on: where there are more clients than are told at once. */
  readonly page: number;
}

export type Route =
  | { readonly view: 'overview' }
  | { readonly view: 'clients'; readonly query: ClientQuery }
  | { readonly view: 'client'; readonly clientId: string }
  | { readonly view: 'topics' }
  | { readonly view: 'unknown' };

export const ALL_CLIENTS: ClientQuery = {
  search: '',
  state: '',
  transport: '',
  sort: 'clientId',
  order: 'asc',
  page: 1,
};

/** Whether two queries ask for the same. */
export function sameQuery(left: ClientQuery, right: ClientQuery): boolean {
  return queryText(left) === queryText(right);
}

/** The route of a fragment, with or without its `#`. Never throws: what is no route is `unknown`, what is no query is left out. */
export function parseRoute(fragment: string): Route {
  const [path = '', search = ''] = fragment.replace(/^#/, '').split(/\?(.*)/s, 2);
  const [, view = '', rest] = /^\/?([^/]*)(?:\/(.*))?$/s.exec(path) ?? [];
  if (view === '' && rest === undefined) {
    return { view: 'overview' };
  }
  if (view === 'topics' && rest === undefined) {
    return { view: 'topics' };
  }
  if (view === 'clients') {
    if (rest === undefined || rest === '') {
      return { view: 'clients', query: parseQuery(search) };
    }
    const clientId = decoded(rest);
    return clientId === undefined ? { view: 'unknown' } : { view: 'client', clientId };
  }
  return { view: 'unknown' };
}

/** The fragment of a route, with `#`. */
export function routeHref(route: Exclude<Route, { view: 'unknown' }>): string {
  switch (route.view) {
    case 'overview':
      return '#/';
    case 'topics':
      return '#/topics';
    case 'client':
      return `#/clients/${encodeURIComponent(route.clientId)}`;
    case 'clients':
      return `#/clients${queryText(route.query)}`;
  }
}

function parseQuery(text: string): ClientQuery {
  const given = new URLSearchParams(text);
  const state = given.get('state');
  const sort = given.get('sort');
  const [page] = /^[1-9]\d{0,4}$/.exec(given.get('page') ?? '') ?? [];
  return {
    search: given.get('search') ?? '',
    state: CLIENT_STATES.find((one) => one === state) ?? '',
    transport: given.get('transport') ?? '',
    sort: SORT_KEYS.find((one) => one === sort) ?? ALL_CLIENTS.sort,
    order: given.get('order') === 'desc' ? 'desc' : 'asc',
    page: Number(page ?? 1),
  };
}

/** `?` and what differs from all clients; empty where nothing does. */
function queryText(query: ClientQuery): string {
  const told = new URLSearchParams();
  for (const name of Object.keys(ALL_CLIENTS) as (keyof ClientQuery)[]) {
    if (query[name] !== ALL_CLIENTS[name]) {
      told.set(name, String(query[name]));
    }
  }
  const text = told.toString();
  return text === '' ? '' : `?${text}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
