/** What a gateway serves at /metrics, taken apart. */
export interface ServedMetrics {
  /** As in `# TYPE`. */
  readonly families: ReadonlySet<string>;
  /** What can be asked for: of a histogram its buckets, sum and count. */
  readonly names: ReadonlySet<string>;
  /** By name: its labels with the values that they have. */
  readonly labels: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** By name, with labels as they are written. */
  readonly values: ReadonlyMap<string, number>;
}

/** Reads the text format. */
export function servedMetrics(text: string): ServedMetrics {
  const families = new Set<string>();
  const names = new Set<string>();
  const labels = new Map<string, Map<string, Set<string>>>();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, family, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (family !== undefined) {
      families.add(family);
      for (const name of type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => family + part) : [family]) {
        names.add(name);
        labels.set(name, new Map());
      }
    }
    const [, series, value] = /^([^#\s].*) (\S+)$/.exec(line) ?? [];
    if (series !== undefined) {
      values.set(series, Number(value));
    }
    const [, name, pairs] = /^([a-z_][a-z0-9_]*)\{(.*)\} \S+$/.exec(line) ?? [];
    for (const [, label = '', value = ''] of (pairs ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
      const known = labels.get(name ?? '') ?? new Map<string, Set<string>>();
      labels.set(name ?? '', known.set(label, (known.get(label) ?? new Set()).add(value)));
    }
  }
  return { families, names, labels, values };
}
