/** What is wrong with the settings: all of it, each with its place. */

/** One thing to correct. */
export interface Problem {
  /** Where it is written: the file as the user named it, an environment variable, or an option with its dashes. */
  readonly source: string;
  /** Line and column in a file, both from 1. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The setting, such as `upstream.url` or `transports[0].port`; absent where it is not about one. */
  readonly path?: string | undefined;
  /** What was expected and what was found, with a suggestion. Never shows a secret. */
  readonly message: string;
}

/** One line: `gateway.yaml:6:3: upstream.keepAlvie: unknown setting (did you mean "keepAlive"?)`. */
export function formatProblem(problem: Problem): string {
  const place =
    problem.line === undefined ? problem.source : `${problem.source}:${problem.line}:${problem.column ?? 1}`;
  const message = cut(problem.message);
  return problem.path === undefined ? `${place}: ${message}` : `${place}: ${cut(problem.path)}: ${message}`;
}

/** Of what was written, so much is shown at most. */
const MAX_TEXT = 300;

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** Problems that are shown; of more than these nobody makes use at a time. */
const MOST_SHOWN = 20;

/** The settings cannot be used: a mistake of the operator, to be shown without a stack trace, exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'ERR_SETTINGS';
  /** In the order in which they are shown; the message has the first of them. */
  readonly problems: readonly Problem[];
  /** How many there are in all. */
  readonly count: number;

  /** `count`: how many problems there are in all, where that is more. */
  constructor(problems: readonly Problem[], count: number = problems.length) {
    const shown = problems.slice(0, MOST_SHOWN);
    const more = count - shown.length;
    super([...shown.map(formatProblem), ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    this.problems = problems;
    this.count = count;
  }
}

/** The same of settings that were read as far as they could be, with the files that they name. */
export class LoadError extends ConfigError {
  /** Every file that was read, by its absolute path: how it was before that (file-stamp.ts). */
  readonly files: ReadonlyMap<string, string>;

  constructor(problems: readonly Problem[], count: number, files: ReadonlyMap<string, string>) {
    super(problems, count);
    this.files = files;
  }
}
