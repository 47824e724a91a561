import fs, { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { KeptServer, Roamer } from '../../../support/kept-dtls.ts';

const CLIENTS = 20;

let folder: string;
let runs: KeptServer[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marks-'));
  mkdirSync(join(folder, 'memory'));
  runs = [];
});

afterEach(async () => {
  await Promise.all(runs.map(({ store }) => store.close()));
  rmSync(folder, { recursive: true });
});

function server(): KeptServer {
  const run = new KeptServer({
    ...{ path: join(folder, 'store'), memory: join(folder, 'memory') },
    onProblem: (problem) => {
      throw new Error(problem);
    },
  });
  runs.push(run);
  return run;
}

function roamers(run: KeptServer): readonly Roamer[] {
  return Array.from({ length: CLIENTS }, (_, n) => new Roamer(run, `192.0.2.${n + 1}:5000`));
}

describe('records that come in one turn of the event loop', () => {
  it('count in their order, behind one write of all their marks', async () => {
    const run = server();
    const clients = roamers(run);
    await run.written();
    const before: number[] = [];
    const { writeSync } = fs;
    const spy = jest.spyOn(fs, 'writeSync').mockImplementation((...args: unknown[]) => {
      before.push(run.texts.length);
      return Reflect.apply(writeSync, fs, args) as number;
    });
    for (const [n, roamer] of clients.entries()) {
      roamer.client.say(`${n}`);
    }
    try {
      expect(run.texts).toEqual([]);
      await run.written();
    } finally {
      spy.mockRestore();
    }
    expect(run.texts).toEqual(clients.map((_, n) => `${n}`));
    expect(before).toEqual([0]);
  });

  it('are all marked when they count: behind a kill none of them is taken twice, and those of a turn that had not ended once', async () => {
    const run = server();
    const clients = roamers(run);
    await run.written();
    const taken = clients.map((roamer, n) => [roamer.address, roamer.client.frame(`${n}`)] as const);
    for (const [address, record] of taken) {
      run.bench.deliver(address, record);
    }
    await run.written();
    expect(run.texts).toHaveLength(CLIENTS);
    const late = clients.map((roamer, n) => [roamer.address, roamer.client.frame(`late ${n}`)] as const);
    for (const [address, record] of late) {
      run.bench.deliver(address, record);
    }
    const next = server(); // the other one is as good as killed: it is not in the file what it does from now on
    for (const [address, record] of [...taken, ...late]) {
      next.bench.deliver(address, record);
    }
    await next.written();
    expect(next.bench.notes[0]).toMatchObject({ type: 'associations-resumed', count: CLIENTS });
    expect(next.texts).toEqual(late.map((_, n) => `late ${n}`));
  });
});
