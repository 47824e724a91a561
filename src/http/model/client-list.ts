/** Which clients somebody asks for, in which order: thousands of them, while the gateway goes on. */
import type { SessionView } from '../../ports/sessions.ts';
import type { ClientItem, ClientStateName } from '../api-contract.ts';
import { HttpProblem } from '../http-problem.ts';
import { inSlices } from './in-slices.ts';

export const CLIENT_SORTS = [
  'clientId',
  'state',
  'since',
  'transport',
  'link',
  'lastSeen',
  'sleepUntil',
  'published',
  'delivered',
  'dropped',
  'waiting',
  'rssi',
  'lastTopic',
  'lastOctets',
] as const satisfies readonly (keyof ClientItem)[];

export type ClientSort = (typeof CLIENT_SORTS)[number];

export const CLIENT_STATES = [
  'active',
  'awake',
  'asleep',
  'lost',
  'disconnected',
] as const satisfies readonly ClientStateName[];

/** What is looked for. Empty texts choose nothing. */
export interface ClientQuery {
  /** Words that are all in the client id, the address, the identity or the last topic. */
  readonly search: string;
  readonly state: ClientStateName | '';
  readonly transport: string;
  readonly sort: ClientSort;
  readonly order: 'asc' | 'desc';
  readonly offset: number;
  readonly limit: number;
}

/** How many fit, and those of them that were asked for. */
export interface ClientPage {
  readonly total: number;
  readonly views: readonly SessionView[];
}

export interface ClientListParts {
  /** All sessions, one view made after the other as they are asked for. */
  views(): Iterable<SessionView>;
  /** Of the last hop, in dBm; undefined where the radio does not tell. */
  rssi(link: string): number | undefined;
}

/** Lists that wait to be made: one is made at a time. */
const MOST_WAITING = 20;
/** Rows that are sorted without a pause. */
const SORTED_AT_ONCE = 500;

interface Sorted {
  readonly key: string | number;
  readonly view: SessionView;
}

export class ClientList {
  readonly #parts: ClientListParts;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: ClientListParts) {
    this.#parts = parts;
  }

  /** Rejects with `HttpProblem` where too many lists are asked for at a time. */
  async page(query: ClientQuery): Promise<ClientPage> {
    if (this.#waiting >= MOST_WAITING) {
      throw new HttpProblem('busy', 'Too many lists of clients are being made; try again in some seconds.', {
        'retry-after': '2',
      });
    }
    this.#waiting += 1;
    const page = this.#last.then(() => this.#make(query));
    this.#last = page.catch(() => undefined);
    try {
      return await page;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #make(query: ClientQuery): Promise<ClientPage> {
    const { sort, order, offset, limit } = query;
    const words = query.search
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const pause = inSlices();
    // A client that comes again between two slices comes by twice.
    const chosen = new Map<string, Sorted>();
    const rssi = (link: string) => this.#parts.rssi(link);
    for (const view of this.#parts.views()) {
      if (fits(view, query, words)) {
        chosen.set(view.clientId, { key: keyOf(view, sort, rssi), view });
      }
      const turn = pause();
      if (turn !== undefined) {
        await turn;
      }
    }
    const sorted = await sortedInSlices([...chosen.values()], order === 'asc' ? ascending : descending, pause);
    return { total: sorted.length, views: sorted.slice(offset, offset + limit).map(({ view }) => view) };
  }
}

function fits(view: SessionView, { state, transport }: ClientQuery, words: readonly string[]): boolean {
  if ((state !== '' && view.state !== state) || (transport !== '' && view.transport !== transport)) {
    return false;
  }
  if (words.length === 0) {
    return true;
  }
  const text =
    `${view.clientId}\n${view.link}\n${view.address}\n${view.identity ?? ''}\n${view.lastTopic ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** What is compared: numbers in texts by their value, what is not known last of all texts and before all numbers. */
function keyOf(view: SessionView, sort: ClientSort, rssi: ClientListParts['rssi']): string | number {
  const unknown = Number.NEGATIVE_INFINITY;
  switch (sort) {
    case 'state':
      return CLIENT_STATES.indexOf(view.state);
    case 'lastSeen':
      return view.lastHeard;
    case 'published':
    case 'delivered':
    case 'dropped':
      return view.counters[sort];
    case 'rssi':
      return rssi(view.link) ?? unknown;
    case 'since':
    case 'waiting':
      return view[sort];
    case 'sleepUntil':
    case 'lastOctets':
      return view[sort] ?? unknown;
    case 'link': // as it is shown
      return naturalKey(`${view.transport}:${view.address}`);
    default: {
      const text = view[sort];
      return text === undefined ? '\uffff' : naturalKey(text);
    }
  }
}

/** `Sensor-9` before `sensor-10`. */
function naturalKey(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'));
}

type Compare = (one: Sorted, other: Sorted) => number;

const ascending: Compare = (one, other) =>
  compared(one.key, other.key) || compared(one.view.clientId, other.view.clientId);
const descending: Compare = (one, other) =>
  compared(other.key, one.key) || compared(one.view.clientId, other.view.clientId);

function compared(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Merge sort, with a pause wherever one is due. */
async function sortedInSlices(
  rows: readonly Sorted[],
  compare: Compare,
  pause: () => Promise<void> | undefined,
): Promise<readonly Sorted[]> {
  let runs: Sorted[][] = [];
  for (let at = 0; at < rows.length; at += SORTED_AT_ONCE) {
    runs.push(rows.slice(at, at + SORTED_AT_ONCE).sort(compare));
    await pause();
  }
  while (runs.length > 1) {
    const merged: Sorted[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(await mergedInSlices(runs[at] ?? [], runs[at + 1] ?? [], compare, pause));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function mergedInSlices(
  one: readonly Sorted[],
  other: readonly Sorted[],
  compare: Compare,
  pause: () => Promise<void> | undefined,
): Promise<Sorted[]> {
  const merged: Sorted[] = [];
  let at = 0;
  for (const row of one) {
    for (let next = other[at]; next !== undefined && compare(next, row) < 0; next = other[at]) {
      merged.push(next);
      at += 1;
    }
    merged.push(row);
    if (merged.length % SORTED_AT_ONCE === 0) {
      await pause();
    }
  }
  return [...merged, ...other.slice(at)];
}
