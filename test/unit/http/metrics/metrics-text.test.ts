import { describe, expect, it } from '@jest/globals';
import type { Family, Sample } from '../../../../src/http/metrics/family.ts';
import { MetricsText } from '../../../../src/http/metrics/metrics-text.ts';
import { takeScrape } from '../../../../src/http/metrics/scrape.ts';
import { gatewayWith } from './busy-gateway.ts';

const SCRAPE = takeScrape(gatewayWith([]));

/** A text of one gauge, and the lines of its values as they are asked for. */
function gauge(labels: readonly string[], help = 'Some.'): { says(...samples: Sample[]): string[]; text(): string } {
  let now: readonly Sample[] = [];
  const family: Family = { type: 'gauge', name: 'some', help, labels, samples: () => now };
  const metrics = new MetricsText([family]);
  return {
    says: (...samples) => {
      now = samples;
      return metrics
        .text(SCRAPE)
        .split('\n')
        .filter((line) => line.startsWith('some'));
    },
    text: () => metrics.text(SCRAPE),
  };
}

describe('text of metrics', () => {
  it('says each time what is so then, also where other samples are told, or in another order', () => {
    const { says } = gauge(['name']);
    const sample = (name: string, value: number): Sample => ({ labels: { name }, value });
    expect(says(sample('a', 1), sample('b', 2))).toEqual(['some{name="a"} 1', 'some{name="b"} 2']);
    expect(says(sample('b', 3), sample('a', 4))).toEqual(['some{name="b"} 3', 'some{name="a"} 4']);
    expect(says(sample('c', 5))).toEqual(['some{name="c"} 5']);
    expect(says()).toEqual([]);
    expect(says(sample('c', 6), sample('b', 7), sample('d', 8))).toEqual([
      'some{name="c"} 6',
      'some{name="b"} 7',
      'some{name="d"} 8',
    ]);
  });

  it('tells samples apart by each of their labels', () => {
    const { says } = gauge(['one', 'other']);
    expect(says({ labels: { one: 'a', other: 'b' }, value: 1 })).toEqual(['some{one="a",other="b"} 1']);
    expect(says({ labels: { one: 'a', other: 'c' }, value: 2 })).toEqual(['some{one="a",other="c"} 2']);
  });

  it('lets nothing in a label end it', () => {
    const { says } = gauge(['name']);
    expect(says({ labels: { name: 'a"} 1\nb\\' }, value: 1 })).toEqual(['some{name="a\\"} 1\\nb\\\\"} 1']);
  });

  it('tells what it is, on one line', () => {
    expect(gauge([], 'One\nand \\ two.').text()).toBe('# HELP some One\\nand \\\\ two.\n# TYPE some gauge\n\n');
  });

  it('has words for values that are no numbers', () => {
    const { says } = gauge([]);
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, -0.5];
    expect(says(...values.map((value) => ({ labels: {}, value })))).toEqual(
      ['NaN', '+Inf', '-Inf', '1e+21', '-0.5'].map((word) => `some ${word}`),
    );
  });

  it('counts the values of a histogram up, under bounds in seconds', () => {
    let counts = [4, 3, 2];
    const labels = { qos: '1' };
    const metrics = new MetricsText([
      {
        ...{ type: 'histogram', name: 'took_seconds', help: 'Some.', labels: ['qos'] },
        samples: () => [{ labels, distribution: { bounds: [1, 2.5], counts, sum: 1_234.5 } }],
      },
    ]);
    const lines = (...values: (number | string)[]): string =>
      [
        '# HELP took_seconds Some.',
        '# TYPE took_seconds histogram',
        `took_seconds_bucket{qos="1",le="0.001"} ${values[0]}`,
        `took_seconds_bucket{qos="1",le="0.0025"} ${values[1]}`,
        `took_seconds_bucket{qos="1",le="+Inf"} ${values[2]}`,
        'took_seconds_sum{qos="1"} 1.2345',
        `took_seconds_count{qos="1"} ${values[2]}`,
        '\n',
      ].join('\n');
    expect(metrics.text(SCRAPE)).toBe(lines(4, 7, 9));
    counts = [5, 3, 2];
    expect(metrics.text(SCRAPE)).toBe(lines(5, 8, 10));
  });
});
