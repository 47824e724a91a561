/** A request that came to nothing. `message`: why, for people. */
export class ApiError extends Error {
  /** Status of the answer; 0: there was none. */
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ApiError';
    this.status = status;
  }
}
