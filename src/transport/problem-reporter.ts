import type { Observer } from '../ports/observer.ts';

/** Shortest time between two notes with the same code, in milliseconds. */
const QUIET = 1_000;

/** Turns errors of a medium into `transport-problem` notes: the first of each code at once, then at most one a second. */
export class ProblemReporter {
  readonly #transport: string;
  readonly #observer: Observer;
  readonly #seen = new Map<string, { quietUntil: number; suppressed: number }>();

  constructor(transport: string, observer: Observer) {
    this.#transport = transport;
    this.#observer = observer;
  }

  /** Never throws. */
  report(code: string, reason: string): void {
    const now = performance.now();
    const seen = this.#seen.get(code);
    if (seen !== undefined && now < seen.quietUntil) {
      seen.suppressed += 1;
      return;
    }
    const more = seen?.suppressed ?? 0;
    this.#seen.set(code, { quietUntil: now + QUIET, suppressed: 0 });
    this.#observer.note({
      type: 'transport-problem',
      transport: this.#transport,
      code,
      reason: more === 0 ? reason : `${reason} (and ${more} more like this before)`,
    });
  }

  /** For whatever was thrown or emitted. */
  reportError(error: unknown, doing: string): void {
    this.report(errorCode(error), `${doing}: ${errorMessage(error)}`);
  }
}

/** The `code` of a system error, `ERROR` where there is none. */
export function errorCode(error: unknown): string {
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'ERROR';
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  const message = error !== null && typeof error === 'object' && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? message : String(error);
}
