import { access, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { programBench, REPOSITORY } from './program-under-test.ts';

const program = programBench();
let home: string;
/** The program elsewhere: a gateway that was started in this clone may have left sessions beside it. */
let installed: string;

beforeAll(async () => {
  installed = await mkdtemp(join(tmpdir(), 'installed-'));
  for (const part of ['bin', 'dist/program', 'package.json']) {
    await cp(join(REPOSITORY, part), join(installed, part), { recursive: true });
  }
  await symlink(join(REPOSITORY, 'node_modules'), join(installed, 'node_modules'));
});

afterAll(() => rm(installed, { recursive: true }));

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
    program: join(installed, 'bin', 'mqtt-sn-gateway.js'),
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
        new RegExp(
          `warn {2}sessions are kept in .*, which has none yet; there is a store of sessions in ${home}/sessions: `,
        ),
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
