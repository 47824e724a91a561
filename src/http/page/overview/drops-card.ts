import type { Overview } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { counted, countText } from '../model/format.ts';
import { Card } from '../parts/card.ts';
import { Icon } from '../parts/icon.ts';

/** How many messages were dropped since the start, and why: the most frequent reasons first. */
export function DropsCard({ dropped }: { readonly dropped: Overview['dropped'] }): Shown {
  const { up, down, reasons } = dropped;
  return html`
    <${Card} title="Dropped messages">
      <p class="quiet">${countText(up)} from clients, ${countText(down)} to clients, since the start</p>
      <ul class="rows">
        ${reasons.map(
          ({ direction, qos, reason, count }) => html`
            <li key=${`${direction} ${qos} ${reason}`} class="incident">
              <${Icon} name=${direction} />
              <div class="incident-body">
                <p class="sentence wrap">${reason}</p>
                <p class="quiet">
                  <strong>${counted(count, 'message')}</strong> ${direction === 'up' ? 'from' : 'to'} clients, QoS ${qos < 0 ? '−1' : qos}
                </p>
              </div>
            </li>
          `,
        )}
      </ul>
    </${Card}>
  `;
}
