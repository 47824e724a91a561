import type { Overview } from '../../api-contract.ts';
import { html, type Shown } from '../library/html.ts';
import { pubCommand } from '../model/pub-command.ts';
import { Command } from '../parts/command.ts';
import { Empty } from '../parts/empty.ts';

/** Where no client has come yet: how to be one. */
export function FirstSteps(props: Pick<Overview, 'transports' | 'broker'>): Shown {
  const { transports, broker } = props;
  const command = pubCommand(transports, location.hostname);
  return html`
    <section class="card" aria-label="First steps">
      <${Empty} title="No client has come yet">
        ${
          command === undefined
            ? html`<p>The gateway has no UDP transport to try it with: switch a sensor on, and it appears here.</p>`
            : html`
                <p>Send a message as a sensor would, from the folder of the gateway, and see the client appear:</p>
                <${Command} text=${command} />
              `
        }
        ${broker.state === 'unreachable' && html`<p class="reason">The broker cannot be reached, so clients are not let in: ${broker.reason ?? ''}</p>`}
      </${Empty}>
    </section>
  `;
}
