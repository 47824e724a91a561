/** `npm run test:walk -- [SECONDS] [--seed 1] [--histories 1000] [--steps 2000] [--broken] [--twin]`: README.md beside this file. */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Report, Work } from './worker.ts';

/** One input takes less than a millisecond: after so many of processor time without progress the core stands still, however slow the machine is. */
const STANDSTILL = 60_000;

const { values, positionals } = parseArgs({
  options: {
    seed: { type: 'string' },
    histories: { type: 'string' },
    steps: { type: 'string', default: '2000' },
    broken: { type: 'boolean', default: false },
    twin: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const progress = new SharedArrayBuffer(8);
const work: Work = {
  first: Number(values.seed ?? Math.floor(Math.random() * 2 ** 30)),
  count: Number(values.histories ?? (values.seed === undefined || positionals[0] !== undefined ? 2 ** 30 : 1)),
  steps: Number(values.steps),
  time: positionals[0] === undefined ? (values.seed === undefined ? 60_000 : 2 ** 30) : Number(positionals[0]) * 1_000,
  isBroken: values.broken,
  hasTwin: values.twin,
  progress,
};
const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work });
const under = new Int32Array(progress);
let last = '';
let since = busy();
const watch = setInterval(() => {
  const now = under.join(' ');
  if (now !== last) {
    last = now;
    since = busy();
  } else if (busy() - since > STANDSTILL) {
    const [seed, input] = under;
    end({ ...{ histories: 0, inputs: 0, largest: [] }, findings: [standstill(seed ?? 0, input ?? 0)] });
  }
}, 1_000);
worker.once('message', end);
worker.once('error', (error) => {
  throw error;
});

/** Milliseconds of processor time of this process. */
function busy(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function standstill(seed: number, input: number): Report['findings'][number] {
  return { seed, mode: '', problems: [`it stands still for ${STANDSTILL} ms behind input ${input}`], trace: [] };
}

function end(report: Report): void {
  clearInterval(watch);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.findings.length > 0 ? 1 : 0;
  worker.terminate();
}
