import type { ClientDetail } from '../../api-contract.ts';
import { html, type Shown, useEffect, useMemo, useRef, useState } from '../library/html.ts';
import { durationText, preciseClockText } from '../model/format.ts';
import { FrameTrace, type NumberedFrame } from '../model/frame-trace.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { Card } from '../parts/card.ts';
import { Icon } from '../parts/icon.ts';
import { Notice } from '../parts/notice.ts';
import { ticks } from '../parts/ticks.ts';
import { useValue } from '../parts/use-value.ts';

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
  const trace = useMemo(() => new FrameTrace(model.api, clientId), [clientId]);
  const state = useValue(trace.state);
  const frames = useValue(trace.frames);
  const [seconds, setSeconds] = useState(60);
  const [withOctets, setWithOctets] = useState(false);
  useEffect(() => {
    // It was on before this page looked: as after it was loaded again.
    if (traceUntil !== null && isAllowed) {
      trace.attach(Date.parse(traceUntil));
    }
    return () => trace.leave();
  }, [trace, isAllowed]);

  const isOn = state.until !== undefined;
  return html`
    <${Card}
      title="Frames"
      aside=${html`
        <div class="trace-tools">
          ${frames.length > 0 && html`<label class="check"><input type="checkbox" checked=${withOctets} onChange=${() => setWithOctets(!withOctets)} /><span>Octets</span></label>`}
          ${
            isOn
              ? html`<button type="button" class="button" onClick=${() => void trace.stop()}>Stop</button>`
              : html`
                  <label class="choice">
                    <span class="sr-only">For how long</span>
                    <select value=${String(seconds)} disabled=${!isAllowed} onChange=${(event: Event) => setSeconds(Number((event.target as HTMLSelectElement).value))}>
                      ${SPANS.map((span) => html`<option key=${span} value=${String(span)}>for ${durationText(span)}</option>`)}
                    </select>
                  </label>
                  <button type="button" class="button" disabled=${!isAllowed} onClick=${() => void trace.start(seconds)}>Show frames</button>
                `
          }
        </div>
      `}
    >
      <p class="quiet" role="status">${isOn ? 'Frames are shown as they come and go.' : state.ended ? 'The trace is over.' : 'What this client and the gateway say to each other, frame by frame. Payloads are not shown.'}
        ${isOn && html` <${TimeLeft} until=${state.until} model=${model} />`}
      </p>
      ${state.problem !== undefined && html`<${Notice} tone="bad">${state.problem}</${Notice}>`}
      ${(frames.length > 0 || isOn) && html`<${FrameList} frames=${frames} withOctets=${withOctets} />`}
    </${Card}>
  `;
}

function TimeLeft({ until, model }: { readonly until: number; readonly model: GatewayModel }): Shown {
  useValue(ticks);
  return html`<span aria-hidden="true">Ends in ${durationText((until - model.clock.now()) / 1_000)}.</span>`;
}

/** Oldest first. It follows what comes, unless somebody has scrolled up to read. */
function FrameList(props: { readonly frames: readonly NumberedFrame[]; readonly withOctets: boolean }): Shown {
  const { frames, withOctets } = props;
  const place = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (follows.current && place.current !== null) {
      place.current.scrollTop = place.current.scrollHeight;
    }
  }, [frames]);
  const onScroll = (): void => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = place.current ?? {};
    follows.current = scrollTop + clientHeight > scrollHeight - 24;
  };
  return html`
    <div class="frames" tabindex="0" role="region" aria-label="Frames" ref=${place} onScroll=${onScroll}>
      ${frames.length === 0 && html`<p class="quiet">Waiting for the next frame …</p>`}
      <ol>
        ${frames.map(
          ({ number, time, direction, text, hex }) => html`
            <li key=${number} class=${`frame frame-${direction}`}>
              <time datetime=${time}>${preciseClockText(Date.parse(time))}</time>
              <span class="frame-way"><${Icon} name=${direction === 'received' ? 'up' : 'down'} />${direction === 'received' ? 'from it' : 'to it'}</span>
              <span class="frame-text wrap">${text}${withOctets && html`<span class="frame-octets">${hex}</span>`}</span>
            </li>
          `,
        )}
      </ol>
    </div>
  `;
}
