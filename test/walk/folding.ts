/** What is folded up comes back as it was: a field that nobody writes would be lost with the first sleep. */
import { fold, unfold } from '../../src/core/state/folded-session.ts';
import type { Thing } from './graph.ts';
import { type Complain, nameOf } from './tables.ts';

/** Sessions that may be folded up now are, beside those that they are compared with. */
export function checkFolding(session: Thing, now: number, complain: Complain): void {
  if (session.state === 'active' || session.state === 'awake') {
    return;
  }
  const parts = session.unfold();
  parts.rest(now);
  const text = fold(parts, session as never);
  if (text === undefined) {
    return;
  }
  parts.rest(now);
  const again: Thing = unfold(text, session as never);
  again.rest(now);
  compare(parts, again, '', (path) => complain(`${nameOf(session)} has another ${path} when it has been folded up`));
}

/** Before anything unfolds a session: whoever could be folded up is, or will be looked at. */
export function checkFolded({ foldables, resting, $byClientId }: Thing, now: number, complain: Complain): void {
  for (const session of $byClientId.values()) {
    if (session.isFolded || !session.isAbsent || foldables.has(session) || resting.$due.has(session)) {
      continue;
    }
    session.$parts.rest(now);
    if (fold(session.$parts, session) !== undefined) {
      complain(`${nameOf(session)} could be folded up, and nobody looks`);
    }
  }
}

/** Says where two things differ, as a path of fields. */
function compare(one: unknown, other: unknown, path: string, differs: (path: string) => void): void {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    if (!Object.is(one, other)) {
      differs(`${path} (${String(one)}, ${String(other)})`);
    }
    return;
  }
  const [fields, others] = [fieldsOf(one), fieldsOf(other)];
  for (const name of new Set([...fields.keys(), ...others.keys()])) {
    compare(fields.get(name), others.get(name), `${path}.${name}`, differs);
  }
}

function fieldsOf(thing: Thing): Map<string, unknown> {
  switch (thing.constructor?.name) {
    case 'SmallMap':
    case 'NameTable':
    case 'SmallSet':
      return new Map([...thing.keys()].map((key: unknown) => [`${String(key)}`, thing.get(key)]));
    case 'Topic': {
      const { topicId, topicName, known, refused, unanswered } = thing; // for which epochs it was is nobody's concern
      return new Map(Object.entries({ topicId, topicName, known, refused, unanswered }));
    }
    default:
      return new Map(Object.entries(thing));
  }
}
