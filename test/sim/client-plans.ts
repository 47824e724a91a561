/** Clients of all kinds, and what each of them wants in the course of a run. */
import { NOTHING } from './identity-plan.ts';
import type { Action, ClientPlan, MediumPlan, TopicForm } from './plan.ts';
import { pick, type Random } from './streams.ts';

type Publish = Extract<Action, { do: 'publish' }>;

export const CLIENT_KINDS: readonly string[] = [
  'publisher',
  'rebooter',
  'stopper',
  'subscriber',
  'sleeper',
  'ignorer',
  'refuser',
  'mute',
  'mover',
  'burster',
  'again',
];

export interface ClientContext {
  readonly index: number;
  readonly random: Random;
  readonly healed: number;
  readonly media: readonly MediumPlan[];
  readonly names: { next: number };
  readonly without: ReadonlySet<string>;
  /** Decides who lies about lengths, and touches nothing else. */
  readonly liars: Random;
}

/** What is published, and how it may be named. */
const TOPICS: readonly (readonly [string, TopicForm])[] = [
  ['t/a', 'normal'],
  ['t/b', 'normal'],
  ['t/c/d', 'normal'],
  ['ab', 'short'],
  ['p/one', 'predefined'],
];

const FILTERS: readonly (readonly [string, TopicForm])[] = [
  ['t/+', 'normal'],
  ['t/#', 'normal'],
  ['t/a', 'normal'],
  ['t/b', 'normal'],
  ['ab', 'short'],
  ['p/one', 'predefined'],
];

/** A client of a kind. */
export function clientPlan(kind: string, context: ClientContext): ClientPlan {
  const { index, random, media, without } = context;
  const id = `c${index}`;
  const receives = ['subscriber', 'sleeper', 'ignorer', 'refuser', 'mute', 'again', 'mover'].includes(kind);
  const publishes = !['subscriber', 'ignorer', 'refuser', 'mute'].includes(kind) || random.chance(0.3);
  const start = random.between(0, 20_000);
  const actions: Action[] = [{ at: start, do: 'connect', clean: false }];
  if (receives) {
    actions.push(...subscriptions(context, start + 1));
  }
  if (publishes) {
    actions.push(...publishing(kind, id, context, start));
  }
  actions.push(...habits(kind, id, context));
  actions.sort((a, b) => a.at - b.at);
  const clean = random.chance(kind === 'rebooter' || kind === 'stopper' ? 0.15 : 0.3);
  const medium = pick(random, media).name;
  const lies = !without.has('liar') && publishes && medium === 'udp' && context.liars.chance(0.1);
  return {
    id,
    identity: undefined,
    denied: NOTHING,
    kind,
    medium,
    lies,
    clean,
    keepAlive: pick(random, [20, 60, 120]),
    will:
      !without.has('will') && random.chance(0.5) ? { topic: `wills/${id}`, qos: pick(random, [0, 1, 2]) } : undefined,
    retry: pick(random, [5_000, 10_000, 15_000]),
    retries: pick(random, [3, 3, 5]),
    answerDelay: pick(random, [
      [1, 20],
      [50, 800],
      [200, 4_000],
    ]),
    register: kind === 'ignorer' ? 'ignores' : kind === 'refuser' ? 'refuses' : 'answers',
    mute: kind === 'mute',
    forgetsTopics: random.chance(0.5),
    window: kind === 'burster' ? 5 : 1,
    actions: lies ? actions.map(lengthened) : actions,
  };
}

/** Every third of the publishes is so long that its frame takes the long form. */
function lengthened(action: Action, index: number): Action {
  return action.do === 'publish' && index % 3 === 0 && !action.poison
    ? { ...action, size: 252 + (index % 60) }
    : action;
}

function subscriptions({ random, healed }: ClientContext, from: number): Action[] {
  const actions: Action[] = [];
  const count = random.between(1, 3);
  for (let index = 0; index < count; index++) {
    const [filter, form] = pick(random, FILTERS);
    actions.push({ at: from + index, do: 'subscribe', filter, form, qos: pick(random, [0, 1, 1, 2, 2]) });
    if (random.chance(0.15)) {
      actions.push({ at: random.between(from + 60_000, healed), do: 'unsubscribe', filter, form });
    }
  }
  return actions;
}

function publishing(kind: string, id: string, context: ClientContext, from: number): Action[] {
  const { random, healed } = context;
  const actions: Action[] = [];
  const pause = kind === 'sleeper' ? 150_000 : pick(random, [10_000, 30_000, 60_000]);
  for (let at = from + random.between(500, pause); at < healed; at += random.between(200, 2 * pause)) {
    const count = kind === 'burster' ? random.between(1, 6) : 1;
    for (let nth = 0; nth < count; nth++) {
      actions.push(publish(kind, id, context, at + nth));
    }
  }
  return actions;
}

function publish(kind: string, id: string, { random, names, without }: ClientContext, at: number): Publish {
  const [topic, form] = pick(random, TOPICS);
  const isDenied = form === 'normal' && random.chance(0.03);
  const qos = random.chance(0.05) && form !== 'normal' ? -1 : pick(random, [0, 1, 1, 2, 2] as const);
  const poison = !without.has('poison') && random.chance(0.01);
  names.next++;
  return {
    at,
    do: 'publish',
    name: `${id}.${names.next}`,
    qos,
    topic: isDenied ? 'deny/x' : topic,
    form,
    size: random.chance(0.1) ? random.between(20, 45) : 0,
    retain: random.chance(0.05),
    poison,
    stops: (kind === 'stopper' && qos === 2) || (kind === 'rebooter' && qos === 2 && random.chance(0.2)),
  };
}

function habits(kind: string, id: string, context: ClientContext): Action[] {
  const { random, healed, without } = context;
  const some = (pause: number, make: (at: number) => Action): Action[] => {
    const actions: Action[] = [];
    for (let at = random.between(pause / 4, pause * 2); at < healed; at += random.between(pause / 4, pause * 2)) {
      actions.push(make(at));
    }
    return actions;
  };
  const actions: Action[] = [];
  switch (kind) {
    case 'rebooter':
      actions.push(...some(60_000, (at) => ({ at, do: 'reboot', off: random.between(100, 15_000) })));
      break;
    case 'sleeper':
      actions.push({ at: 25_000, do: 'sleep', duration: random.between(20, 240) });
      break;
    case 'mover':
      actions.push(...some(200_000, (at) => ({ at, do: 'move' })));
      break;
    case 'again':
      actions.push(...some(60_000, (at) => ({ at, do: 'connect', clean: false })));
      break;
  }
  if (random.chance(0.3)) {
    actions.push(...some(500_000, (at) => ({ at, do: 'reboot', off: random.between(100, 60_000) })));
  }
  if (random.chance(0.3)) {
    actions.push(...some(600_000, (at) => ({ at, do: 'silence', for: random.between(2_000, 200_000) })));
  }
  if (random.chance(0.2)) {
    for (const leave of some(600_000, (at) => ({ at, do: 'leave' }))) {
      actions.push(leave, { at: leave.at + random.between(5_000, 400_000), do: 'connect', clean: false });
    }
  }
  if (!without.has('will') && random.chance(0.2)) {
    let nth = 0;
    actions.push(...some(400_000, (at) => ({ at, do: 'will', topic: false, name: `w.${id}.u${++nth}` })));
  }
  if (random.chance(0.1)) {
    actions.push({ at: random.between(60_000, healed), do: 'die' });
  }
  return actions;
}
