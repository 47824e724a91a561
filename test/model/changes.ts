/** What a client may do besides publishing, by chance. */
import type { Random } from '../crash/random.ts';
import type { Subject } from './subject.ts';
import { MARKER, type Names, type Qos } from './topics.ts';
import { pick } from './traffic.ts';

const CLEAN = 0.3;

export interface Chances {
  readonly names: Names;
  readonly random: Random;
  readonly mayVanish: boolean;
  /** Nothing is published meanwhile, and nothing breaks. */
  readonly isCalm: boolean;
  /** Sessions may end with their connections: not where the gateway is killed, which ends them, too. */
  readonly mayBeClean: boolean;
}

/** One step of a client in whatever state it is. */
export async function change(
  subject: Subject,
  { names, random, mayVanish, isCalm, mayBeClean }: Chances,
): Promise<void> {
  const dice = random.next();
  if (isCalm) {
    await subject.calm();
  } else {
    subject.account.leavesRetainedOpen();
  }
  if (subject.state === 'absent') {
    await comeBack(subject, names, random, mayBeClean);
  } else if (subject.state === 'asleep') {
    await asleep(subject, random, dice, mayVanish);
  } else if (dice < 0.35) {
    const { filter, qos } = pick(names.filters, random);
    await subject.subscribe(filter, qos ?? (random.between(0, 2) as Qos));
  } else if (dice < 0.5) {
    await again(subject, names, random);
  } else if (dice < 0.65) {
    const filters = [...subject.filters.keys()].filter((filter) => filter !== MARKER);
    await (filters.length > 0 ? subject.unsubscribe(pick(filters, random)) : undefined);
  } else if (dice < 0.77) {
    await subject.sleep();
  } else if (dice < 0.87) {
    await subject.disconnect();
  } else if (dice < 0.93 || !mayVanish) {
    await subject.connect(subject.clean, !subject.clean);
  } else {
    await subject.connect(subject.clean, true, 2);
    await subject.vanish();
  }
}

/** One step of a member of a group: it comes, goes, sleeps and wakes, and never leaves the group. */
export async function memberChange(
  subject: Subject,
  { names, random, mayVanish }: Pick<Chances, 'names' | 'random' | 'mayVanish'>,
): Promise<void> {
  const dice = random.next();
  const { group, state, filters } = subject;
  if (group === undefined) {
    return;
  }
  if (state === 'absent') {
    await subject.connect(false, random.chance(0.5));
  } else if (state === 'asleep') {
    await asleep(subject, random, dice, mayVanish);
  } else if (filters.has(group.filter)) {
    await (dice < 0.6 ? subject.sleep() : subject.disconnect());
  }
  if (subject.state === 'active' && !subject.filters.has(group.filter)) {
    await subject.subscribe(group.filter, names.sharedQos ?? (random.chance(0.2) ? 0 : (random.between(1, 2) as Qos)));
  }
}

/** A filter that it has, asked for once more: with another QoS perhaps. */
async function again(subject: Subject, names: Names, random: Random): Promise<void> {
  const filters = names.filters.filter(({ filter }) => subject.filters.has(filter));
  if (filters.length > 0) {
    const { filter, qos } = pick(filters, random);
    await subject.subscribe(filter, qos ?? (random.between(0, 2) as Qos));
  }
}

async function comeBack(subject: Subject, names: Names, random: Random, mayBeClean: boolean): Promise<void> {
  const clean = mayBeClean && (random.chance(0.3) ? random.chance(CLEAN) : subject.clean);
  await subject.connect(clean, !clean || random.chance(0.5));
  while (subject.filters.size < 4 && random.chance(0.7)) {
    const { filter, qos } = pick(names.filters, random);
    await subject.subscribe(filter, qos ?? (random.between(0, 2) as Qos));
  }
}

async function asleep(subject: Subject, random: Random, dice: number, mayVanish: boolean): Promise<void> {
  if (dice < 0.35) {
    await subject.wake();
  } else if (dice < 0.75) {
    await (random.chance(0.3) ? subject.resumeElsewhere() : subject.resume());
  } else if (dice < 0.85) {
    await subject.disconnect();
  } else if (mayVanish && subject.will) {
    await subject.vanishAsleep();
  }
}
