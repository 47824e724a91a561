/** How long a start takes: of Node.js with nothing to do, and of the commands that only print something. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { median } from './tables.mjs';

/** Times each is started, in turns, so that a busy moment meets all of them. */
const TIMES = 9;

/** A PINGREQ of two octets. */
const FRAME = '0216';

/**
 * @param {string | undefined} directory a build; undefined: only Node.js itself
 * @returns {{ startMs: number, rss: number, commands: { name: string, ms: number }[] }} medians; octets
 */
export function starts(directory) {
  const commands = directory === undefined ? [] : [['--version'], ['decode', FRAME]];
  const program = join(directory ?? '.', 'bin', 'mqtt-sn-gateway.js');
  const all = [['-e', '0'], ...commands.map((words) => [program, ...words])];
  const times = all.map(() => []);
  for (let round = 0; round < TIMES; round++) {
    for (const [index, args] of all.entries()) {
      times[index].push(timed(args));
    }
  }
  const [startMs, ...rest] = times.map(median);
  const { stdout } = spawnSync(process.execPath, ['-p', 'process.memoryUsage.rss()'], { encoding: 'utf8' });
  return { startMs, rss: Number(stdout), commands: rest.map((ms, index) => ({ name: commands[index].join(' '), ms })) };
}

function timed(args) {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  }
  return performance.now() - begin;
}
