/** For whoever watches over the gateway: health, and numbers for Prometheus. */
import { aliveAnswer, type HealthAnswer, readyAnswer } from '../health/health-answers.ts';
import type { MetricsAnswer } from '../metrics/metrics-answer.ts';
import type { MetricsSource } from '../metrics/scrape.ts';
import { type Route, route } from '../route.ts';

export interface WatchRoutesParts extends MetricsSource {
  readonly loop: MetricsSource['loop'] & Parameters<typeof aliveAnswer>[1];
}

/** Whether it lives and can work anybody may ask: systems that watch over it have no passwords, and the answers name nothing secret. */
export function watchRoutes(parts: WatchRoutesParts): readonly Route[] {
  let metrics: (() => Promise<MetricsAnswer>) | undefined;
  const health = (path: string, summary: string, answer: () => HealthAnswer) =>
    route({
      ...{ method: 'GET', path, audience: 'anybody', summary, answerType: 'application/json' },
      handle: () => answer(),
    });
  return [
    health('/healthz', 'Whether the gateway lives: event loop and disk', () => aliveAnswer(parts.site, parts.loop)),
    health('/readyz', 'Whether it can work: transports and broker', () => readyAnswer(parts.site)),
    route({
      method: 'GET',
      path: '/metrics',
      audience: 'viewers',
      summary: 'Numbers for Prometheus',
      cost: 10,
      handle: async () => {
        // Loaded when somebody asks: the library takes as much memory as the rest of the page.
        metrics ??= (await import('../metrics/metrics-answer.ts')).metricsAnswers(parts);
        return metrics();
      },
    }),
  ];
}
