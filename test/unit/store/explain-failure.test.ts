import { describe, expect, it } from '@jest/globals';
import { explainFailure } from '../../../src/store/explain-failure.ts';
import { StoreError } from '../../../src/store/store-error.ts';

/** As the library has it: the error of LevelDB inside one that says nothing. */
function levelError(code: string, message: string): Error {
  return new Error('Database failed to open', { cause: Object.assign(new Error(message), { code }) });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: what the system said`), { code });
}

describe('what an operator is told when the store fails', () => {
  it.each<[Error, string, RegExp]>([
    [
      levelError('LEVEL_LOCKED', 'IO error: lock /s/LOCK: already held by process'),
      'STORE_LOCKED',
      /another process: stop the other gateway/,
    ],
    [
      levelError('LEVEL_CORRUPTION', 'Corruption: bad entry in block'),
      'STORE_DAMAGED',
      /\(Corruption: bad entry in block\)/,
    ],
    [
      levelError('LEVEL_IO_ERROR', 'IO error: /s/MANIFEST-000002: No such file or directory'),
      'STORE_DAMAGED',
      /MANIFEST-000002/,
    ],
    [levelError('LEVEL_IO_ERROR', 'IO error: /s/000005.ldb: Invalid argument'), 'STORE_DAMAGED', /000005\.ldb/],
    [levelError('LEVEL_IO_ERROR', 'IO error: /s/000005.log: Invalid argument'), 'STORE_IO', /failed \(IO error/],
    [
      levelError('LEVEL_IO_ERROR', 'IO error: /s/LOCK: Permission denied'),
      'STORE_NOT_WRITABLE',
      /needs to own the folder/,
    ],
    [
      levelError('LEVEL_IO_ERROR', 'IO error: /s/LOCK: Read-only file system'),
      'STORE_NOT_WRITABLE',
      /read-only disk: name another folder/,
    ],
    [
      levelError('LEVEL_IO_ERROR', 'IO error: /s/000005.log: No space left on device'),
      'STORE_DISK_FULL',
      /free some space/,
    ],
    [levelError('LEVEL_IO_ERROR', 'IO error: /s/000005.log: Input/output error'), 'STORE_IO', /Input\/output error/],
    [systemError('EROFS'), 'STORE_NOT_WRITABLE', /read-only disk: name another folder/],
    [systemError('EACCES'), 'STORE_NOT_WRITABLE', /needs to own the folder/],
    [systemError('ENOTDIR'), 'STORE_NOT_A_FOLDER', /is not a folder: name another/],
    [systemError('ENOSPC'), 'STORE_DISK_FULL', /free some space/],
    [systemError('EMFILE'), 'STORE_IO', /EMFILE/],
  ])('%s', (error, code, message) => {
    const explained = explainFailure('/s', error);
    expect(explained).toMatchObject({ name: 'StoreError', code, cause: error });
    expect(explained.message).toMatch(message);
    expect(explained.message).toMatch(/^session store \/s /);
  });

  it.each([
    ['a text', 'odd', /failed \(odd\)$/],
    ['nothing', undefined, /failed \(undefined\)$/],
    ['an error of another realm', { message: 'IO error: Permission denied' }, /needs to own/],
  ])('is whatever was thrown: %s', (_, thrown, message) => {
    expect(explainFailure('/s', thrown).message).toMatch(message);
  });

  it('is not explained twice', () => {
    const error = new StoreError('STORE_VERSION', 'too new');
    expect(explainFailure('/s', error)).toBe(error);
  });
});
