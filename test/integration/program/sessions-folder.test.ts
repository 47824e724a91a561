import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { programBench } from './program-under-test.ts';

const program = programBench();
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

/** A gateway of a user whose home is `home`. */
function gateway(environment: Readonly<Record<string, string>>): ReturnType<typeof program> {
  return program(['-b', 'mqtt://127.0.0.1:1', '-p', '0'], {
    environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', HOME: home, ...environment },
  });
}

describe('the folder of the sessions', () => {
  it('is the first of STATE_DIRECTORY under systemd, and is told', async () => {
    const state = join(home, 'state');
    const run = await gateway({ STATE_DIRECTORY: `${state}:/var/lib/other` });
    await run.ready();
    await run.line(new RegExp(`info {2}sessions are kept in ${state}, which has none yet$`));
    await access(join(state, 'CURRENT'));
  });

  it.each([
    ['a relative path', {}],
    ['STATE_DIRECTORY', { STATE_DIRECTORY: 'state' }],
  ])(
    'that is empty by %s, while there are sessions where the gateway ran before, is a warning',
    async (_by, environment) => {
      await mkdir(join(home, 'sessions'));
      await writeFile(join(home, 'sessions', 'CURRENT'), 'MANIFEST-000001\n');
      const run = await gateway(environment);
      await run.line(
        new RegExp(`warn {2}sessions are kept in .*, which has none yet, but there are some in ${home}/sessions: `),
      );
      await run.ready();
    },
  );

  it('is told without a word of others where it has sessions', async () => {
    const state = join(home, 'state');
    const first = await gateway({ STATE_DIRECTORY: state });
    await first.ready();
    first.kill('SIGTERM');
    expect(await first.exitCode()).toBe(0);
    const second = await gateway({ STATE_DIRECTORY: state });
    await second.line(new RegExp(`info {2}sessions are kept in ${state}$`));
  });
});
