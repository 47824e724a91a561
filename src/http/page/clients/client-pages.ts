import { html, type Shown } from '../library/html.ts';
import { MOST_CLIENTS } from '../model/api-client.ts';
import type { KnownClients } from '../model/client-list.ts';
import { countText } from '../model/format.ts';

/** Where there are more clients than are told at once: which page of them is shown, and the ways to the others. */
export function ClientPages(props: { readonly known: KnownClients; readonly onTurn: (page: number) => void }): Shown {
  const { known, onTurn } = props;
  const page = Math.floor(known.first / MOST_CLIENTS) + 1;
  return html`
    <nav class="pages" aria-label="Pages of clients">
      <button type="button" class="button" disabled=${page <= 1} onClick=${() => onTurn(page - 1)}>Previous</button>
      <span>Page ${countText(page)} of ${countText(known.pages)}</span>
      <button type="button" class="button" disabled=${page >= known.pages} onClick=${() => onTurn(page + 1)}>Next</button>
    </nav>
  `;
}
