/** The file with access rules, in our own form or as an ACL file of mosquitto, recognised by content. */
import * as z from 'zod';
import type { AccessRule } from '../core/contract/access-settings.ts';
import { coreRule } from './access-rule.ts';
import { emptyProblem } from './empty-settings.ts';
import { complaintsOf } from './issue-problem.ts';
import { isMosquittoAcl, readMosquittoAcl } from './mosquitto-acl.ts';
import { ProblemList } from './problem-list.ts';
import { accessRule, MAX_RULES } from './sections/access-section.ts';
import { pathText } from './setting-list.ts';
import { dropEmpty } from './settings-tree.ts';
import { unknownTransports } from './transport-names.ts';
import { valueAt } from './value-at.ts';
import { kindOfNode, YamlSource } from './yaml-source.ts';

/** What a file says, and everything that is wrong with it. */
export interface AccessFileResult {
  readonly rules: readonly AccessRule[];
  readonly problems: ProblemList;
}

/** More problems of one file are counted only. */
const MOST_PROBLEMS = 20;

/** Where the rules are in the settings, for words about them. */
const RULES = ['access', 'rules'];

const fileSchema = z.array(accessRule).max(MAX_RULES);

/**
 * Reads the text of a file; `name` stands for it in problems and in the names of rules, `transports` are the names that there are. Never throws. A text
 * without rules is fine: it grants nothing.
 */
export function parseAccessFile(text: string, name: string, transports?: readonly string[]): AccessFileResult {
  const problems = new ProblemList(MOST_PROBLEMS);
  if (isMosquittoAcl(text)) {
    const rules = readMosquittoAcl(text, (line, message) => problems.add({ source: name, line, column: 1, message }));
    return { rules, problems };
  }
  const yaml = new YamlSource(text, name);
  for (const problem of yaml.problems) {
    problems.add(problem);
  }
  if (yaml.isBroken || yaml.content === null || yaml.content === undefined) {
    return { rules: [], problems };
  }
  if (!Array.isArray(yaml.content)) {
    const message = `expected a list of rules (- connect: true …), or lines of mosquitto (user, topic, pattern), found ${kindOfNode(yaml.document.contents)}`;
    problems.add({ source: name, ...yaml.placeOf(yaml.document.contents), message });
    return { rules: [], problems };
  }
  const written = yaml.content as unknown[];
  for (const path of dropEmpty(written as unknown as Record<string, unknown>, [])) {
    const message = emptyProblem([...RULES, ...path]) ?? '';
    problems.add({ source: name, ...yaml.locate(path, 'key'), path: `rules${pathText(path)}`, message });
  }
  const result = fileSchema.safeParse(written);
  const issues = (result.error?.issues ?? []).map((issue) => ({ ...issue, path: [...RULES, ...issue.path] }));
  const { complaints, more } = complaintsOf(issues, (path) => valueAt(written, path.slice(RULES.length)));
  for (const { path, part, message } of complaints) {
    const own = path.slice(RULES.length);
    problems.add({ source: name, ...yaml.locate(own, part), path: `rules${pathText(own)}`, message });
  }
  for (const [at, { transport }] of transports === undefined ? [] : (result.data ?? []).entries()) {
    for (const message of unknownTransports(transport, transports ?? [])) {
      const path = [at, 'transport'];
      problems.add({ source: name, ...yaml.locate(path, 'value'), path: `rules${pathText(path)}`, message });
    }
  }
  problems.addUnseen(more);
  return { rules: (result.data ?? []).map((rule, at) => coreRule(rule, `${name}[${at}]`)), problems };
}
