import type { TransportItem } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { countText, octetsText } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { Card } from '../parts/card.ts';
import { Icon } from '../parts/icon.ts';
import { TimeSince } from '../parts/time-since.ts';

const TYPES: Readonly<Record<TransportItem['type'], string>> = {
  udp: 'UDP',
  dtls: 'DTLS',
  serial: 'Serial line',
  xbee: 'XBee',
  module: 'Own transport',
};

/** Where clients are heard, and what went through. */
export function TransportsCard(props: {
  readonly transports: readonly TransportItem[];
  readonly clock: GatewayClock;
}): Shown {
  const { transports, clock } = props;
  return html`
    <${Card} title="Transports">
      <ul class="rows">
        ${transports.map((transport) => html`<${Transport} key=${transport.name} transport=${transport} clock=${clock} />`)}
      </ul>
    </${Card}>
  `;
}

function Transport({ transport, clock }: { readonly transport: TransportItem; readonly clock: GatewayClock }): Shown {
  const { name, type, address, state, since, reason, problems } = transport;
  const isUp = state === 'up';
  return html`
    <li class="transport">
      <div class="transport-head">
        <h3>${name}</h3>
        <span class="quiet">${TYPES[type]}</span>
        <span class="mono wrap">${address}</span>
        <span class=${`transport-state tone-${isUp ? 'good' : 'bad'}`}>
          <${Icon} name=${isUp ? 'ok' : 'error'} />${isUp ? 'Up' : 'Down'}
          <span class="quiet"><${TimeSince} time=${since} clock=${clock} /></span>
        </span>
      </div>
      ${reason !== null && html`<p class=${isUp ? 'quiet' : 'reason sentence'}>${isUp ? 'Last problem: ' : ''}${reason}</p>`}
      <dl class="numbers">
        <${Traffic} label="In" frames=${transport.framesReceived} octets=${transport.octetsReceived} />
        <${Traffic} label="Out" frames=${transport.framesSent} octets=${transport.octetsSent} />
        <div><dt>Problems</dt><dd class=${problems > 0 ? 'tone-warn' : ''}>${countText(problems)}</dd></div>
      </dl>
    </li>
  `;
}

function Traffic(props: { readonly label: string; readonly frames: number; readonly octets: number }): Shown {
  return html`
    <div>
      <dt>${props.label}</dt>
      <dd>${countText(props.frames)} <span class="quiet">frames</span><span class="quiet octets">${octetsText(props.octets)}</span></dd>
    </div>
  `;
}
