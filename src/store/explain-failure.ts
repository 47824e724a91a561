/** Errors of the file system and of LevelDB, told to the operator. */
import { StoreError, type StoreErrorCode } from './store-error.ts';

interface Explanation {
  readonly code: StoreErrorCode;
  /** Goes on after "session store <path>". */
  readonly sentence: string;
}

interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly cause?: unknown;
}

const NOT_A_FOLDER: Explanation = {
  code: 'STORE_NOT_A_FOLDER',
  sentence: 'is not a folder: name another one in sessions.path',
};
const NO_FOLDER: Explanation = {
  code: 'STORE_NOT_A_FOLDER',
  sentence: 'cannot be made there: name another folder in sessions.path',
};
const NOT_ALLOWED: Explanation = {
  code: 'STORE_NOT_WRITABLE',
  sentence: 'cannot be written: the user that runs the gateway needs to own the folder and the files in it',
};
const READ_ONLY: Explanation = {
  code: 'STORE_NOT_WRITABLE',
  sentence: 'is on a read-only disk: name another folder in sessions.path, or "memory" to keep nothing',
};
const FULL: Explanation = { code: 'STORE_DISK_FULL', sentence: 'cannot be written, the disk is full: free some space' };

const SYSTEM: Readonly<Record<string, Explanation>> = {
  EEXIST: NOT_A_FOLDER,
  ENOTDIR: NOT_A_FOLDER,
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  EROFS: READ_ONLY,
  ENOENT: NO_FOLDER,
  ENOSPC: FULL,
  EDQUOT: FULL,
};

/** LevelDB has the text of the system at the end of its messages, never the code. */
const TEXTS: readonly (readonly [ending: RegExp, Explanation])[] = [
  [/Permission denied$|Operation not permitted$/, NOT_ALLOWED],
  [/Read-only file system$/, READ_ONLY],
  [/No space left on device$|Disk quota exceeded$/, FULL],
  // A file of the database that is missing or has been cut: LevelDB says so in the words of the system.
  [/No such file or directory$|\.(ldb|sst): Invalid argument$/, { code: 'STORE_DAMAGED', sentence: 'is damaged' }],
];

const LEVEL: Readonly<Record<string, Explanation>> = {
  LEVEL_LOCKED: {
    code: 'STORE_LOCKED',
    sentence: 'is in use by another process: stop the other gateway, or give each a folder of its own in sessions.path',
  },
  LEVEL_CORRUPTION: { code: 'STORE_DAMAGED', sentence: 'is damaged' },
};

const OTHER: Explanation = { code: 'STORE_IO', sentence: 'failed' };

/** The error for the operator. One that is explained already stays as it is. */
export function explainFailure(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) {
    return error;
  }
  const origin = innermost(error);
  const { code, sentence } = explanationOf(origin);
  return new StoreError(code, `session store ${path} ${sentence} (${origin.message})`, error);
}

function explanationOf({ code = '', message }: Failure): Explanation {
  const known = SYSTEM[code] ?? LEVEL[code];
  return known ?? TEXTS.find(([ending]) => ending.test(message))?.[1] ?? OTHER;
}

/** The library wraps the error of LevelDB in one that says no more than that opening failed. */
function innermost(error: unknown): Failure {
  let inner = error;
  // By what it has, not by `instanceof`: errors of native code belong to the realm that loaded it.
  while (isFailure(inner) && isFailure(inner.cause)) {
    inner = inner.cause;
  }
  return isFailure(inner) ? inner : { message: String(inner) };
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
