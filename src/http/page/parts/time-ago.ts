import { html, type Shown } from '../library/html.ts';
import { relativeText, wholeTimeText } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { ticks } from './ticks.ts';
import { useValue } from './use-value.ts';

/** How long ago `time` (ISO 8601) was, or how long it is until then; when exactly, for whoever points at it. */
export function TimeAgo({ time, clock }: { readonly time: string; readonly clock: GatewayClock }): Shown {
  useValue(ticks);
  const millis = Date.parse(time);
  return html`<time datetime=${time} title=${wholeTimeText(millis)}>${relativeText(millis, clock.now())}</time>`;
}
