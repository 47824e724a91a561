import { html, type Shown, useState } from '../library/html.ts';
import { clockText } from '../model/format.ts';
import { Card } from '../parts/card.ts';
import { Icon, type IconName } from '../parts/icon.ts';
import { Plot } from '../parts/plot.ts';

export interface PlottedLine {
  /** What it is, where there is another one; else empty. */
  readonly label: string;
  readonly icon?: IconName;
  readonly unit?: string;
  readonly values: readonly number[];
  readonly now: number;
  readonly format: (value: number) => string;
}

/** A plot with its present values, or those of the time that is pointed at. */
export function PlotCard(props: {
  readonly title: string;
  /** Seconds since 1970. */
  readonly time: readonly number[];
  readonly isAsked: boolean;
  readonly atLeast: number;
  readonly lines: readonly PlottedLine[];
  /** Something more about now. */
  readonly detail?: string;
}): Shown {
  const { title, time, isAsked, atLeast, lines, detail } = props;
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const at = pointed === undefined ? undefined : time[pointed];
  const shown = lines.map((line) => ({
    ...line,
    text: line.format(at === undefined ? line.now : (line.values[pointed ?? 0] ?? 0)),
  }));
  const figures = html`
    <p class="figures">
      ${shown.map(
        ({ label, icon, unit, text }, index) => html`
          <span class="figure" key=${label}>
            ${lines.length > 1 && html`<span class=${`swatch swatch-${index === 0 ? 'first' : 'second'}`}></span>`}
            ${icon !== undefined && html`<${Icon} name=${icon} />`}
            <span class="figure-value">${text}</span>
            ${(unit ?? label) !== '' && html`<span class="figure-label">${unit ?? label}</span>`}
          </span>
        `,
      )}
      ${at === undefined ? detail !== undefined && html`<span class="figure-label">${detail}</span>` : html`<span class="figure-label">at ${clockText(at * 1_000, at * 1_000)}</span>`}
    </p>
  `;
  return html`
    <${Card} title=${title} kind="card-plot" aside=${figures}>
      ${
        time.length < 2
          ? html`<p class="plot plot-empty">${isAsked ? 'The first points come within half a minute.' : ''}</p>`
          : html`
              <${Plot}
                label=${labelText(title, lines)}
                time=${time}
                atLeast=${atLeast}
                format=${lines[0]?.format ?? String}
                lines=${lines.map(({ values }, index) => ({ values, tone: index === 0 ? 'first' : 'second' }))}
                onPoint=${setPointed}
              />
            `
      }
    </${Card}>
  `;
}

/** What the plot shows, for those who cannot see it. */
function labelText(title: string, lines: readonly PlottedLine[]): string {
  const parts = lines.map(({ label, unit = '', values, now, format }) => {
    const most = values.reduce((high, value) => Math.max(high, value), now);
    return `${label} now ${format(now)} ${unit}, at most ${format(most)} ${unit}`.replaceAll(/ +/g, ' ').trim();
  });
  return `${title} over the last hour: ${parts.join('; ')}`;
}
