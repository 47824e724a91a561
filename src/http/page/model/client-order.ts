/** Which clients fit a query, and which comes first. */
import type { ClientItem } from '../../api-contract.ts';
import { CLIENT_STATES } from './client-states.ts';
import type { ClientQuery, SortKey } from './route.ts';

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

type Compare = (left: ClientItem, right: ClientItem) => number;

/** Ascending. */
const COMPARE: Readonly<Record<SortKey, Compare>> = {
  clientId: byText('clientId'),
  state: (left, right) => CLIENT_STATES.indexOf(left.state) - CLIENT_STATES.indexOf(right.state),
  lastSeen: (left, right) => (left.lastSeen < right.lastSeen ? -1 : left.lastSeen > right.lastSeen ? 1 : 0),
  link: (left, right) => COLLATOR.compare(addressText(left), addressText(right)),
  published: (left, right) => left.published - right.published,
  delivered: (left, right) => left.delivered - right.delivered,
  waiting: (left, right) => left.waiting - right.waiting,
  rssi: (left, right) => (left.rssi ?? Number.NEGATIVE_INFINITY) - (right.rssi ?? Number.NEGATIVE_INFINITY),
  lastTopic: (left, right) => COLLATOR.compare(left.lastTopic ?? '\uffff', right.lastTopic ?? '\uffff'),
};

/** Where a client is, for people. */
export function addressText({ transport, address }: Pick<ClientItem, 'transport' | 'address'>): string {
  return `${transport}:${address}`;
}

function byText(name: 'clientId'): Compare {
  return (left, right) => COLLATOR.compare(left[name], right[name]);
}

/** The clients that fit, in their order; those that are equal in it by client id. */
export function chosenClients(clients: Iterable<ClientItem>, query: ClientQuery): ClientItem[] {
  const words = query.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const chosen: ClientItem[] = [];
  for (const client of clients) {
    if (fits(client, query, words)) {
      chosen.push(client);
    }
  }
  const compare = COMPARE[query.sort];
  const sign = query.order === 'desc' ? -1 : 1;
  return chosen.sort((left, right) => sign * compare(left, right) || COLLATOR.compare(left.clientId, right.clientId));
}

/** Each word is somewhere in the client id, the address, the identity or the last topic. */
function fits(client: ClientItem, { state, transport }: ClientQuery, words: readonly string[]): boolean {
  if ((state !== '' && client.state !== state) || (transport !== '' && client.transport !== transport)) {
    return false;
  }
  if (words.length === 0) {
    return true;
  }
  const text =
    `${client.clientId}\n${client.link}\n${client.address}\n${client.identity ?? ''}\n${client.lastTopic ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
