import type { Overview } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { CLIENT_STATES, STATE_MEANING } from '../model/client-states.ts';
import { countText } from '../model/format.ts';
import { ALL_CLIENTS, routeHref } from '../model/route.ts';
import { Card } from '../parts/card.ts';
import { Icon } from '../parts/icon.ts';

/** How many clients are in which state; each state leads to its clients. */
export function ClientsCard({ clients }: { readonly clients: Overview['clients'] }): Shown {
  const reachable = clients.active + clients.awake + clients.asleep;
  return html`
    <${Card} title="Clients">
      <p class="headline">${countText(reachable)} <span class="headline-unit">connected or asleep, of ${countText(clients.total)}</span></p>
      <div class="share" aria-hidden="true">
        ${CLIENT_STATES.filter((state) => clients[state] > 0).map(
          (state) =>
            html`<span key=${state} class=${`share-part state-${state}`} style=${{ flexGrow: clients[state] }}></span>`,
        )}
      </div>
      <ul class="legend">
        ${CLIENT_STATES.map(
          (state) => html`
            <li key=${state}>
              <a
                class=${`legend-item state-${state}`}
                href=${routeHref({ view: 'clients', query: { ...ALL_CLIENTS, state } })}
                title=${STATE_MEANING[state].meaning}
              >
                <${Icon} name=${state} /><span class="legend-label">${STATE_MEANING[state].label}</span>
                <span class="legend-count">${countText(clients[state])}</span>
              </a>
            </li>
          `,
        )}
      </ul>
    </${Card}>
  `;
}
