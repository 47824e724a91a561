import { html, type Shown, useEffect, useMemo } from '../library/html.ts';
import type { KnownClients } from '../model/client-list.ts';
import { chosenClients } from '../model/client-order.ts';
import { countText } from '../model/format.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { pubCommand } from '../model/pub-command.ts';
import { ALL_CLIENTS, type ClientQuery } from '../model/route.ts';
import type { Router } from '../model/router.ts';
import { Command } from '../parts/command.ts';
import { Empty } from '../parts/empty.ts';
import { Notice } from '../parts/notice.ts';
import { useValue } from '../parts/use-value.ts';
import { ClientGrid } from './client-grid.ts';
import { ClientPages } from './client-pages.ts';
import { ClientToolbar } from './client-toolbar.ts';

/** All clients: to find one among ten thousand, or to see which are in trouble. */
export function ClientsView(props: {
  readonly model: GatewayModel;
  readonly router: Router;
  readonly query: ClientQuery;
}): Shown {
  const { model, router, query } = props;
  const known = useValue(model.clients.known);
  const problem = useValue(model.clients.problem);
  const overview = useValue(model.overview);
  const key = JSON.stringify(query);
  useEffect(() => model.clients.choose(query), [key]);
  const chosen = useMemo(() => chosenClients(known?.items.values() ?? [], query), [known, key]);
  const choose = (next: Partial<ClientQuery>): void => {
    router.replace({ view: 'clients', query: { ...query, page: 1, ...next } });
  };
  const turnTo = (page: number): void => {
    scrollTo(0, 0);
    router.go({ view: 'clients', query: { ...query, page } });
  };
  return html`
    <div class="view">
      <div class="view-head">
        <h1 tabindex="-1">Clients</h1>
        <p class="quiet" role="status">${known !== undefined && countLine(known, chosen.length, overview?.clients.total)}</p>
      </div>
      ${problem !== undefined && html`<${Notice} tone="bad">The list of clients did not come: ${problem}</${Notice}>`}
      <${ClientToolbar} query=${query} transports=${overview?.transports ?? []} counts=${overview?.clients} onChoose=${choose} />
      ${known?.partial === true && known.pages > 1 && html`<${ClientPages} known=${known} onTurn=${turnTo} />`}
      ${known === undefined && problem === undefined && html`<p class="quiet">Asking the gateway …</p>`}
      ${
        known?.items.size === 0 && known.total === 0 && !isNarrow(query)
          ? html`<${Nobody} command=${pubCommand(overview?.transports ?? [], location.hostname)} />`
          : known !== undefined &&
            (
              chosen.length === 0
                ? html`
                  <${Empty} title="No client fits">
                    <p>Nobody is there with this search, state and transport.</p>
                    <button type="button" class="button" onClick=${() => choose(ALL_CLIENTS)}>Show all clients</button>
                  </${Empty}>
                `
                : html`
                  <${ClientGrid} clients=${chosen} known=${known} query=${query} clock=${model.clock} onChoose=${choose} onOpen=${(clientId: string) => router.go({ view: 'client', clientId })} />
                `
            )
      }
    </div>
  `;
}

function Nobody({ command }: { readonly command: string | undefined }): Shown {
  return html`
    <${Empty} title="No client has come yet">
      <p>As soon as a sensor connects, it is here.${command !== undefined && ' To try it without one:'}</p>
      ${command !== undefined && html`<${Command} text=${command} />`}
    </${Empty}>
  `;
}

function isNarrow({ search, state, transport }: ClientQuery): boolean {
  return search !== '' || state !== '' || transport !== '';
}

/** `inAll`: clients of the gateway, where `known` has only those that fit. */
function countLine({ total, partial, items, first }: KnownClients, chosen: number, inAll = total): string {
  if (partial && total > items.size) {
    return `${countText(first + 1)} to ${countText(first + items.size)} of ${countText(total)}`;
  }
  const all = partial ? Math.max(inAll, total) : total;
  return chosen === all ? `${countText(all)} in all` : `${countText(chosen)} of ${countText(all)}`;
}
