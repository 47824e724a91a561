import { LoadError, type Problem } from './problem.ts';

/** Problems as they are found: all are counted, the first ones kept. A file may have as many as lines, and nobody reads them all. */
export class ProblemList {
  readonly #kept: Problem[] = [];
  readonly #most: number;
  #count = 0;

  /** `most`: how many are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The first ones, in the order in which they were found. */
  get kept(): readonly Problem[] {
    return this.#kept;
  }

  /** How many there are in all. */
  get count(): number {
    return this.#count;
  }

  add(problem: Problem): void {
    this.#count++;
    if (this.#kept.length < this.#most) {
      this.#kept.push(problem);
    }
  }

  /** Takes over what another list has kept, and the count of the rest. */
  addAll({ kept, count }: Pick<ProblemList, 'kept' | 'count'>): void {
    for (const problem of kept) {
      this.add(problem);
    }
    this.#count += count - kept.length;
  }

  /** Counts problems that nobody needs to see. */
  addUnseen(count: number): void {
    this.#count += count;
  }

  /** What is thrown: all problems, those of `file` first, by line, then those of other files, then the rest. */
  failure(file: string | undefined, files: ReadonlyMap<string, string>): LoadError {
    const rank = (problem: Problem) => (problem.line === undefined ? 2 : problem.source === file ? 0 : 1);
    const byPlace = (a: Problem, b: Problem) =>
      rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
    return new LoadError(this.#kept.toSorted(byPlace), this.#count, files);
  }
}
