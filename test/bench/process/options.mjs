/** The command line of the benchmark. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LOADS } from './loads.mjs';
import { USAGE } from './usage.mjs';

const MODES = ['transparent', 'aggregating', 'both'];
const text = { type: 'string' };
const flag = { type: 'boolean', default: false };

/**
 * @param {readonly string[]} args
 * @returns {object} what they ask for
 * @throws {Error} with the usage where they cannot be understood
 */
export function readOptions(args) {
  const { values } = understood(() =>
    parseArgs({
      args,
      options: {
        ...{
          loads: text,
          rounds: text,
          mode: text,
          baseline: text,
          'baseline-mode': text,
          target: text,
          'broker-port': text,
          pid: text,
          json: text,
        },
        ...{ quick: flag, smoke: flag, 'event-loop': flag },
      },
    }),
  );
  const { quick, smoke, baseline, mode = 'transparent', json, 'event-loop': eventLoop } = values;
  if (!MODES.includes(mode)) {
    refuse(`--mode ${mode} is none of ${MODES.join(', ')}`);
  }
  const baselineMode = values['baseline-mode'];
  if (
    baselineMode !== undefined &&
    !(baseline !== undefined && baselineMode !== 'both' && MODES.includes(baselineMode))
  ) {
    refuse('--baseline-mode is transparent or aggregating, and needs --baseline');
  }
  const target = targetOf(values);
  if (target !== undefined && (baseline !== undefined || mode !== 'transparent' || eventLoop)) {
    refuse(
      '--target is for a gateway that runs already: --baseline, --mode and --event-loop are for gateways that are started here',
    );
  }
  const size = smoke ? 'smoke' : quick ? 'quick' : 'whole';
  const rounds = values.rounds === undefined ? undefined : wholeNumber('rounds', values.rounds, 1000);
  return {
    ...{ size, eventLoop, target, json },
    rounds: rounds ?? { smoke: 1, quick: 1, whole: 3 }[size],
    /** Of loads that are measured in pairs; undefined: as many as each wants. */
    pairs: rounds ?? { smoke: 1, quick: 3 }[size],
    modes: mode === 'both' ? ['transparent', 'aggregating'] : [mode],
    baseline: baseline === undefined ? undefined : resolve(baseline),
    /** Undefined: that of this build. */
    baselineMode,
    loads: loadsOf(values.loads, { target, baseline }),
  };
}

function loadsOf(names, { target, baseline }) {
  const possible = LOADS.filter(
    ({ line, restarts, pairs }) =>
      (target === undefined || !(line || restarts || pairs)) && (baseline === undefined || !pairs),
  );
  if (names === undefined) {
    return possible;
  }
  return names.split(',').map((name) => {
    return (
      possible.find((load) => load.name === name) ??
      refuse(`no load ${name}${target ? ' with --target' : baseline ? ' with --baseline' : ''}`)
    );
  });
}

function targetOf({ target, 'broker-port': brokerPort, pid }) {
  if (target === undefined) {
    return undefined;
  }
  const at = target.lastIndexOf(':');
  if (at < 1 || brokerPort === undefined) {
    refuse('--target needs HOST:PORT, and --broker-port');
  }
  return {
    host: target.slice(0, at),
    port: wholeNumber('target', target.slice(at + 1), 65_535),
    brokerPort: wholeNumber('broker-port', brokerPort, 65_535),
    pid: pid === undefined ? undefined : wholeNumber('pid', pid, 2 ** 31),
  };
}

function wholeNumber(name, given, most) {
  const value = Number(given);
  return Number.isInteger(value) && value >= 1 && value <= most
    ? value
    : refuse(`--${name} ${given}: a whole number from 1 to ${most} is needed`);
}

function understood(work) {
  try {
    return work();
  } catch (error) {
    return refuse(error.message);
  }
}

function refuse(why) {
  throw new Error(`${why}\n${USAGE}`);
}
