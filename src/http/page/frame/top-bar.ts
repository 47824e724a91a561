import { html, type Shown } from '../library/html.ts';
import { countText } from '../model/format.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { ALL_CLIENTS, type Route, routeHref } from '../model/route.ts';
import { Icon, type IconName } from '../parts/icon.ts';
import { useValue } from '../parts/use-value.ts';

const CONNECTIONS: Readonly<Record<string, { icon: IconName; label: string; tone: string }>> = {
  live: { icon: 'active', label: 'Live', tone: 'good' },
  connecting: { icon: 'wait', label: 'Connecting', tone: 'quiet' },
  paused: { icon: 'wait', label: 'Paused', tone: 'quiet' },
  lost: { icon: 'error', label: 'No connection', tone: 'bad' },
};

const MARK = new URL('../favicon.svg', import.meta.url).href;

/** Where one can go, and whether what is shown is live. */
export function TopBar({ model, view }: { readonly model: GatewayModel; readonly view: Route['view'] }): Shown {
  const overview = useValue(model.overview);
  const { icon, label, tone } = CONNECTIONS[useValue(model.connection).state] ?? { icon: 'wait', label: '', tone: '' };
  const link = (name: string, href: string, isHere: boolean, count?: number): Shown => html`
    <a class="nav-link" href=${href} aria-current=${isHere ? 'page' : undefined}>
      ${name}${count !== undefined && html` <span class="nav-count">${countText(count)}</span>`}
    </a>
  `;
  return html`
    <header class="top-bar">
      <div class="top-bar-inner">
        <a class="brand" href="#/">
          <img src=${MARK} width="24" height="24" alt="" />
          <span>MQTT-SN gateway</span>
        </a>
        <nav class="nav" aria-label="Views">
          ${link('Overview', '#/', view === 'overview')}
          ${link(
            'Clients',
            routeHref({ view: 'clients', query: ALL_CLIENTS }),
            view === 'clients' || view === 'client',
            overview?.clients.total,
          )}
          ${link('Topics', '#/topics', view === 'topics')}
        </nav>
        <p class=${`connection tone-${tone}`} role="status"><${Icon} name=${icon} />${label}</p>
      </div>
    </header>
  `;
}
