import { html, type Shown } from '../library/html.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { useValue } from '../parts/use-value.ts';
import { BrokerCard } from './broker-card.ts';
import { ClientsCard } from './clients-card.ts';
import { DropsCard } from './drops-card.ts';
import { FirstSteps } from './first-steps.ts';
import { GatewayCard } from './gateway-card.ts';
import { IncidentsCard } from './incidents-card.ts';
import { LastHour } from './last-hour.ts';
import { TransportsCard } from './transports-card.ts';

/** Is it up, and how is it doing: everything at a glance. */
export function OverviewView({ model }: { readonly model: GatewayModel }): Shown {
  const overview = useValue(model.overview);
  if (overview === undefined) {
    return html`<div class="view"><h1 tabindex="-1">Overview</h1><p class="quiet">Asking the gateway …</p></div>`;
  }
  return html`
    <div class="view">
      <h1 tabindex="-1">Overview</h1>
      <div class="grid grid-head">
        <${BrokerCard} broker=${overview.broker} clock=${model.clock} />
        <${GatewayCard} overview=${overview} />
        <${ClientsCard} clients=${overview.clients} />
      </div>
      ${overview.clients.total === 0 && html`<${FirstSteps} transports=${overview.transports} broker=${overview.broker} />`}
      <${LastHour} overview=${overview} model=${model} />
      ${overview.dropped.reasons.length > 0 && html`<${DropsCard} dropped=${overview.dropped} />`}
      <div class="grid grid-halves grid-loose">
        <${TransportsCard} transports=${overview.transports} clock=${model.clock} />
        <${IncidentsCard} model=${model} />
      </div>
    </div>
  `;
}
