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
  return problem.path === undefined ? `${place}: ${problem.message}` : `${place}: ${problem.path}: ${problem.message}`;
}

/** The settings cannot be used: a mistake of the operator, to be shown without a stack trace, exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}
