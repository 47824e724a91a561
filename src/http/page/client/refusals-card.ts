import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { counted } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { Card } from '../parts/card.ts';
import { TimeAgo } from '../parts/time-ago.ts';

/** A refusal as it is told of a client, or of nobody that the gateway knows. */
export type ShownRefusal = Pick<ClientDetail['refusals'][number], 'time' | 'text' | 'topic' | 'count'>;

/** Why something was refused to a client, newest first. */
export function RefusalsCard(props: {
  readonly refusals: readonly ShownRefusal[];
  readonly clock: GatewayClock;
}): Shown {
  const { refusals, clock } = props;
  return html`
    <${Card} title="Refused">
      <ol class="rows">
        ${refusals.map(
          ({ time, text, topic, count }) => html`
            <li key=${`${text} ${topic ?? ''}`} class="incident">
              <div class="incident-body">
                <p class="sentence wrap">${text}</p>
                ${topic !== null && html`<p class="mono wrap">${topic}</p>`}
                <p class="quiet">
                  ${count > 1 && html`<strong>${counted(count, 'time')}</strong>, last `}<${TimeAgo} time=${time} clock=${clock} />
                </p>
              </div>
            </li>
          `,
        )}
      </ol>
    </${Card}>
  `;
}
