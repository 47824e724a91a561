import { html, type Shown } from '../library/html.ts';
import { durationText } from '../model/format.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { Icon } from '../parts/icon.ts';
import { ticks } from '../parts/ticks.ts';
import { useValue } from '../parts/use-value.ts';

/** Says that what is shown is old, while there is no connection; or that the page itself is. */
export function ConnectionBanner({ model }: { readonly model: GatewayModel }): Shown {
  const connection = useValue(model.connection);
  const problem = useValue(model.problem);
  const isOutdated = useValue(model.isOutdated);
  if (connection.state === 'lost') {
    return html`
      <div class="banner banner-bad">
        <${Icon} name="error" />
        <p>
          <strong>Connection lost, trying again.</strong>
          ${' '}${problem ?? html`What you see is <${Age} since=${connection.since} /> old.`}
        </p>
        <button type="button" class="button button-small" onClick=${() => model.tryNow()}>Try now</button>
      </div>
    `;
  }
  if (problem !== undefined) {
    return html`<div class="banner banner-bad" role="alert"><${Icon} name="error" /><p>${problem}</p></div>`;
  }
  if (isOutdated) {
    return html`
      <div class="banner" role="status">
        <${Icon} name="info" />
        <p>The gateway is of another version now than this page.</p>
        <button type="button" class="button button-small" onClick=${() => location.reload()}>Load it again</button>
      </div>
    `;
  }
  return null;
}

function Age({ since }: { readonly since: number }): Shown {
  useValue(ticks);
  return durationText((Date.now() - since) / 1_000);
}
