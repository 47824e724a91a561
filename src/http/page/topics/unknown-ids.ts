import type { Topics } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { counted, countText } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { routeHref } from '../model/route.ts';
import { Card } from '../parts/card.ts';
import { Table } from '../parts/table.ts';
import { TimeAgo } from '../parts/time-ago.ts';

/** Ids that clients use and nobody has defined: messages that get nowhere until somebody does. Nothing where there are none. */
export function UnknownIds(props: { readonly unknown: Topics['unknown']; readonly clock: GatewayClock }): Shown {
  const { unknown, clock } = props;
  const [first] = unknown;
  if (first === undefined) {
    return null;
  }
  return html`
    <${Card} title="Unknown ids" tone="warn" aside=${html`<span class="count">${countText(unknown.length)}</span>`}>
      <p>
        ${unknown.length === 1 ? 'This id is' : 'These ids are'} used and not defined: what is sent to
        ${unknown.length === 1 ? ' it' : ' them'} is refused. If the sensor is right, add the id to the file that the setting${' '}
        <code>predefinedTopics</code> names:
      </p>
      <pre class="example" tabindex="0" role="region" aria-label="Example">${exampleText(first)}</pre>
      <${Table}
        label="Unknown ids"
        columns=${['Id', 'Used by', 'How often', 'Last']}
        rows=${unknown.map(({ clientId, link, topicId, count, lastSeen }) => ({
          key: `${topicId} ${clientId} ${link}`,
          cells: [
            html`<strong>${topicId}</strong>`,
            clientId === null
              ? html`<span class="mono wrap">${link}</span>`
              : html`<a class="wrap" href=${routeHref({ view: 'client', clientId })}>${clientId}</a>`,
            counted(count, 'time'),
            html`<${TimeAgo} time=${lastSeen} clock=${clock} />`,
          ],
        }))}
        empty=""
      />
    </${Card}>
  `;
}

/** Lines for the file of pre-defined topics. JSON strings are YAML, whatever is in them. */
function exampleText({ clientId, topicId }: Topics['unknown'][number]): string {
  return `${JSON.stringify(clientId ?? '*')}:\n  ${topicId}: name/of/the/topic`;
}
