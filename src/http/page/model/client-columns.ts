import type { SortKey } from './route.ts';

/** A column of the list of clients. */
export interface ClientColumn {
  readonly key: SortKey;
  readonly label: string;
  /** Which end comes first when somebody begins to sort by it. */
  readonly first: 'asc' | 'desc';
}

export const CLIENT_COLUMNS: readonly ClientColumn[] = [
  { key: 'clientId', label: 'Client', first: 'asc' },
  { key: 'state', label: 'State', first: 'asc' },
  { key: 'lastSeen', label: 'Last seen', first: 'desc' },
  { key: 'link', label: 'Address', first: 'asc' },
  { key: 'published', label: 'Up', first: 'desc' },
  { key: 'delivered', label: 'Down', first: 'desc' },
  { key: 'waiting', label: 'Waiting', first: 'desc' },
  { key: 'rssi', label: 'Signal', first: 'desc' },
  { key: 'lastTopic', label: 'Last topic', first: 'asc' },
];
