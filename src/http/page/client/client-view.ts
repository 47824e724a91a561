import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown, useEffect, useState } from '../library/html.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { incidentGroups } from '../model/incident-groups.ts';
import { ALL_CLIENTS, routeHref } from '../model/route.ts';
import { Empty } from '../parts/empty.ts';
import { Icon } from '../parts/icon.ts';
import { Notice } from '../parts/notice.ts';
import { StateBadge } from '../parts/state-badge.ts';
import { usePolled } from '../parts/use-polled.ts';
import { useValue } from '../parts/use-value.ts';
import { ClientActions } from './client-actions.ts';
import { ClientFacts } from './client-facts.ts';
import { ClientTopics } from './client-topics.ts';
import { RefusalsCard } from './refusals-card.ts';
import { StateHistory } from './state-history.ts';
import { TraceCard } from './trace-card.ts';

/** How often one client is asked for, in milliseconds, and one that is not there. */
const INTERVAL = 2_000;
const GONE_INTERVAL = 10_000;

/** Everything about one client, and what can be done to it. */
export function ClientView({ model, clientId }: { readonly model: GatewayModel; readonly clientId: string }): Shown {
  const [interval, changeInterval] = useState(INTERVAL);
  const { data, error, refresh } = usePolled(clientId, interval, () => model.api.client(clientId));
  const isGone = error?.status === 404;
  useEffect(() => changeInterval(isGone ? GONE_INTERVAL : INTERVAL), [isGone]);
  // That there is no connection is said already.
  const isLost = useValue(model.connection).state === 'lost';
  return html`
    <div class="view">
      <a class="back" href=${routeHref({ view: 'clients', query: ALL_CLIENTS })}><${Icon} name="left" />All clients</a>
      <div class="view-head">
        <h1 tabindex="-1" class="wrap">${clientId}</h1>
        ${data !== undefined && !isGone && html`<${StateBadge} state=${data.state} />`}
      </div>
      ${
        isGone
          ? html`
              <${Empty} title="The gateway knows no such client">
                <p>Its session was forgotten, has expired, or never was: as soon as it connects, it is here.</p>
              </${Empty}>
              <${Told} clientId=${clientId} model=${model} />
            `
          : error !== undefined && !isLost && html`<${Notice} tone="bad">${error.message}</${Notice}>`
      }
      ${data === undefined && error === undefined && html`<p class="quiet">Asking the gateway …</p>`}
      ${data !== undefined && !isGone && html`<${Known} key=${clientId} client=${data} model=${model} onChanged=${refresh} />`}
    </div>
  `;
}

/** What was told lately of a client that has no session: mostly why it was refused. */
function Told({ clientId, model }: { readonly clientId: string; readonly model: GatewayModel }): Shown {
  const incidents = useValue(model.incidents) ?? [];
  const groups = incidentGroups(incidents.filter((incident) => incident.clientId === clientId));
  const refusals = groups.map(({ incident: { time, text }, count }) => ({ time, text, count, topic: null }));
  return refusals.length > 0 && html`<${RefusalsCard} refusals=${refusals} clock=${model.clock} />`;
}

function Known(props: {
  readonly client: ClientDetail;
  readonly model: GatewayModel;
  readonly onChanged: () => void;
}): Shown {
  const { client, model, onChanged } = props;
  const overview = useValue(model.overview);
  const hint = overview?.access === 'read' ? (overview.accessHint ?? 'This page only reads.') : undefined;
  const isAllowed = overview?.access === 'all';
  return html`
    <${ClientActions} client=${client} api=${model.api} isAllowed=${isAllowed} hint=${hint} onChanged=${onChanged} />
    <div class="grid grid-client">
      <${ClientFacts} client=${client} clock=${model.clock} />
      <div class="stack">
        ${client.refusals.length > 0 && html`<${RefusalsCard} refusals=${client.refusals} clock=${model.clock} />`}
        <${StateHistory} history=${client.history} clock=${model.clock} />
      </div>
      <${ClientTopics} client=${client} clock=${model.clock} />
    </div>
    <${TraceCard} client=${client} model=${model} isAllowed=${isAllowed} />
  `;
}
