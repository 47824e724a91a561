/**
 * What went wrong with a session store. `STORE_LOCKED`: another process has it open. `STORE_VERSION`: of a version that this gateway does
 * not know, or of another program. `STORE_DAMAGED`: cannot be read any more. `STORE_NOT_A_FOLDER`, `STORE_NOT_WRITABLE`,
 * `STORE_DISK_FULL`, `STORE_IO`: what the system said. `STORE_CLOSED`: used before `open` or after `close`.
 */
export type StoreErrorCode =
  | 'STORE_LOCKED'
  | 'STORE_VERSION'
  | 'STORE_DAMAGED'
  | 'STORE_NOT_A_FOLDER'
  | 'STORE_NOT_WRITABLE'
  | 'STORE_DISK_FULL'
  | 'STORE_IO'
  | 'STORE_CLOSED';

/** An error of the session store; the message is for the operator: where, what, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The error for a store that is not open. */
export function notOpen(): StoreError {
  return new StoreError('STORE_CLOSED', 'the session store is not open');
}
