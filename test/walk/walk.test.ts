import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { Report } from './worker.ts';

/** So many histories, each with its own gateway; README.md beside this file says how the long form is run. */
const HISTORIES = 14;

describe('a core that is walked through after each input', () => {
  it('is in order after all of them, whatever comes', async () => {
    const { findings, inputs } = await walk(HISTORIES);
    expect(findings).toEqual([]);
    expect(inputs).toBeGreaterThan(HISTORIES * 100);
  });

  it('says what one says that never folds a session up', async () => {
    const { findings, inputs } = await walk(60, '--twin');
    expect(findings).toEqual([]);
    expect(inputs).toBeGreaterThan(6_000);
  });

  it('is known to be out of order where one table has lost something', async () => {
    const { findings } = await walk(2, '--broken');
    expect(findings.map(({ problems }) => problems.length > 0)).toEqual([true, true]);
  });
});

function walk(histories: number, ...more: readonly string[]): Promise<Report> {
  const hook = new URL('./open.mjs', import.meta.url).href;
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const options = ['--seed', '1', '--steps', '300', '--histories', `${histories}`, ...more];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--no-warnings', '--import', hook, main, ...options], (error, stdout, stderr) => {
      if (stdout === '') {
        reject(error ?? new Error(stderr));
      } else {
        resolve(JSON.parse(stdout) as Report);
      }
    });
  });
}
