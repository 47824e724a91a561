/** The text format of Prometheus, version 0.0.4. */
import type { Distribution } from '../../ports/site.ts';
import type { Family, Labels } from './family.ts';
import type { Scrape } from './scrape.ts';

/** Lines that had these labels last time: what is before their values. */
interface Known {
  readonly labels: Labels;
  readonly starts: readonly string[];
}

interface Written {
  readonly family: Family;
  /** What is told of the family itself. */
  readonly head: string;
  /** By the place of the sample: it is nearly always the same. */
  readonly known: Known[];
}

/**
 * Writes families. Somebody asks every few seconds for some hundred lines, by code that runs too seldom to be compiled well: so what does not change of a line,
 * name and labels, is kept from one time to the next.
 */
export class MetricsText {
  readonly #families: readonly Written[];

  constructor(families: readonly Family[]) {
    this.#families = families.map((family) => {
      const { name, help, type } = family;
      return { family, head: `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`, known: [] };
    });
  }

  /** All of them at this moment; each line has its end. */
  text(scrape: Scrape): string {
    let text = '';
    for (const { family, head, known } of this.#families) {
      text += head;
      let place = 0;
      if (family.type === 'histogram') {
        for (const { labels, distribution } of family.samples(scrape)) {
          text += histogramLines(startsOfHistogram(family.name, known, place++, labels, distribution), distribution);
        }
      } else {
        for (const { labels, value } of family.samples(scrape)) {
          text += `${startOf(family.name, known, place++, labels)}${written(value)}\n`;
        }
      }
      text += '\n';
    }
    return text;
  }
}

function startOf(name: string, known: Known[], place: number, labels: Labels): string {
  const before = known[place];
  if (before !== undefined && isSame(before.labels, labels)) {
    return before.starts[0] ?? '';
  }
  const start = `${name}${labelText(labels)} `;
  known[place] = { labels, starts: [start] };
  return start;
}

/** Of each bucket, of the sum and of the count. The bounds of a family are always the same. */
function startsOfHistogram(
  name: string,
  known: Known[],
  place: number,
  labels: Labels,
  { bounds, counts }: Distribution,
): readonly string[] {
  const before = known[place];
  if (before !== undefined && before.starts.length === counts.length + 2 && isSame(before.labels, labels)) {
    return before.starts;
  }
  const own = labelText(labels);
  const starts = counts.map((_, n) => {
    const bound = bounds[n];
    const le = bound === undefined ? '+Inf' : String(seconds(bound));
    return `${name}_bucket${labelText({ ...labels, le })} `;
  });
  starts.push(`${name}_sum${own} `, `${name}_count${own} `);
  known[place] = { labels, starts };
  return starts;
}

function histogramLines(starts: readonly string[], { counts, sum }: Distribution): string {
  let lines = '';
  let count = 0;
  for (let n = 0; n < counts.length; n++) {
    count += counts[n] ?? 0;
    lines += `${starts[n]}${count}\n`;
  }
  return `${lines}${starts[counts.length]}${written(seconds(sum))}\n${starts[counts.length + 1]}${count}\n`;
}

/** Whether both have the same values, under names that are those of the family. */
function isSame(one: Labels, other: Labels): boolean {
  if (one === other) {
    return true;
  }
  for (const name in one) {
    if (one[name] !== other[name]) {
      return false;
    }
  }
  return true;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function written(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

/** Of milliseconds; 2.5 ms are 0.0025 s, and not 0.0025000000000000001. */
function seconds(milliseconds: number): number {
  return Number((milliseconds / 1000).toPrecision(12));
}
