import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

describe('growth of the heap', () => {
  it('is limited by a flag that this V8 knows: one that it does not know would be a line on standard error', () => {
    const known = execFileSync(process.execPath, ['--heap-growing-percent=30', '-p', '"known"'], { encoding: 'utf8' });
    expect(known.trim()).toBe('known');
  });
});
