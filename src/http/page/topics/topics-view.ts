import type { Topics } from '../../api-contract.ts';
import { html, type Shown, useState } from '../library/html.ts';
import { countText } from '../model/format.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { routeHref } from '../model/route.ts';
import { Card } from '../parts/card.ts';
import { Icon } from '../parts/icon.ts';
import { Notice } from '../parts/notice.ts';
import { Table, type TableRow } from '../parts/table.ts';
import { TimeAgo } from '../parts/time-ago.ts';
import { usePolled } from '../parts/use-polled.ts';
import { useValue } from '../parts/use-value.ts';
import { UnknownIds } from './unknown-ids.ts';

/** How often topics are asked for, in milliseconds. */
const INTERVAL = 5_000;

/** The names that ids and two characters stand for, and the ids that stand for nothing. */
export function TopicsView({ model }: { readonly model: GatewayModel }): Shown {
  const { data, error } = usePolled('topics', INTERVAL, () => model.api.topics());
  const [search, setSearch] = useState('');
  // That there is no connection is said already.
  const isLost = useValue(model.connection).state === 'lost';
  return html`
    <div class="view">
      <div class="view-head"><h1 tabindex="-1">Topics</h1></div>
      ${error !== undefined && !isLost && html`<${Notice} tone="bad">The topics did not come: ${error.message}</${Notice}>`}
      ${data === undefined && error === undefined && html`<p class="quiet">Asking the gateway …</p>`}
      ${
        data !== undefined &&
        html`
          <${UnknownIds} unknown=${data.unknown} clock=${model.clock} />
          <div class="toolbar" role="search" aria-label="Topics">
            <label class="search">
              <span class="sr-only">Search for topic, id or client</span>
              <${Icon} name="search" />
              <input
                type="search"
                placeholder="Topic, id or client"
                autocomplete="off"
                spellcheck=${false}
                value=${search}
                onInput=${(event: Event) => setSearch((event.target as HTMLInputElement).value)}
              />
            </label>
          </div>
          <${Predefined} topics=${data.predefined} more=${data.predefinedMore} search=${search} model=${model} />
          <div class="grid grid-halves grid-loose">
            <${Registered} topics=${data} search=${search} />
            <${Short} topics=${data.short} search=${search} model=${model} />
          </div>
        `
      }
    </div>
  `;
}

function Predefined(props: {
  readonly topics: Topics['predefined'];
  /** So many more there are. */
  readonly more: number;
  readonly search: string;
  readonly model: GatewayModel;
}): Shown {
  const { topics, more, search, model } = props;
  const rows = topics
    .filter(({ clientId, topicId, topicName, usedBy }) => fits(search, clientId, topicId, topicName, usedBy))
    .map(
      ({ clientId, topicId, topicName, usedBy, usedAt }): TableRow => ({
        key: `${topicId} ${clientId}`,
        cells: [
          topicId,
          html`<span class="mono wrap">${topicName}</span>`,
          clientId === '*' ? html`<span class="quiet">every client</span>` : clientLink(clientId),
          usedBy === null || usedAt === null
            ? html`<span class="quiet">not since the start</span>`
            : html`<${TimeAgo} time=${usedAt} clock=${model.clock} /> by ${clientLink(usedBy)}`,
        ],
      }),
    );
  return html`
    <${Card} title="Pre-defined topics" aside=${total(topics.length + more)}>
      <${Table}
        label="Pre-defined topics"
        columns=${['Id', 'Topic', 'For', 'Last used']}
        rows=${rows}
        empty=${emptyText(topics.length, 'There are none. Ids that clients know without registering them stand in a file that the setting predefinedTopics names.')}
      />
      ${more > 0 && html`<p class="quiet">${countText(more)} more are not shown here.</p>`}
    </${Card}>
  `;
}

function Registered({ topics, search }: { readonly topics: Topics; readonly search: string }): Shown {
  const { registered, registeredMore } = topics;
  const rows = registered
    .filter(({ clientId, topicId, topicName }) => fits(search, clientId, topicId, topicName))
    .map(
      ({ clientId, topicId, topicName }): TableRow => ({
        key: `${clientId} ${topicId}`,
        cells: [topicId, html`<span class="mono wrap">${topicName}</span>`, clientLink(clientId)],
      }),
    );
  return html`
    <${Card} title="Ids given out" aside=${total(registered.length + registeredMore)}>
      <${Table}
        label="Ids given out"
        columns=${['Id', 'Topic', 'To']}
        rows=${rows}
        empty=${emptyText(registered.length, 'None yet: a client gets one when it registers a topic, or is to get a message on it.')}
      />
      ${registeredMore > 0 && html`<p class="quiet">${countText(registeredMore)} more are not shown here; each client's are in its own view.</p>`}
    </${Card}>
  `;
}

function Short(props: {
  readonly topics: Topics['short'];
  readonly search: string;
  readonly model: GatewayModel;
}): Shown {
  const { topics, search, model } = props;
  const rows = topics
    .filter(({ topicName, usedBy }) => fits(search, topicName, usedBy))
    .map(
      ({ topicName, usedBy, usedAt }): TableRow => ({
        key: topicName,
        cells: [
          html`<span class="mono">${topicName}</span>`,
          html`<${TimeAgo} time=${usedAt} clock=${model.clock} /> by ${clientLink(usedBy)}`,
        ],
      }),
    );
  return html`
    <${Card} title="Short topics" aside=${total(topics.length)}>
      <${Table}
        label="Short topics"
        columns=${['Topic', 'Last used']}
        rows=${rows}
        empty=${emptyText(topics.length, 'None used yet. Topics of two characters need no id.')}
      />
    </${Card}>
  `;
}

function fits(search: string, ...texts: readonly (string | number | null)[]): boolean {
  const wanted = search.trim().toLowerCase();
  return (
    wanted === '' ||
    texts.some((text) =>
      String(text ?? '')
        .toLowerCase()
        .includes(wanted),
    )
  );
}

function emptyText(count: number, none: string): string {
  return count === 0 ? none : 'None fits the search.';
}

function total(count: number): Shown {
  return html`<span class="count">${countText(count)}</span>`;
}

function clientLink(clientId: string): Shown {
  return html`<a class="wrap" href=${routeHref({ view: 'client', clientId })}>${clientId}</a>`;
}
