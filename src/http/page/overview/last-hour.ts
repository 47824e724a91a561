import type { History, Overview } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { figureText, octetsText } from '../model/format.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { usePolled } from '../parts/use-polled.ts';
import { PlotCard } from './plot-card.ts';

/** The gateway takes a point each ten seconds. */
const INTERVAL = 10_000;

const NOTHING: History = { time: [], up: [], down: [], clients: [], eventLoopDelay: [], queued: [] };

/** Four plots of the last hour, with what is now beside their headings. */
export function LastHour({ overview, model }: { readonly overview: Overview; readonly model: GatewayModel }): Shown {
  const { data } = usePolled('history', INTERVAL, () => model.api.history());
  const history = data ?? NOTHING;
  const { rates, queue, clients, eventLoopDelay } = overview;
  return html`
    <div class="grid grid-halves" role="group" aria-label="The last hour">
      <${PlotCard}
        title="Messages per second"
        time=${history.time}
        isAsked=${data !== undefined}
        atLeast=${1}
        lines=${[
          { label: 'from clients', icon: 'up', values: history.up, now: rates.up, format: figureText },
          { label: 'to clients', icon: 'down', values: history.down, now: rates.down, format: figureText },
        ]}
      />
      <${PlotCard}
        title="Clients connected or asleep"
        time=${history.time}
        isAsked=${data !== undefined}
        atLeast=${4}
        lines=${[
          {
            label: '',
            values: history.clients,
            now: clients.active + clients.awake + clients.asleep,
            format: figureText,
          },
        ]}
      />
      <${PlotCard}
        title="Waiting messages"
        time=${history.time}
        isAsked=${data !== undefined}
        atLeast=${4}
        detail=${queue.octets > 0 ? octetsText(queue.octets) : undefined}
        lines=${[{ label: '', values: history.queued, now: queue.messages, format: figureText }]}
      />
      <${PlotCard}
        title="Event-loop delay"
        time=${history.time}
        isAsked=${data !== undefined}
        atLeast=${10}
        lines=${[{ label: '', unit: 'ms', values: history.eventLoopDelay, now: eventLoopDelay, format: figureText }]}
      />
    </div>
  `;
}
