import type { MetricsSource } from '../../../../src/http/metrics/scrape.ts';
import { Counters } from '../../../../src/observe/counters.ts';
import { DropReasons } from '../../../../src/observe/drop-reasons.ts';
import { RefusalReasons } from '../../../../src/observe/refusal-reasons.ts';
import type { Note } from '../../../../src/ports/observer.ts';
import { NOTES } from '../../observe/notes.ts';
import { NO_TIMES, siteAtRest } from '../site-at-rest.ts';

/** Three clients are there, two asleep, one is lost. */
export const COUNTS_OF_STATES = { active: 3, asleep: 2, awake: 0, lost: 1, disconnected: 0 };

/** A gateway to which these notes came; nothing else has happened there. */
export function gatewayWith(notes: readonly Note[], more: Partial<MetricsSource> = {}): MetricsSource {
  const counters = new Counters();
  const drops = new DropReasons();
  const refusals = new RefusalReasons();
  for (const note of notes) {
    counters.note(note);
    drops.note(note);
    refusals.note(note);
  }
  return {
    site: siteAtRest({ counts: () => counters.snapshot() }),
    sessions: { census: () => new Map([['udp', COUNTS_OF_STATES]]) },
    drops,
    refusals,
    loop: { distribution: () => NO_TIMES },
    limits: { sessions: 10_000, qos0Octets: 65_536, queueOctets: 1_048_576 },
    ...more,
  };
}

/** A gateway on which everything has happened once. */
export function busyGateway(): MetricsSource {
  return gatewayWith(Object.values(NOTES));
}
