import { html, type Shown } from '../library/html.ts';
import { durationText } from '../model/format.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { Icon } from '../parts/icon.ts';
import { ticks } from '../parts/ticks.ts';
import { useValue } from '../parts/use-value.ts';

/** Says that what is shown is old, while there is no connection. */
export function ConnectionBanner({ model }: { readonly model: GatewayModel }): Shown {
  const connection = useValue(model.connection);
  const problem = useValue(model.problem);
  if (connection.state !== 'lost') {
    return problem === undefined
      ? null
      : html`<div class="banner banner-bad" role="alert"><${Icon} name="error" /><p>${problem}</p></div>`;
  }
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

function Age({ since }: { readonly since: number }): Shown {
  useValue(ticks);
  return durationText((Date.now() - since) / 1_000);
}
