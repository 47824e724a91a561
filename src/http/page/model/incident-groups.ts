import type { Incident } from '../../api-contract.ts';

/** An incident with its number in this page: one that nobody else has. */
export interface NumberedIncident extends Incident {
  readonly number: number;
}

/** Incidents that say the same. */
export interface IncidentGroup {
  /** The newest of them. */
  readonly incident: NumberedIncident;
  readonly count: number;
}

/** Incidents, newest first, of which those that say the same of the same stand together where the newest of them is. */
export function incidentGroups(incidents: readonly NumberedIncident[]): readonly IncidentGroup[] {
  const groups = new Map<string, { readonly incident: NumberedIncident; count: number }>();
  for (const incident of incidents) {
    const { event, text, clientId, link } = incident;
    const key = JSON.stringify([event, text, clientId, link]);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { incident, count: 1 });
    } else {
      group.count += 1;
    }
  }
  return [...groups.values()];
}

const WEIGHT: Readonly<Record<Incident['level'], number>> = { error: 2, warn: 1, info: 0 };

/** So many of the groups, in their order: what is to be done first stays in sight, however many notes have come since. */
export function mostTelling(groups: readonly IncidentGroup[], count: number): readonly IncidentGroup[] {
  const byWeight = groups.toSorted((one, other) => WEIGHT[other.incident.level] - WEIGHT[one.incident.level]);
  const chosen = new Set(byWeight.slice(0, count));
  return groups.filter((group) => chosen.has(group));
}
