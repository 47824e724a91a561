import type { ClientStateName } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { STATE_MEANING } from '../model/client-states.ts';
import { Icon } from './icon.ts';

/** The state of a client: a word, a shape and a colour. */
export function StateBadge({ state }: { readonly state: ClientStateName }): Shown {
  const { label, meaning } = STATE_MEANING[state];
  return html`<span class="badge state-${state}" title=${meaning}><${Icon} name=${state} />${label}</span>`;
}
