import type { Overview } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { durationText, wholeTimeText } from '../model/format.ts';
import { Card } from '../parts/card.ts';
import { Icon } from '../parts/icon.ts';

/** The gateway itself: how long it runs, which version, and what wants a restart. */
export function GatewayCard({ overview }: { readonly overview: Overview }): Shown {
  const { version, gwId, startedAt, uptime, needsRestart, access, accessHint } = overview;
  return html`
    <${Card} title="Gateway" tone=${needsRestart.length > 0 ? 'warn' : undefined}>
      <p class="headline">
        <span class="tone-good"><${Icon} name="ok" /></span>
        <span title=${`Started ${wholeTimeText(Date.parse(startedAt))}`}>Up for ${durationText(uptime)}</span>
      </p>
      <p>Version ${version}, gateway id ${gwId}</p>
      ${
        needsRestart.length > 0 &&
        html`<p class="reason">Changed in the settings, in effect after a restart: ${needsRestart.join(', ')}</p>`
      }
      <p class="quiet">${access === 'read' ? html`<span title=${accessHint}><${Icon} name="lock" /> You may look, not act.</span>` : 'You may look and act.'}</p>
    </${Card}>
  `;
}
