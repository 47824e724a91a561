import type { Overview } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { Card } from '../parts/card.ts';
import { Icon, type IconName } from '../parts/icon.ts';
import { TimeSince } from '../parts/time-since.ts';

const STATES: Readonly<Record<Overview['broker']['state'], { icon: IconName; tone: string; label: string }>> = {
  reachable: { icon: 'ok', tone: 'good', label: 'Reachable' },
  connecting: { icon: 'wait', tone: 'warn', label: 'Connecting' },
  unreachable: { icon: 'error', tone: 'bad', label: 'Unreachable' },
};

/** The way to the broker: where it is, whether it is there, since when, and why not. */
export function BrokerCard(props: { readonly broker: Overview['broker']; readonly clock: GatewayClock }): Shown {
  const { url, embedded, mode, state, since, reason } = props.broker;
  const { icon, tone, label } = STATES[state];
  return html`
    <${Card} title="Broker" tone=${state === 'unreachable' ? 'bad' : undefined}>
      <p class="headline">
        <span class=${`headline-word tone-${tone}`}><${Icon} name=${icon} />${label}</span>
        <span class="headline-unit"><${TimeSince} time=${since} clock=${props.clock} /></span>
      </p>
      <p class="mono wrap">${url}</p>
      ${reason !== null && state !== 'reachable' && html`<p class="reason sentence">${reason}</p>`}
      <p class="quiet">
        ${embedded ? 'Embedded broker' : mode === 'aggregating' ? 'Clients share a connection, save those with one of their own' : 'A connection for each client'}
      </p>
    </${Card}>
  `;
}
