/** Settings from environment variables: the names follow from the schema. */
import type { Problem } from './problem.ts';
import { ANY_INDEX, SETTINGS, type Setting } from './setting-list.ts';
import type { Assignment } from './settings-tree.ts';
import { nearest } from './suggestion.ts';

const PREFIX = 'MQTTSN_';

/** Names the file with the settings. */
export const CONFIG_VARIABLE = 'MQTTSN_CONFIG';

/**
 * What the variables `MQTTSN_…` set: `MQTTSN_TIMING_RETRY_INTERVAL` is `timing.retryInterval`, `MQTTSN_TRANSPORTS_0_PORT` is
 * `transports[0].port`. An empty variable is as good as absent; an unknown one is a problem.
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): {
  assignments: Assignment[];
  problems: Problem[];
} {
  const assignments: Assignment[] = [];
  const problems: Problem[] = [];
  const byPosition = new Intl.Collator('en', { numeric: true });
  for (const name of Object.keys(environment).sort(byPosition.compare)) {
    const value = environment[name];
    if (!name.startsWith(PREFIX) || name === CONFIG_VARIABLE || value === undefined) {
      continue;
    }
    const setting = SETTINGS.find((candidate) => variablePattern(candidate).test(name));
    if (setting === undefined) {
      problems.push({ source: name, message: `unknown setting${suggestion(name)}` });
    } else if (value !== '') {
      const path = setting.path.map((key) => (key === ANY_INDEX ? positionIn(name) : key));
      assignments.push({ path, value: fromText(setting, value), origin: 'environment', source: name });
    }
  }
  return { assignments, problems };
}

/** The value that a text from the environment or the command line stands for; left as it is where it does not fit, for the schema to report. */
export function fromText(setting: Setting, text: string): unknown {
  const { kind } = setting.kind;
  if ((kind === 'number' || kind === 'octets') && /^-?\d+(\.\d+)?$/.test(text)) {
    return Number(text);
  }
  if (kind === 'boolean' && (text === 'true' || text === 'false')) {
    return text === 'true';
  }
  return text;
}

function variablePattern(setting: Setting): RegExp {
  return new RegExp(`^${setting.environment.replace('<n>', '\\d{1,4}')}$`);
}

function positionIn(name: string): number {
  return Number(/_(\d+)_/.exec(name)?.[1] ?? 0);
}

function suggestion(name: string): string {
  const names = SETTINGS.map((setting) => setting.environment.replace('<n>', String(positionIn(name))));
  const meant = nearest(name, [...names, CONFIG_VARIABLE]);
  return meant === undefined ? '' : ` (did you mean ${meant}?)`;
}
