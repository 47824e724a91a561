/** The parts of a plan that can be left out one by one, in a fixed order: what is left is a plan as well. */
import type { MediumPlan, Plan } from './plan.ts';

/** After the last part that is left everything goes on for a while as it was. */
const AFTERMATH = 240_000;

/** How many there are. */
export function countParts(plan: Plan): number {
  const actions = plan.clients.reduce((sum, client) => sum + 1 + client.actions.length, 0);
  return actions + plan.events.length + 3 * plan.media.length + 1;
}

/** The plan with those parts only. `keeps` has their numbers; undefined: all. */
export function withParts(plan: Plan, keeps: ReadonlySet<number> | undefined): Plan {
  if (keeps === undefined) {
    return plan;
  }
  let next = 0;
  const stays = (): boolean => keeps.has(next++);
  const clients = plan.clients.flatMap((client) => {
    const isThere = stays();
    const actions = client.actions.filter(() => stays());
    return isThere ? [{ ...client, actions }] : [];
  });
  const events = plan.events.filter(() => stays());
  const media = plan.media.map((medium): MediumPlan => {
    const loss = stays() ? medium.loss : 0;
    const copies = stays() ? medium.copies : 0;
    const isNoisy = stays();
    return { ...medium, loss, copies, orderly: isNoisy ? medium.orderly : true };
  });
  const burst = stays();
  const times = [...clients.flatMap((client) => client.actions), ...events].map(({ at }) => at);
  const healed = Math.min(plan.healed, Math.max(0, ...times) + AFTERMATH);
  return { ...plan, clients, events, media, burst, healed, end: healed + plan.end - plan.healed };
}

/** Numbers as ranges: `0-3,7`. */
export function inRanges(numbers: Iterable<number>): string {
  const ranges: string[] = [];
  let first = -1;
  let last = -2;
  const end = (): void => {
    if (first >= 0) {
      ranges.push(first === last ? `${first}` : `${first}-${last}`);
    }
  };
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (number !== last + 1) {
      end();
      first = number;
    }
    last = number;
  }
  end();
  return ranges.join(',');
}

/** The other way round. */
export function fromRanges(text: string): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const range of text.split(',').filter((part) => part !== '')) {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    for (let number = first; number <= last; number++) {
      numbers.add(number);
    }
  }
  return numbers;
}
