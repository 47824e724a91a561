import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { metricsAnswers } from '../../../src/http/metrics/metrics-answer.ts';
import { promtool } from '../../support/promtool.ts';
import { type ServedMetrics, servedMetrics } from '../../support/served-metrics.ts';
import { busyGateway } from '../http/metrics/busy-gateway.ts';
import { metricRows } from './metric-rows.ts';
import { metricNamesIn, unknownLabels } from './promql.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CONFIG = join(ROOT, 'config');
const RULES = join(CONFIG, 'prometheus/mqtt-sn-gateway.rules.yml');
const DASHBOARD = join(CONFIG, 'grafana/mqtt-sn-gateway.json');
const STORIES = ['alerts.yaml', 'alerts-of-days.yaml'].map((name) => join(ROOT, 'fixtures/monitoring', name));

/** The data source that whoever imports it chooses. */
const CHOSEN = /^\$\{datasource\}$/;

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string; readonly datasource: unknown }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
/** Everything that the dashboard asks for, with what Grafana puts in the place of its variables. */
const queries = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.annotations.list.flatMap(({ expr }) => expr ?? []),
].map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(job|instance)/g, '.*'));
let text: string;
let served: ServedMetrics;
let folder: string;

beforeAll(async () => {
  text = (await metricsAnswers(busyGateway())()).content;
  served = servedMetrics(text);
  folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('alert rules', () => {
  it('are taken by Prometheus, with the example of its configuration', () => {
    expect(promtool(['check', 'rules', RULES])).toBe('');
    expect(promtool(['check', 'config', join(CONFIG, 'prometheus/prometheus.yml')])).toBe('');
  });

  it('alert in the stories in which they should, and in no other', () => {
    expect(promtool(['test', 'rules', ...STORIES])).toBe('');
  });

  it('have a story each', () => {
    const stories = STORIES.map((file) => readFileSync(file, 'utf8')).join('\n');
    expect(rules.map(({ alert }) => alert).filter((alert) => !stories.includes(alert))).toEqual([]);
    expect(rules.length).toBeGreaterThan(15);
  });

  it('say what is wrong, where, and what to do', () => {
    for (const { alert, labels, annotations } of rules) {
      expect({ alert, severity: labels.severity }).toEqual({
        alert,
        severity: expect.stringMatching(/^(critical|warning)$/),
      });
      expect(annotations.summary).toMatch(/\{\{ \$labels\.instance \}\}/);
      expect(annotations.description.length).toBeGreaterThan(60);
    }
  });

  it('name nothing that is not served', () => {
    for (const { alert, expr } of rules) {
      const unknown = metricNamesIn(expr).filter((name) => name !== 'up' && !served.names.has(name));
      expect({ alert, unknown, labels: unknownLabels(expr, served) }).toEqual({ alert, unknown: [], labels: [] });
    }
  });
});

describe('the documentation', () => {
  it('has a row for each metric, and for no other', () => {
    const lines = readFileSync(join(ROOT, 'docs/monitoring.md'), 'utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('| `mqttsn_'))).toEqual(metricRows(text));
  });
});

describe('the dashboard', () => {
  it('has queries that Prometheus understands', () => {
    const file = join(folder, 'queries.yml');
    const recorded = queries.map((expr, n) => ({ record: `query_${n}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules: recorded }] }));
    expect(queries.length).toBeGreaterThan(50);
    expect(promtool(['check', 'rules', file])).toBe('');
  });

  it('asks for nothing that is not served', () => {
    for (const expr of queries) {
      const unknown = metricNamesIn(expr).filter((name) => !served.names.has(name));
      expect({ expr, unknown, labels: unknownLabels(expr, served) }).toEqual({ expr, unknown: [], labels: [] });
    }
    for (const { definition } of dashboard.templating.list) {
      expect(metricNamesIn(definition ?? '').filter((name) => !served.names.has(name))).toEqual([]);
    }
  });

  it('shows all that is served of the gateway', () => {
    const shown = new Set(queries.flatMap(metricNamesIn).map(familyOf));
    const own = [...served.families].filter((name) => name.startsWith('mqttsn_'));
    const elsewhere = [
      'mqttsn_gateway_info', // what the variables are made of
      'mqttsn_sessions_limit', // in the alert rules
      'mqttsn_topics_registered_total',
      'mqttsn_subscription_changes_total',
      'mqttsn_upstream_since_timestamp_seconds',
    ];
    expect(own.filter((name) => !shown.has(name)).sort()).toEqual(elsewhere.sort());
  });

  it('imports anywhere: it asks for its data source, and names no other', () => {
    const text = readFileSync(DASHBOARD, 'utf8');
    expect(dashboard.uid).toBe('mqtt-sn-gateway');
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
    const sources = [...text.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    const known = ['-- Grafana --', dashboard.uid];
    expect(sources.filter((uid = '') => !CHOSEN.test(uid) && !known.includes(uid))).toEqual([]);
    for (const { targets = [] } of dashboard.panels) {
      for (const target of targets) {
        expect(target.datasource).toEqual({ type: 'prometheus', uid: expect.stringMatching(CHOSEN) });
      }
    }
  });

  it('has panels that say what they show, and that do not cover each other', () => {
    const taken = new Map<string, string>();
    for (const { type, title, description, gridPos, targets } of dashboard.panels) {
      if (type !== 'row') {
        expect({ title, said: (description ?? '').length > 0, asks: (targets ?? []).length > 0 }).toEqual({
          title,
          said: true,
          asks: true,
        });
      }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.get(`${x} ${y}`)]).toEqual([title, undefined]);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

function familyOf(name: string): string {
  return served.families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
}
