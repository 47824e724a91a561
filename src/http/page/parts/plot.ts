import { html, type Shown, useEffect, useRef } from '../library/html.ts';
import { uPlot } from '../library/plotting.ts';

export interface PlotLine {
  /** One for each time. */
  readonly values: readonly number[];
  /** Colour, with or without a filled area below. */
  readonly tone: 'first' | 'second';
}

export interface PlotProps {
  /** What is to be seen, in words. */
  readonly label: string;
  /** Seconds since 1970, ascending. */
  readonly time: readonly number[];
  readonly lines: readonly PlotLine[];
  /** The upper end of the scale is at least this. */
  readonly atLeast: number;
  readonly format: (value: number) => string;
  /** Told which of the times is pointed at; undefined: none. */
  readonly onPoint: (index: number | undefined) => void;
}

/** Seconds that are shown at most, and at least: a gateway that has just been started has no last hour. */
const LONGEST = 3_600;
const SHORTEST = 300;
const HEIGHT = 144;

/** Lines over the last hour. All plots of a page point at the same time. */
export function Plot(props: PlotProps): Shown {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const host = place.current;
    if (host === null) {
      return;
    }
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(options(host, latest), dataOf(latest.current), host);
    };
    make();
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    const size = new ResizeObserver(() => plot.current?.setSize({ width: host.clientWidth, height: HEIGHT }));
    size.observe(host);
    return () => {
      scheme.removeEventListener('change', make);
      size.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);

  useEffect(() => plot.current?.setData(dataOf(props)), [props.time]);

  return html`<div class="plot" role="img" aria-label=${props.label} ref=${place}></div>`;
}

function dataOf({ time, lines }: PlotProps): uPlot.AlignedData {
  return [[...time], ...lines.map(({ values }) => [...values])];
}

function options(host: HTMLElement, latest: { readonly current: PlotProps }): uPlot.Options {
  const style = getComputedStyle(host);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const font = `11px ${style.fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: colour('text-muted'),
    font,
    grid: { stroke: colour('plot-grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: host.clientWidth,
    height: HEIGHT,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'last-hour' },
      y: false,
      drag: { x: false, y: false },
      points: { size: 7 },
    },
    scales: {
      x: { time: true, range: (_, min, max) => [max - Math.min(LONGEST, Math.max(SHORTEST, max - min)), max] },
      y: { range: (_, _min, max) => [0, Math.max(latest.current.atLeast, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 60,
        size: 20,
        gap: 4,
        values: (_, times) => times.map((time) => clock.format(time * 1_000)),
      },
      { ...axis, space: 32, size: 46, gap: 6, values: (_, values) => values.map(latest.current.format) },
    ],
    series: [
      {},
      ...latest.current.lines.map(
        ({ tone }): uPlot.Series => ({
          stroke: colour(`plot-${tone}`),
          ...(tone === 'first' ? { fill: colour('plot-area') } : { dash: [4, 3] }),
          width: 1.75,
          points: { show: false },
        }),
      ),
    ],
    hooks: {
      setCursor: [(plot) => latest.current.onPoint(plot.cursor.idx ?? undefined)],
    },
  };
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
