import type { ClientItem } from '../../api-contract.ts';
import { html, type Shown, useRef, useState } from '../library/html.ts';
import { CLIENT_COLUMNS } from '../model/client-columns.ts';
import type { KnownClients } from '../model/client-list.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import type { ClientQuery } from '../model/route.ts';
import { Icon } from '../parts/icon.ts';
import { ClientRow } from './client-row.ts';
import { useRowWindow } from './use-row-window.ts';

/** Rows that a page up or down moves by. */
const PAGE = 10;

/**
 * The clients, of which only those in sight are in the document. The list as a whole has the focus; the arrow keys move between its rows,
 * Enter opens one.
 */
export function ClientGrid(props: {
  readonly clients: readonly ClientItem[];
  /** All of which they are. */
  readonly known: KnownClients;
  readonly query: ClientQuery;
  readonly clock: GatewayClock;
  readonly onChoose: (query: Partial<ClientQuery>) => void;
  readonly onOpen: (clientId: string) => void;
}): Shown {
  const { clients, known, query, clock, onChoose, onOpen } = props;
  const body = useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = useState<string | undefined>(undefined);
  const { first, end, rowHeight, reveal } = useRowWindow(body, clients.length);
  const found = clients.findIndex(({ clientId }) => clientId === activeId);
  const active = found === -1 ? 0 : found;
  const withSignal = clients.some(({ rssi }) => rssi !== null);
  const columns = CLIENT_COLUMNS.filter(({ key }) => key !== 'rssi' || withSignal);

  const move = (to: number): void => {
    const index = Math.max(0, Math.min(clients.length - 1, to));
    setActiveId(clients[index]?.clientId);
    reveal(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = MOVES[event.key]?.(active, clients.length);
    const clientId = clients[active]?.clientId;
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (target !== undefined) {
      event.preventDefault();
      move(target);
    } else if (event.key === 'Enter' && clientId !== undefined) {
      onOpen(clientId);
    }
  };
  const isDrawn = active >= first && active < end;
  return html`
    <div
      class=${`client-grid ${withSignal ? 'with-signal' : ''}`}
      role="grid"
      tabindex="0"
      aria-label="Clients"
      aria-rowcount=${(known.partial ? known.total : clients.length) + 1}
      aria-colcount=${columns.length}
      aria-activedescendant=${isDrawn ? rowId(active) : undefined}
      onKeyDown=${onKeyDown}
    >
      <div class="client-head" role="rowgroup">
        <div class="client-cells" role="row" aria-rowindex="1">
          ${columns.map(
            ({ key, label, first: firstOrder }) => html`
              <div
                key=${key}
                role="columnheader"
                class=${`cell cell-${key}`}
                aria-sort=${query.sort === key ? (query.order === 'asc' ? 'ascending' : 'descending') : 'none'}
              >
                <button
                  type="button"
                  class="sort"
                  onClick=${() => onChoose({ sort: key, order: query.sort === key ? opposite(query.order) : firstOrder })}
                >
                  ${label}${query.sort === key && html`<${Icon} name=${query.order === 'asc' ? 'up' : 'down'} />`}
                </button>
              </div>
            `,
          )}
        </div>
      </div>
      <div class="client-body" role="rowgroup" ref=${body} style=${{ height: `${clients.length * rowHeight}px` }}>
        ${clients.slice(first, end).map(
          (client, index) => html`
            <${ClientRow}
              key=${client.clientId}
              id=${rowId(first + index)}
              client=${client}
              clock=${clock}
              rowIndex=${known.first + first + index + 2}
              top=${(first + index) * rowHeight}
              isActive=${first + index === active}
              withSignal=${withSignal}
              onPoint=${() => setActiveId(client.clientId)}
            />
          `,
        )}
      </div>
    </div>
  `;
}

const MOVES: Readonly<Record<string, (active: number, count: number) => number>> = {
  ArrowDown: (active) => active + 1,
  ArrowUp: (active) => active - 1,
  PageDown: (active) => active + PAGE,
  PageUp: (active) => active - PAGE,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function opposite(order: ClientQuery['order']): ClientQuery['order'] {
  return order === 'asc' ? 'desc' : 'asc';
}

function rowId(index: number): string {
  return `client-row-${index}`;
}
