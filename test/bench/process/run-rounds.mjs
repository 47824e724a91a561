/** All rounds of all loads: each measurement has a broker, a gateway and a load generator of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ECHOES, sized } from './loads.mjs';
import { Scene } from './scene.mjs';
import { starts } from './starts.mjs';

/**
 * @typedef {object} Row a load in a mode
 * @property {string} name
 * @property {string} title
 * @property {string} mode
 * @property {object[]} here figures of this build (or the target), one for each round
 * @property {object[]} there figures of the baseline
 * @property {object[]} floor figures of its floor
 * @property {object[]} plain of a load over DTLS: figures of this build for the same over plain UDP
 */

/**
 * @param {string} directory this build
 * @param {object} options as `readOptions` gives them
 * @param {(text: string) => void} progress
 * @returns {Promise<{ rows: Row[], echoes: Row[], bare: object, associations: object[] }>}
 */
export async function runRounds(directory, options, progress) {
  const { size, rounds, modes, baseline, baselineMode, target } = options;
  const loads = options.loads.map((load) => sized(load, size, options.pairs));
  const rows = modes.flatMap((mode) =>
    loads
      .filter(({ only = mode }) => only === mode)
      .map((load) => ({ ...rowOf(load), mode, title: modes.length > 1 ? `${load.title}, ${mode}` : load.title })),
  );
  if (target !== undefined) {
    progress('one message first');
    await once({ target }, firstMessageFor(loads), options);
  }
  const echoes = ECHOES.map((load) => ({ ...rowOf(sized(load, size)), mode: '' }));
  const subjects = [{ into: 'here', what: target === undefined ? { gateway: directory } : { target } }];
  if (baseline !== undefined) {
    subjects.push({ into: 'there', what: { gateway: baseline }, inMode: baselineMode });
  }
  // Pairs are of one run.
  const roundsOf = ({ load }) => (load.pairs === undefined ? rounds : 1);
  for (let round = 0; round < Math.max(...rows.map(roundsOf)); round++) {
    for (const row of rows.filter((one) => round < roundsOf(one))) {
      progress(`round ${round + 1} of ${roundsOf(row)}: ${row.name}${modes.length > 1 ? `, ${row.mode}` : ''}`);
      const all = subjectsOf(row.load, directory, subjects);
      for (const { into, what, secure, inMode = row.mode } of round % 2 === 0 ? all : all.toReversed()) {
        const load = secure === undefined ? row.load : { ...row.load, secure };
        row[into].push(await once(what, load, { ...options, mode: inMode }));
      }
      // The floors are the same whatever the builds: with a baseline once is enough.
      if (row.load.floor !== undefined && (baseline === undefined || round === 0)) {
        row.floor.push(await once({ floor: row.load.floor }, row.load, options));
      }
    }
    for (const row of round === 0 ? echoes : []) {
      row.here.push(await once({ floor: 'echo' }, row.load, options));
    }
  }
  const isSecure = target === undefined && rows.some(({ load }) => load.secure);
  const associations = isSecure ? [1_000, 10_000].map((count) => associationMemory(directory, count)) : [];
  return { rows, echoes, bare: starts(target === undefined ? directory : undefined), associations };
}

/**
 * The smoke form: everything once and small, with one gateway for all loads that can share it.
 * @returns {Promise<{ rows: Row[] }>}
 */
export async function runSmoke(directory, options) {
  const [mode] = options.modes;
  const rows = options.loads.map((load) => ({ ...rowOf(sized(load, 'smoke', options.pairs)), mode }));
  const echoes = ECHOES.map((load) => ({ ...rowOf(sized(load, 'smoke')), mode: '' }));
  const parts = [
    { what: { gateway: directory }, into: 'here', of: rows.filter(({ load }) => load.pairs === undefined) },
    { what: { switched: directory }, into: 'here', of: rows.filter(({ load }) => load.pairs !== undefined) },
    { what: { floor: 'relay' }, into: 'floor', of: rows.filter(({ load }) => load.floor === 'relay') },
    { what: { floor: 'echo' }, into: 'here', of: echoes },
  ];
  for (const { what, into, of } of parts) {
    const has = (property) => of.some(({ load }) => load[property] !== undefined);
    const scene = await Scene.start(what, { mode, line: has('line'), dtls: has('secure') });
    try {
      for (const row of of) {
        row[into].push(await scene.measure(row.load));
      }
    } finally {
      await scene.end();
    }
  }
  return { rows, echoes, bare: starts(undefined), associations: [] };
}

function subjectsOf(load, directory, subjects) {
  if (load.secure) {
    const plain = subjects
      .filter(({ into }) => into === 'here')
      .map(({ what }) => ({ into: 'plain', what, secure: false }));
    return [...subjects, ...plain];
  }
  return load.pairs === undefined ? subjects : [{ into: 'here', what: { switched: directory } }];
}

/** Which ways messages go in a load, by its kind; those that only connect and subscribe send none. */
const WAYS = {
  up: ['uplink', 'steady', 'mixedSite', 'amongMany'],
  down: ['downlink', 'fanOut', 'mixedSite', 'wakeUpStorm'],
};

/** One message each way that these loads need. */
function firstMessageFor(loads) {
  const goes = (way) => loads.some(({ kind }) => WAYS[way].includes(kind));
  return { name: 'one message first', kind: 'firstMessage', rest: 0, up: goes('up'), down: goes('down') };
}

function rowOf(load) {
  return { name: load.name, title: load.title, load, here: [], there: [], floor: [], plain: [] };
}

async function once(what, load, { mode = 'transparent', eventLoop }) {
  const scene = await Scene.start(what, {
    mode,
    line: load.line,
    sessions: load.sessions,
    dtls: load.secure,
    eventLoop,
  });
  try {
    return await scene.measure(load);
  } finally {
    await scene.end();
  }
}

/** Octets of a DTLS association alone, where there are so many. */
function associationMemory(directory, count) {
  const program = fileURLToPath(new URL('association-memory.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program, directory, String(count)], {
    encoding: 'utf8',
  });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the memory of associations could not be measured: ${stderr}`);
  }
}
