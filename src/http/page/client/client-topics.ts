import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { Card } from '../parts/card.ts';
import { Table } from '../parts/table.ts';

/** What a client listens to, and the names that its topic ids stand for. */
export function ClientTopics({ client }: { readonly client: ClientDetail }): Shown {
  const { subscriptions, topicIds } = client;
  return html`
    <div class="stack">
      <${Card} title="Subscriptions">
        <${Table}
          label="Subscriptions"
          columns=${['Filter', 'QoS']}
          rows=${subscriptions.map(({ filter, qos }) => ({ key: filter, cells: [html`<span class="mono wrap">${filter}</span>`, qos] }))}
          empty="It has subscribed to nothing: messages of the broker do not go to it."
        />
      </${Card}>
      <${Card} title="Topic ids">
        <${Table}
          label="Topic ids"
          columns=${['Id', 'Topic', 'Told']}
          rows=${topicIds.map(({ topicId, topicName, known }) => ({
            key: `${topicId}`,
            cells: [
              topicId,
              html`<span class="mono wrap">${topicName}</span>`,
              known ? 'yes' : html`<span class="quiet">not yet</span>`,
            ],
          }))}
          empty="No topic ids were given out to it."
        />
      </${Card}>
    </div>
  `;
}
