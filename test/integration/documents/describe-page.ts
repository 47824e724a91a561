import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { commandsOf, fencedBlocks } from '../../support/fenced-blocks.ts';
import { SERVER_PATH } from '../../support/server-process.ts';
import type { Page, Way } from './pages.ts';
import { PrivateNetwork } from './private-network.ts';
import { type Place, TypedCommand } from './terminal.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What a clone has: documents are read with a terminal in it. `package.json` is copied, for npm goes where a link leads. */
const CLONE = ['bin', 'config', 'dist', 'docs', 'examples', 'node_modules'];

/** Addresses and names that documents have, for what runs in the test's own network. */
const ADDRESSES = ['192.168.1.2/24'];
const NAMES = { 'broker.example': '127.0.0.2', 'gateway.example': '127.0.0.3' };

const commandsIn = (name: string): string[] =>
  fencedBlocks(readFileSync(join(ROOT, name), 'utf8'))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => commandsOf(text));

/** Pages that have commands. */
export const withCommands = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
]
  .filter((name) => name.endsWith('.md') && commandsIn(name).length > 0)
  .sort();

/** A folder as a clone that is built, with `mqtt-sn-gateway` and `npm` on its path; `npm ci` was done for the tests already. */
function cloneIn(folder: string, page: Page): Omit<Place, 'network'> {
  const clone = join(folder, 'clone');
  const programs = join(folder, 'programs');
  for (const path of [clone, programs, join(folder, 'home')]) {
    mkdirSync(path);
  }
  for (const name of CLONE) {
    symlinkSync(join(ROOT, name), join(clone, name));
  }
  writeFileSync(join(clone, 'package.json'), readFileSync(join(ROOT, 'package.json')));
  const blocks = fencedBlocks(readFileSync(join(ROOT, page.name), 'utf8')).map(({ text }) => text);
  for (const [name, begin] of Object.entries(page.blocks ?? {})) {
    writeFileSync(join(clone, name), blocks.find((text) => text.startsWith(begin)) ?? '');
  }
  for (const [name, text] of Object.entries(page.files ?? {})) {
    writeFileSync(join(clone, name), text);
  }
  const script = (name: string, line: string): void =>
    writeFileSync(join(programs, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  script('mqtt-sn-gateway', `exec "${process.execPath}" "${join(ROOT, 'bin/mqtt-sn-gateway.js')}" "$@"`);
  script('npm', `[ "$1" = ci ] && exit 0\nPATH="\${PATH#*:}" exec npm "$@"`);
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MQTT|npm_)/i.test(name));
  return {
    folder: clone,
    environment: {
      ...Object.fromEntries(inherited.map(([name, value]) => [name, value ?? ''])),
      HOME: join(folder, 'home'),
      PATH: `${programs}${delimiter}${SERVER_PATH}`,
      ...page.environment,
    },
  };
}

const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

async function placeOf(page: Page): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const network = await PrivateNetwork.make(folder, ADDRESSES, NAMES);
  ends.push(() => network.dispose());
  const place = { network, ...cloneIn(folder, page) };
  if (page.before !== undefined) {
    await runToEnd(page.before, place);
  }
  if (page.broker) {
    const conf = join(folder, 'mosquitto.conf');
    writeFileSync(conf, 'listener 1883 127.0.0.2\nallow_anonymous true\nuser root\n');
    await new TypedCommand(`mosquitto -c ${conf}`, place).says(/mosquitto version \S+ running/);
  }
  for (const options of page.gateways ?? []) {
    await new TypedCommand(`mqtt-sn-gateway ${options}`, place).says(/status page: http/);
  }
  return place;
}

async function runToEnd(command: string, place: Place): Promise<void> {
  const run = new TypedCommand(command, place);
  expect({ command, code: await run.exitCode(), output: run.output }).toEqual({ command, code: 0, output: run.output });
}

/** Does what a reader does; `goingOn` are commands that were typed before and still go on. */
async function type(command: string, way: Exclude<Way, { notHere: string }>, place: Place, goingOn: TypedCommand[]) {
  if ('first' in way && way.first !== undefined) {
    await runToEnd(way.first, place);
  }
  const typed = new TypedCommand(command, place);
  if ('until' in way) {
    await typed.says(way.until, way.meanwhile);
    await typed.interrupt();
  } else if ('staysFrom' in way) {
    await typed.says(way.staysFrom);
    goingOn.push(typed);
  } else {
    const code = await typed.exitCode();
    expect({ command, code, output: typed.output }).toEqual({ command, code: way.exits ?? 0, output: typed.output });
    expect(typed.output).toMatch(way.says ?? /^/);
    const { again } = way;
    if (again !== undefined) {
      const others = (): string => goingOn.map((one) => `${one.command}\nsaid: ${one.output}`).join('\n');
      await eventually(`${again} after: ${command}`, async () => {
        const isHeard = (): boolean => again.test(goingOn.at(-1)?.output ?? '');
        return isHeard() || ((await new TypedCommand(command, place).exitCode()) === 0 && isHeard());
      }).catch((error: Error) => {
        throw new Error(`${error.message}; ${others()}`);
      });
    }
  }
}

/** Tests of what a page says, for a test file. */
export function describePage(page: Page): void {
  describe(`commands in ${page.name}`, () => {
    const commands = commandsIn(page.name);

    it('each is in the table: it is run, or there is a reason why not', () => {
      const begins = page.commands.map(([begin]) => begin);
      expect(commands.map((command, index) => command.slice(0, begins[index]?.length ?? undefined))).toEqual(begins);
    });

    if (page.commands.every(([, way]) => 'notHere' in way)) {
      return;
    }

    it('do what they are said to do', async () => {
      const place = await placeOf(page);
      const goingOn: TypedCommand[] = [];
      for (const [index, command] of commands.entries()) {
        const [begin, way] = page.commands[index] ?? ['nothing', { notHere: '' }];
        expect(command.slice(0, begin.length)).toBe(begin);
        if (!('notHere' in way)) {
          await type(command, way, place, goingOn);
        }
      }
      for (const typed of goingOn.reverse()) {
        expect({ goesOn: typed.goesOn, output: typed.output }).toEqual({ goesOn: true, output: typed.output });
        await typed.interrupt();
      }
    });
  });
}
