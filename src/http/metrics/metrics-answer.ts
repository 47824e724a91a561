import { MetricsText } from './metrics-text.ts';
import { noteFamilies } from './note-families.ts';
import { PROCESS_FAMILIES } from './process-families.ts';
import { METRICS_TYPE, processMetrics } from './process-metrics.ts';
import { type MetricsSource, takeScrape } from './scrape.ts';
import { STATE_FAMILIES } from './state-families.ts';
import { TIME_FAMILIES } from './time-families.ts';

/** What is served. */
export interface MetricsAnswer {
  readonly status: number;
  /** Content type. */
  readonly type: string;
  readonly content: string;
}

/**
 * What answers `GET /metrics`: all numbers of the gateway and its process, in the text format of Prometheus. They are taken when somebody asks; what
 * is there without being asked is in `source`.
 */
export function metricsAnswers(source: MetricsSource): () => Promise<MetricsAnswer> {
  const families = new MetricsText([...STATE_FAMILIES, ...noteFamilies(), ...TIME_FAMILIES, ...PROCESS_FAMILIES]);
  return async () => {
    const ofTheProcess = await processMetrics();
    return { status: 200, type: METRICS_TYPE, content: families.text(takeScrape(source)) + ofTheProcess };
  };
}
