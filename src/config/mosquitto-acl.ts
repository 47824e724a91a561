/** ACL files of mosquitto: `user`, `topic` and `pattern` lines. Each user is an identity here; what is denied goes before everything (I-136). */
import type { AccessRule } from '../core/contract/access-settings.ts';
import { filterProblem } from './topic-filter.ts';

/** Of one user, of everybody, or of clients without a user name. */
interface Topics {
  readonly publish: string[];
  readonly subscribe: string[];
  readonly deny: string[];
}

type Access = 'read' | 'write' | 'readwrite' | 'deny';

/** `user`, `topic` or `pattern`, and the rest of the line. Between words there are spaces: to mosquitto a tab is part of a word. */
const LINE = /^(user|topic|pattern)(?:\s+(.*))?$/;

const FIRST_WORD = /^([^ ]+) +(.*)$/;
const ACCESS: ReadonlySet<string> = new Set<Access>(['read', 'write', 'readwrite', 'deny']);

/** How many users a file may have: each is a rule. */
const MAX_USERS = 10_000;

/** Whether a text is an ACL file of mosquitto: its first line with content says so. */
export function isMosquittoAcl(text: string): boolean {
  const first = text.split(/\r\n|\r|\n/).find((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  return first !== undefined && LINE.test(first.trim());
}

/**
 * One rule for each user with its own lines and all `pattern` lines; one for identities that are none of the users, with the patterns alone; and the
 * last for clients without an identity. `report` is told of each line that cannot be read; such a line grants nothing.
 */
export function readMosquittoAcl(text: string, report: (line: number, message: string) => void): AccessRule[] {
  const users = new Map<string, Topics>();
  const anonymous = noTopics();
  const patterns = noTopics();
  let current = anonymous;
  for (const [index, whole] of text.split(/\r\n|\r|\n/).entries()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) {
      continue;
    }
    const [, kind, rest = ''] = LINE.exec(line) ?? [];
    if (kind !== undefined && line.includes('\t')) {
      report(index + 1, 'expected a space, found a tab, which mosquitto takes for a part of the word');
      current = kind === 'user' ? noTopics() : current; // of nobody: whose the lines behind it are is not known
    } else if (kind === undefined) {
      report(index + 1, 'expected user, topic or pattern at the beginning of the line');
    } else if (kind === 'user') {
      if (rest === '' || users.size >= MAX_USERS) {
        report(index + 1, rest === '' ? 'user needs a name' : `a file may have ${MAX_USERS} users at most`);
      }
      current = users.get(rest) ?? noTopics();
      users.set(rest, current);
    } else {
      const problem = addLine(kind === 'pattern' ? patterns : current, rest, kind === 'pattern');
      if (problem !== undefined) {
        report(index + 1, problem);
      }
    }
  }
  const withoutUser = without(patterns, '%i');
  return [
    ...[...users].map(([user, topics]) => ruleOf(`user ${user}`, { exactIdentity: user }, topics, patterns)),
    ruleOf('any other user', { identified: true }, noTopics(), patterns),
    ruleOf('anonymous', { identified: false }, anonymous, withoutUser),
  ];
}

function noTopics(): Topics {
  return { publish: [], subscribe: [], deny: [] };
}

/** What is wrong with a `topic` or `pattern` line; undefined: it is added. */
function addLine(topics: Topics, rest: string, isPattern: boolean): string | undefined {
  const [, access = 'readwrite', topic = rest] = FIRST_WORD.exec(rest) ?? [];
  if (topic === '') {
    return 'expected a topic, with or without read, write, readwrite or deny before it';
  }
  if (!ACCESS.has(access)) {
    return `${JSON.stringify(access)} is no access: expected read, write, readwrite or deny before a topic that has spaces in it`;
  }
  const problem = filterProblem(topic);
  if (problem !== undefined) {
    return problem;
  }
  if (topic.includes('%i') || (!isPattern && topic.includes('%c'))) {
    return 'the topic has %i or %c in it, which mosquitto takes to the letter here, and a rule of the gateway would not';
  }
  const filter = isPattern ? topic.replaceAll('%u', '%i') : topic;
  switch (access as Access) {
    case 'deny':
      topics.deny.push(filter);
      break;
    case 'read':
      topics.subscribe.push(filter);
      break;
    case 'write':
      topics.publish.push(filter);
      break;
    case 'readwrite':
      topics.subscribe.push(filter);
      topics.publish.push(filter);
  }
  return undefined;
}

/** mosquitto passes over what names a user, where there is none. */
function without({ publish, subscribe, deny }: Topics, placeholder: string): Topics {
  const isFit = (filter: string): boolean => !filter.includes(placeholder);
  return { publish: publish.filter(isFit), subscribe: subscribe.filter(isFit), deny: deny.filter(isFit) };
}

function ruleOf(
  name: string,
  match: Pick<AccessRule, 'exactIdentity' | 'identified'>,
  own: Topics,
  patterns: Topics,
): AccessRule {
  return {
    name,
    ...match,
    connect: true,
    publish: [...own.publish, ...patterns.publish],
    subscribe: [...own.subscribe, ...patterns.subscribe],
    deny: [...own.deny, ...patterns.deny],
    qosMinus1: true,
    retain: true,
    maxQos: 2,
  };
}
