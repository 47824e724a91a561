import { ClientView } from '../client/client-view.ts';
import { ClientsView } from '../clients/clients-view.ts';
import { html, type Shown, useEffect, useRef } from '../library/html.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Route } from '../model/route.ts';
import type { Router } from '../model/router.ts';
import { OverviewView } from '../overview/overview-view.ts';
import { Empty } from '../parts/empty.ts';
import { useValue } from '../parts/use-value.ts';
import { TopicsView } from '../topics/topics-view.ts';
import { ConnectionBanner } from './connection-banner.ts';
import { TopBar } from './top-bar.ts';

/** The page as a whole: its frame, and the view that the address names. */
export function App({ model, router }: { readonly model: GatewayModel; readonly router: Router }): Shown {
  const route = useValue(router.route);
  const main = useRef<HTMLElement>(null);
  const place = route.view === 'client' ? `client ${route.clientId}` : route.view;
  const isFirst = useRef(true);

  useEffect(() => model.follow(route.view === 'clients'), [route.view]);
  useEffect(() => {
    document.title = `${titleOf(route)} · MQTT-SN gateway`;
    if (!isFirst.current) {
      // Whoever cannot see that the view has changed is told by the focus.
      scrollTo(0, 0);
      main.current?.querySelector('h1')?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [place]);

  const skip = (event: Event): void => {
    event.preventDefault();
    main.current?.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to content</a>
    <${TopBar} model=${model} view=${route.view} />
    <${ConnectionBanner} model=${model} />
    <main id="main" tabindex="-1" ref=${main}>${viewOf(route, model, router)}</main>
  `;
}

function viewOf(route: Route, model: GatewayModel, router: Router): Shown {
  switch (route.view) {
    case 'overview':
      return html`<${OverviewView} model=${model} />`;
    case 'clients':
      return html`<${ClientsView} model=${model} router=${router} query=${route.query} />`;
    case 'client':
      return html`<${ClientView} key=${route.clientId} model=${model} clientId=${route.clientId} />`;
    case 'topics':
      return html`<${TopicsView} model=${model} />`;
    case 'unknown':
      return html`
        <div class="view">
          <h1 tabindex="-1">Not found</h1>
          <${Empty} title="There is no such view"><p><a href="#/">Go to the overview</a></p></${Empty}>
        </div>
      `;
  }
}

function titleOf(route: Route): string {
  switch (route.view) {
    case 'overview':
      return 'Overview';
    case 'clients':
      return 'Clients';
    case 'client':
      return route.clientId;
    case 'topics':
      return 'Topics';
    case 'unknown':
      return 'Not found';
  }
}
