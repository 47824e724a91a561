import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { addressText } from '../model/client-order.ts';
import { clockText, counted, countText, durationText, octetsText, signalText } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { Card } from '../parts/card.ts';
import { TimeAgo } from '../parts/time-ago.ts';
import { TimeSince } from '../parts/time-since.ts';

/** Where a client is, how it lives, and what was counted of it. */
export function ClientFacts({ client, clock }: { readonly client: ClientDetail; readonly clock: GatewayClock }): Shown {
  const { link, transport, identity, accessRule, state, since, lastSeen, rssi, lastTopic, lastOctets, willTopic } =
    client;
  return html`
    <${Card} title="Client">
      <dl class="facts">
        <dt>Address</dt><dd class="mono wrap" title=${link}>${addressText(client)}</dd>
        <dt>Transport</dt><dd>${transport}</dd>
        ${identity !== null && html`<dt>Identity</dt><dd class="mono wrap">${identity}</dd>`}
        ${accessRule !== null && html`<dt>Permissions</dt><dd class="wrap">${accessRule}</dd>`}
        ${client.connection === 'own' && html`<dt>Broker</dt><dd>a connection of its own</dd>`}
        ${client.connection === 'shared' && html`<dt>Broker</dt><dd>the connection that clients share</dd>`}
        <dt>Last seen</dt><dd><${TimeAgo} time=${lastSeen} clock=${clock} /></dd>
        <dt>In this state</dt><dd><${TimeSince} time=${since} clock=${clock} /></dd>
        ${
          state === 'asleep'
            ? html`<dt>Sleep</dt><dd><${Sleep} until=${client.sleepUntil} clock=${clock} /></dd>`
            : html`<dt>Keep-alive</dt><dd>${client.keepAlive === 0 ? 'none' : durationText(client.keepAlive)}</dd>`
        }
        <dt>Session</dt>
        <dd>${client.cleanSession ? 'clean: ends with its connection' : 'kept while it is away'}</dd>
        <dt>Will topic</dt><dd class=${willTopic === null ? 'quiet' : 'mono wrap'}>${willTopic ?? 'no will'}</dd>
        ${rssi !== null && html`<dt>Signal</dt><dd>${signalText(rssi)}, last hop</dd>`}
        <dt>Last message</dt>
        <dd class=${lastTopic === null ? 'quiet' : ''}>
          ${lastTopic === null ? 'none yet' : html`<span class="mono wrap">${lastTopic}</span>${lastOctets !== null && html` <span class="quiet">${octetsText(lastOctets)}</span>`}`}
        </dd>
      </dl>
      <dl class="numbers">
        <${Count} label="Up" value=${client.published} meaning="Messages from this client" />
        <${Count} label="Down" value=${client.delivered} meaning="Messages delivered to it" />
        <${Count} label="Dropped" value=${client.dropped} meaning="Messages for it that were given up" isBad=${client.dropped > 0} />
        <${Count} label="Waiting" value=${client.waiting} meaning="Messages that wait for it in the gateway" />
        <${Count} label="In flight" value=${client.inFlight} meaning=${`${counted(client.inFlight, 'message')} of it without the broker's answer`} />
      </dl>
    </${Card}>
  `;
}

function Sleep({ until, clock }: { readonly until: string | null; readonly clock: GatewayClock }): Shown {
  if (until === null) {
    return 'for a time that it has not told';
  }
  const isLate = Date.parse(until) < clock.now();
  return html`
    until ${clockText(Date.parse(until), clock.now())}
    <span class=${isLate ? 'tone-warn' : 'quiet'}> (${isLate && 'overdue, '}<${TimeAgo} time=${until} clock=${clock} />)</span>
  `;
}

function Count(props: {
  readonly label: string;
  readonly value: number;
  readonly meaning: string;
  readonly isBad?: boolean;
}): Shown {
  const { label, value, meaning, isBad = false } = props;
  return html`<div title=${meaning}><dt>${label}</dt><dd class=${isBad ? 'tone-warn' : ''}>${countText(value)}</dd></div>`;
}
