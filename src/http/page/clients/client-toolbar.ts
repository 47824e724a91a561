import type { Overview, TransportItem } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { CLIENT_COLUMNS } from '../model/client-columns.ts';
import { CLIENT_STATES, STATE_MEANING } from '../model/client-states.ts';
import { countText } from '../model/format.ts';
import type { ClientQuery, SortKey } from '../model/route.ts';
import { Icon } from '../parts/icon.ts';

/** What is looked for, and in which order it is shown. */
export function ClientToolbar(props: {
  readonly query: ClientQuery;
  readonly transports: readonly TransportItem[];
  readonly counts: Overview['clients'] | undefined;
  readonly onChoose: (query: Partial<ClientQuery>) => void;
}): Shown {
  const { query, transports, counts, onChoose } = props;
  const names = new Set(transports.map(({ name }) => name));
  if (query.transport !== '') {
    names.add(query.transport);
  }
  return html`
    <div class="toolbar" role="search" aria-label="Clients">
      <label class="search">
        <span class="sr-only">Search for client id, address, identity or topic</span>
        <${Icon} name="search" />
        <input
          type="search"
          maxlength="200"
          placeholder="Client id, address or topic"
          autocomplete="off"
          spellcheck=${false}
          value=${query.search}
          onInput=${(event: InputEvent) => onChoose({ search: (event.target as HTMLInputElement).value })}
          onKeyDown=${intoTheList}
        />
      </label>
      ${
        names.size > 1 &&
        html`
          <label class="choice">
            <span>Transport</span>
            <select value=${query.transport} onChange=${(event: Event) => onChoose({ transport: chosenValue(event) })}>
              <option value="">All</option>
              ${[...names].map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
            </select>
          </label>
        `
      }
      <label class="choice choice-sort">
        <span>Sort by</span>
        <select
          value=${query.sort}
          onChange=${(event: Event) => {
            const column = CLIENT_COLUMNS.find(({ key }) => key === chosenValue(event));
            onChoose({ sort: column?.key as SortKey, order: column?.first ?? 'asc' });
          }}
        >
          ${CLIENT_COLUMNS.map(({ key, label }) => html`<option key=${key} value=${key}>${label}</option>`)}
        </select>
      </label>
      <button
        type="button"
        class="button choice-sort"
        aria-label="Reverse the order"
        onClick=${() => onChoose({ order: query.order === 'asc' ? 'desc' : 'asc' })}
      >
        <${Icon} name=${query.order === 'asc' ? 'up' : 'down'} />
      </button>
      <div class="chips" role="group" aria-label="State">
        <${Chip} label="All" count=${counts?.total} isOn=${query.state === ''} onClick=${() => onChoose({ state: '' })} />
        ${CLIENT_STATES.map(
          (state) => html`
            <${Chip}
              key=${state}
              state=${state}
              label=${STATE_MEANING[state].label}
              count=${counts?.[state]}
              isOn=${query.state === state}
              onClick=${() => onChoose({ state: query.state === state ? '' : state })}
            />
          `,
        )}
      </div>
    </div>
  `;
}

function Chip(props: {
  readonly label: string;
  readonly state?: (typeof CLIENT_STATES)[number];
  readonly count: number | undefined;
  readonly isOn: boolean;
  readonly onClick: () => void;
}): Shown {
  const { label, state, count, isOn, onClick } = props;
  return html`
    <button type="button" class=${`chip ${state === undefined ? '' : `state-${state}`}`} aria-pressed=${isOn} onClick=${onClick}>
      ${state !== undefined && html`<${Icon} name=${state} />`}${label}
      ${count !== undefined && html`<span class="chip-count">${countText(count)}</span>`}
    </button>
  `;
}

function chosenValue(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}

/** Down from the search, to what it has found. */
function intoTheList(event: KeyboardEvent): void {
  if (event.key === 'ArrowDown') {
    event.preventDefault();
    document.querySelector<HTMLElement>('.client-grid')?.focus();
  }
}
