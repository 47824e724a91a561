import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const ROOT = new URL('../../../', import.meta.url).pathname;
const run = promisify(execFile);

/** What the compiler says of the examples, against the declarations that are built. */
async function checked(...options: readonly string[]): Promise<string> {
  const compiler = 'node_modules/typescript/bin/tsc';
  const done = await run(process.execPath, [compiler, '-p', 'examples', ...options], { cwd: ROOT }).catch(
    (error) => error,
  );
  return done.stdout;
}

describe('the types of the package', () => {
  it('fit the examples, which import it by its name as any program does', async () => {
    expect(await checked()).toBe('');
    expect(await checked('--listFiles')).toMatch(/\/dist\/index\.d\.ts\n/);
  });
});
