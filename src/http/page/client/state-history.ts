import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { CLIENT_STATES, STATE_MEANING } from '../model/client-states.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { Card } from '../parts/card.ts';
import { Icon } from '../parts/icon.ts';
import { TimeAgo } from '../parts/time-ago.ts';

/** The last states of a client, newest first. */
export function StateHistory(props: {
  readonly history: ClientDetail['history'];
  readonly clock: GatewayClock;
}): Shown {
  const { history, clock } = props;
  return html`
    <${Card} title="State history">
      ${history.length === 0 && html`<p class="quiet">No change of its state since the gateway was started.</p>`}
      <ol class="timeline">
        ${history.map(({ time, state, reason }, index) => {
          const known = CLIENT_STATES.find((one) => one === state);
          return html`
            <li key=${`${time} ${index}`} class=${`timeline-item state-${known ?? 'other'}`}>
              <${Icon} name=${known ?? 'info'} />
              <div>
                <p><span class="timeline-state">${known === undefined ? capitalized(state) : STATE_MEANING[known].label}</span>
                  <span class="quiet"> <${TimeAgo} time=${time} clock=${clock} /></span></p>
                ${reason !== null && html`<p class="quiet wrap">${reason}</p>`}
              </div>
            </li>
          `;
        })}
      </ol>
    </${Card}>
  `;
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
