import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';

const ROOT = new URL('../../..', import.meta.url).pathname;
const PROGRAM = new URL('bench.mjs', import.meta.url).pathname;
const LOADER = new URL('../../sim/typescript.mjs', import.meta.url).href;

interface Figures {
  readonly messages: number;
  readonly lost: number;
}

interface Row {
  readonly name: string;
  readonly here: readonly Figures[];
  readonly floor: readonly Figures[];
}

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** Runs the benchmark; what it says, and what it writes with `--json`. */
async function bench(...args: string[]): Promise<{ code: number; said: string; rows: readonly Row[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-smoke-'));
  folders.push(folder);
  const file = join(folder, 'figures.json');
  const child = spawn(process.execPath, ['--no-warnings', '--import', LOADER, PROGRAM, ...args, '--json', file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  const rows = code === 2 ? [] : (JSON.parse(await readFile(file, 'utf8')) as { rows: readonly Row[] }).rows;
  return { code, said, rows };
}

describe('benchmark of the whole program', () => {
  it('carries every load without losing a message, before the gateway and before its floor', async () => {
    const { code, said, rows } = await bench('--smoke');
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
    expect(rows.length).toBeGreaterThan(15);
    for (const { name, here, floor } of rows) {
      for (const { messages, lost } of [...here, ...floor]) {
        expect({ name, some: messages > 0, lost }).toEqual({ name, some: true, lost: 0 });
      }
    }
  });

  it('says what it does not understand, with the names of the loads', async () => {
    const { code, said } = await bench('--loads', 'qos1-100,nonsense');
    expect(code).toBe(2);
    expect(said).toMatch(/no load nonsense\nusage: npm run bench .*\n.*\nloads: qos0-1 /s);
  });
});
