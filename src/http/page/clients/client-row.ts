import type { ClientItem } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { addressText } from '../model/client-order.ts';
import { clockText, counted, countText, octetsText, signalText } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { routeHref } from '../model/route.ts';
import { StateBadge } from '../parts/state-badge.ts';
import { TimeAgo } from '../parts/time-ago.ts';

/** One client in the list: cells beside each other, or where it is narrow two lines. */
export function ClientRow(props: {
  readonly id: string;
  readonly client: ClientItem;
  readonly clock: GatewayClock;
  /** Of the whole list, its head counted; from 1 on. */
  readonly rowIndex: number;
  /** Pixels below the head. */
  readonly top: number;
  readonly isActive: boolean;
  readonly withSignal: boolean;
  readonly onPoint: () => void;
}): Shown {
  const { id, client, clock, rowIndex, top, isActive, withSignal, onPoint } = props;
  const { clientId, state, sleepUntil, lastSeen, link, published, delivered, waiting, rssi, lastTopic, lastOctets } =
    client;
  return html`
    <div
      id=${id}
      class=${`client-row client-cells ${isActive ? 'client-active' : ''}`}
      role="row"
      aria-rowindex=${rowIndex}
      style=${{ transform: `translateY(${top}px)` }}
      onPointerDown=${onPoint}
    >
      <div role="gridcell" class="cell cell-clientId">
        <a href=${routeHref({ view: 'client', clientId })} tabindex="-1" title=${clientId}>${clientId}</a>
        ${client.connection === 'own' && html`<span class="quiet" title="It has a connection to the broker of its own"> own connection</span>`}
      </div>
      <div role="gridcell" class="cell cell-state">
        <${StateBadge} state=${state} />
        ${
          state === 'asleep' &&
          sleepUntil !== null &&
          html`<span class="until">until ${clockText(Date.parse(sleepUntil), clock.now())}</span>`
        }
      </div>
      <div role="gridcell" class="cell cell-lastSeen"><${TimeAgo} time=${lastSeen} clock=${clock} /></div>
      <div role="gridcell" class="cell cell-link mono" title=${link}>${addressText(client)}</div>
      <div role="gridcell" class="cell cell-published">${countText(published)}</div>
      <div role="gridcell" class="cell cell-delivered">${countText(delivered)}</div>
      <div role="gridcell" class=${`cell cell-waiting ${waiting > 0 ? 'some' : ''}`}>
        ${countText(waiting)}<span class="cell-word"> waiting</span>
      </div>
      ${withSignal && html`<div role="gridcell" class="cell cell-rssi">${rssi === null ? '' : signalText(rssi)}</div>`}
      <div role="gridcell" class="cell cell-lastTopic" title=${lastTopic ?? ''}>
        ${
          lastTopic !== null &&
          html`
            <span class="topic">${lastTopic}</span>
            ${lastOctets !== null && html`<span class="quiet" title=${counted(lastOctets, 'octet')}> ${octetsText(lastOctets)}</span>`}
          `
        }
      </div>
    </div>
  `;
}
