import { html, type Shown } from '../library/html.ts';
import { ageText, wholeTimeText } from '../model/format.ts';
import type { GatewayClock } from '../model/gateway-clock.ts';
import { ticks } from './ticks.ts';
import { useValue } from './use-value.ts';

/** For how long something is so, since `time` (ISO 8601): `for 3 min`; since when exactly, for whoever points at it. */
export function TimeSince({ time, clock }: { readonly time: string; readonly clock: GatewayClock }): Shown {
  useValue(ticks);
  const millis = Date.parse(time);
  const seconds = (clock.now() - millis) / 1_000;
  return html`<time datetime=${time} title=${`since ${wholeTimeText(millis)}`}>for ${ageText(seconds)}</time>`;
}
