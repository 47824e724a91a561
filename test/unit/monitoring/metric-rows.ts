import { servedMetrics } from '../../support/served-metrics.ts';

/** The rows of the table in docs/monitoring.md: name, type, labels and meaning of all metrics of the gateway, as they are served. */
export function metricRows(text: string): string[] {
  const { labels } = servedMetrics(text);
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const meanings = [...text.matchAll(/^# HELP (mqttsn_\S+) (.*)$/gm)];
  return meanings.map(([, name = '', help = '']) => {
    const type = types.get(name) ?? '';
    const own = [...(labels.get(type === 'histogram' ? `${name}_bucket` : name)?.keys() ?? [])];
    const told = own.filter((label) => label !== 'le').map((label) => `\`${label}\``);
    return `| \`${name}\` | ${type} | ${told.join(', ')} | ${help} |`;
  });
}
