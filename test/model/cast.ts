import type { Random } from '../crash/random.ts';
import type { Sent } from './account.ts';
import { Group } from './group.ts';
import type { Site } from './site.ts';
import { Subject } from './subject.ts';
import { SHARED } from './topics.ts';
import type { Variant } from './variants.ts';

/** Members of each group that has a shared subscription. */
const MEMBERS = 3;

export interface Cast {
  /** Clients with subscriptions of their own, and the members of the groups behind them. */
  readonly subjects: readonly Subject[];
  readonly groups: readonly Group[];
}

/** Who is there. `fork`: chances of its own for each of them. */
export function castOf(
  { breaks, copies, sameQos, prefix = '' }: Variant,
  { gatewayPort, retryInterval, broker, excuses }: Site,
  { clients, sent, fork }: { clients: number; sent: ReadonlyMap<string, Sent>; fork: () => Random },
): Cast {
  const rough = breaks.length > 0;
  const rules = { rough, copies, sameQos, excuses };
  const begun = performance.now();
  const common = { gatewayPort, retryInterval, brokerUrl: broker.url, prefix, rules, sent, begun };
  const subjects: Subject[] = [];
  for (let n = 0; n < clients; n += 1) {
    const predefined = !rough && n % 2 === 0;
    subjects.push(new Subject({ ...common, clientId: `c${n}`, predefined, random: fork() }));
  }
  const groups = SHARED.map((filter) => new Group(filter, rules));
  for (const [index, group] of groups.entries()) {
    for (let n = 0; n < MEMBERS; n += 1) {
      subjects.push(new Subject({ ...common, clientId: `m${index}${n}`, predefined: false, random: fork(), group }));
    }
  }
  return { subjects, groups };
}
