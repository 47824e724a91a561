import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { octetsText } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { Card } from '../parts/card.ts';
import { Table } from '../parts/table.ts';
import { TimeAgo } from '../parts/time-ago.ts';

/** What waits for a client, what it listens to, and the names that its topic ids stand for. */
export function ClientTopics(props: { readonly client: ClientDetail; readonly clock: GatewayClock }): Shown {
  const { client, clock } = props;
  const { subscriptions, topicIds, waiting, waitingMessages } = client;
  return html`
    <div class="stack">
      ${
        waitingMessages.length > 0 &&
        html`
          <${Card} title=${`Waiting${waiting > waitingMessages.length ? `, the first ${waitingMessages.length}` : ''}`}>
            <${Table}
              label="Waiting messages"
              columns=${['Topic', 'QoS', 'Size', 'Since']}
              rows=${waitingMessages.map(({ topic, qos, octets, since }, index) => ({
                key: `${index} ${topic}`,
                cells: [
                  html`<span class="mono wrap">${topic}</span>`,
                  qos,
                  octetsText(octets),
                  since === null ? 'before the start' : html`<${TimeAgo} time=${since} clock=${clock} />`,
                ],
              }))}
              empty=""
            />
          </${Card}>
        `
      }
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
