import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown, useEffect, useMemo, useState } from '../library/html.ts';
import { durationText } from '../model/format.ts';
import { FrameTrace, type TraceState } from '../model/frame-trace.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { Card } from '../parts/card.ts';
import { Notice } from '../parts/notice.ts';
import { ticks } from '../parts/ticks.ts';
import { useValue } from '../parts/use-value.ts';
import { FrameList } from './frame-list.ts';

/** How long a trace may be, in seconds. */
const SPANS = [60, 300, 600];

/** The frames of a client, decoded as they come and go. It ends by itself. */
export function TraceCard(props: {
  readonly client: ClientDetail;
  readonly model: GatewayModel;
  readonly isAllowed: boolean;
}): Shown {
  const { client, model, isAllowed } = props;
  const { clientId, traceUntil } = client;
  const trace = useMemo(() => new FrameTrace(model.api, model.openStream, clientId), [clientId]);
  const state = useValue(trace.state);
  const lines = useValue(trace.lines);
  const [withOctets, setWithOctets] = useState(false);
  useEffect(() => {
    // It was on before this page looked: as after it was loaded again.
    if (traceUntil !== null && isAllowed) {
      trace.attach(Date.parse(traceUntil));
    }
    return () => trace.leave();
  }, [trace, isAllowed]);

  const tools = html`
    <div class="trace-tools">
      ${
        lines.length > 0 &&
        html`
          <label class="check">
            <input type="checkbox" checked=${withOctets} onChange=${() => setWithOctets(!withOctets)} /><span>Octets</span>
          </label>
        `
      }
      ${
        state.until === undefined
          ? html`<${Start} isAllowed=${isAllowed} onStart=${(seconds: number) => void trace.start(seconds)} />`
          : html`<button type="button" class="button" onClick=${() => void trace.stop()}>Stop</button>`
      }
    </div>
  `;
  return html`
    <${Card} title="Frames" aside=${tools}>
      <p class="quiet">
        <span role="status">${stateText(state)}</span>
        ${state.until !== undefined && html` <${TimeLeft} until=${state.until} model=${model} />`}
      </p>
      ${state.problem !== undefined && html`<${Notice} tone="bad">${state.problem}</${Notice}>`}
      ${(lines.length > 0 || state.until !== undefined) && html`<${FrameList} lines=${lines} withOctets=${withOctets} />`}
    </${Card}>
  `;
}

function Start(props: { readonly isAllowed: boolean; readonly onStart: (seconds: number) => void }): Shown {
  const { isAllowed, onStart } = props;
  const [seconds, setSeconds] = useState(60);
  const choose = (event: Event): void => setSeconds(Number((event.target as HTMLSelectElement).value));
  return html`
    <label class="choice">
      <span class="sr-only">For how long</span>
      <select value=${String(seconds)} disabled=${!isAllowed} onChange=${choose}>
        ${SPANS.map((span) => html`<option key=${span} value=${String(span)}>for ${durationText(span)}</option>`)}
      </select>
    </label>
    <button type="button" class="button" disabled=${!isAllowed} onClick=${() => onStart(seconds)}>Show frames</button>
  `;
}

function stateText({ until, ended }: TraceState): string {
  if (until !== undefined) {
    return 'Frames are shown as they come and go.';
  }
  return ended
    ? 'The trace is over.'
    : 'What this client and the gateway say to each other, frame by frame; payloads only where logging.payloads is on.';
}

function TimeLeft({ until, model }: { readonly until: number; readonly model: GatewayModel }): Shown {
  useValue(ticks);
  return html`<span aria-hidden="true">Ends in ${durationText((until - model.clock.now()) / 1_000)}.</span>`;
}
