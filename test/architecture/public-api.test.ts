import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const REPORT = join(ROOT, 'docs/public-api.txt');

/** What the comparison says of a report. */
function compared(report: string): { readonly status: number | null; readonly said: string } {
  const { status, stderr } = spawnSync(process.execPath, ['.ci/api-report.mjs', report], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, said: stderr };
}

describe('the public types (docs/public-api.txt)', () => {
  it('are those that were agreed on; where a change is meant: npm run api:update', () => {
    expect(compared(REPORT)).toEqual({ status: 0, said: '' });
  });

  it('are compared line by line: what has changed is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'public-api-'));
    try {
      const report = join(folder, 'public-api.txt');
      const text = readFileSync(REPORT, 'utf8');
      expect(text).toContain('\n  start(): Promise<void>;\n');
      writeFileSync(report, text.replace('\n  start(): Promise<void>;\n', '\n  start(): void;\n'));
      const { status, said } = compared(report);
      expect(status).toBe(1);
      expect(said).toContain('-   start(): void;\n');
      expect(said).toContain('npm run api:update');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('have in them all that their declarations name, and no comments', () => {
    const text = readFileSync(REPORT, 'utf8');
    expect(text).toMatch(/^export interface GatewayOptions extends WrittenSettings \{$/m);
    expect(text).toMatch(/^export class MqttSnClient \{$/m);
    expect(text).toMatch(/^internal \([a-z/-]+\) interface LengthOptions \{$/m);
    expect(text).not.toContain('/**');
  });
});
