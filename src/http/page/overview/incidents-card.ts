import type { Incident } from '../../api-contract.ts';
import { html, type Shown, useMemo, useState } from '../library/html.ts';
import { counted } from '../model/format.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { incidentGroups, mostTelling } from '../model/incident-groups.ts';
import { routeHref } from '../model/route.ts';
import { Card } from '../parts/card.ts';
import { Empty } from '../parts/empty.ts';
import { Icon } from '../parts/icon.ts';
import { TimeAgo } from '../parts/time-ago.ts';
import { useValue } from '../parts/use-value.ts';

/** Incidents that are shown at first. */
const FEW = 8;

const LEVELS: Readonly<Record<Incident['level'], { tone: string; label: string }>> = {
  error: { tone: 'bad', label: 'Error' },
  warn: { tone: 'warn', label: 'Warning' },
  info: { tone: 'quiet', label: 'Note' },
};

/** The last refusals and errors, in words. */
export function IncidentsCard({ model }: { readonly model: GatewayModel }): Shown {
  const incidents = useValue(model.incidents);
  const [isLong, setLong] = useState(false);
  const groups = useMemo(() => incidentGroups(incidents ?? []), [incidents]);
  const shown = isLong ? groups : mostTelling(groups, FEW);
  return html`
    <${Card} title="Incidents">
      ${
        incidents?.length === 0 &&
        html`<${Empty} title="Nothing went wrong"><p>Refusals and errors are told here, with the reason.</p></${Empty}>`
      }
      <ol class="rows">
        ${shown.map(
          ({ incident, count }) =>
            html`<${Line} key=${incident.number} incident=${incident} count=${count} model=${model} />`,
        )}
      </ol>
      ${
        groups.length > FEW &&
        html`
          <button type="button" class="button button-small" aria-expanded=${isLong} onClick=${() => setLong(!isLong)}>
            ${isLong ? 'Show fewer' : `Show all ${groups.length}`}
          </button>
        `
      }
    </${Card}>
  `;
}

function Line(props: { readonly incident: Incident; readonly count: number; readonly model: GatewayModel }): Shown {
  const { incident, count, model } = props;
  const { level, time, text, clientId, link } = incident;
  const { tone, label } = LEVELS[level];
  return html`
    <li class="incident">
      <span class=${`incident-level tone-${tone}`}><${Icon} name=${level} /><span class="sr-only">${label}:</span></span>
      <div class="incident-body">
        <p class="sentence wrap">${text}</p>
        <p class="quiet wrap">
          ${count > 1 && html`<strong>${counted(count, 'time')}</strong>, last `}<${TimeAgo} time=${time} clock=${model.clock} />
          ${clientId !== null && html` · <a href=${routeHref({ view: 'client', clientId })}>${clientId}</a>`}
          ${link !== null && html` · <span class="mono">${link}</span>`}
        </p>
      </div>
    </li>
  `;
}
