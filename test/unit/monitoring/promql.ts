import type { ServedMetrics } from '../../support/served-metrics.ts';

/** Words of PromQL that stand where a metric could, followed by labels in brackets. */
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g;
const SELECTOR = /\b([a-z_][a-z0-9_]*)\{([^}]*)\}/g;
const MATCHER = /([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;
/** Labels that Prometheus adds. */
const ADDED = new Set(['job', 'instance']);

/** The metrics that a query names: those of the gateway, its process and Node.js, and `up`. */
export function metricNamesIn(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '""').replaceAll(GROUPING, ' ');
  return [...bare.matchAll(/\b(?:(?:mqttsn|process|nodejs)_[a-z0-9_]*|up)\b/g)].map(([name]) => name);
}

/** Labels that a query wants of a metric that has none of that name, and values that none of its labels ever has. */
export function unknownLabels(expr: string, served: ServedMetrics): string[] {
  const problems: string[] = [];
  for (const [, metric = '', matchers = ''] of expr.matchAll(SELECTOR)) {
    const labels = served.labels.get(metric);
    for (const [, label = '', operator = '', value = ''] of matchers.matchAll(MATCHER)) {
      if (ADDED.has(label) || metric === 'up') {
        continue;
      }
      const values = labels?.get(label);
      if (values === undefined) {
        problems.push(`${metric} has no label ${label}`);
      } else {
        const wanted = operator.endsWith('~') ? value.split('|') : [value];
        problems.push(...wanted.filter((one) => !values.has(one)).map((one) => `${metric} has no ${label} "${one}"`));
      }
    }
  }
  return problems;
}
