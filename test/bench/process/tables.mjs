/** What the rounds have found, as lines for people. */
import { availableParallelism, cpus, loadavg } from 'node:os';

const MEBIBYTE = 1 << 20;

/** Figures that are compared, by name: how they follow from what was measured. */
const FIGURES = {
  rate: ({ messages, seconds }) => messages / seconds,
  cpu: ({ cpu, messages }) => cpu / messages,
  p50: ({ p50 }) => p50,
  p99: ({ p99 }) => p99,
  memory: ({ rssWith }) => rssWith / MEBIBYTE,
};

/** What is compared of two builds, and what it is called. */
const TITLES = { cpu: 'CPU µs', p99: 'p99 ms', rate: 'mess./s', memory: 'MiB' };

/** One build, or a target: all its figures, and how they compare with the floor. */
export function tableOfOne({ rows, echoes, bare, associations }) {
  const head = [
    'messages/s',
    'lost',
    'again',
    'p50 ms',
    'p99 ms',
    'max ms',
    'CPU µs',
    '× relay',
    'p99 × relay',
    'MiB before',
    'with',
    'after',
    'busy %',
  ];
  const lines = [...echoes, ...rows].map(({ title, here, floor }) => {
    const [cpu, p99] = ['cpu', 'p99'].map((name) => figure(here, name) / figure(floor, name));
    const mebibytes = (name) => whole(median(here.map((figures) => figures[name] / MEBIBYTE)));
    const busy = median(here.map(({ cpu: microseconds, seconds }) => microseconds / seconds / 1e4));
    return line(title, [
      whole(figure(here, 'rate')),
      total(here, 'lost'),
      total(here, 'repeated'),
      fine(figure(here, 'p50')),
      fine(figure(here, 'p99')),
      fine(Math.max(...here.map(({ max }) => max))),
      fine(figure(here, 'cpu')),
      fine(cpu),
      fine(p99),
      ...['rssBefore', 'rssWith', 'rssAfter'].map(mebibytes),
      whole(busy),
    ]);
  });
  return [line('', head), ...lines, '', ...besides(rows, bare), ...alone(associations)];
}

/** This build and the baseline. A ratio is of two figures of the same round; the median, with the least and the greatest. */
export function tableOfTwo({ rows, echoes, bare, associations }) {
  const compared = Object.keys(TITLES);
  const head = compared.flatMap((name) => [`${TITLES[name]} base`, 'this', wide('ratio (min – max)')]);
  const lines = rows.map(({ title, here, there }) =>
    line(
      title,
      compared.flatMap((name) => {
        const ratios = here.map((figures, round) => FIGURES[name](figures) / FIGURES[name](there[round]));
        const spread = `${fine(median(ratios))} (${fine(Math.min(...ratios))} – ${fine(Math.max(...ratios))})`;
        return [fine(figure(there, name)), fine(figure(here, name)), wide(spread)];
      }),
    ),
  );
  const floors = [...rows.filter(({ floor }) => floor.length > 0), ...echoes].map(({ title, floor, here }) => {
    const figures = floor.length > 0 ? floor : here;
    return `floor: ${title}: ${fine(figure(figures, 'cpu'))} µs, ${whole(figure(figures, 'rate'))}/s, p99 ${fine(figure(figures, 'p99'))} ms`;
  });
  return [line('', head), ...lines, '', ...floors, '', ...besides(rows, bare), ...alone(associations)];
}

/** How the figures were made, and on what machine. */
export function circumstances({ rounds, size }) {
  const { version, platform, arch } = process;
  const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`;
  const [load = 0] = loadavg();
  return `${size}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}; ${machine}, Node.js ${version}, ${platform} ${arch}; load of the machine at the end ${load.toFixed(1)}`;
}

/** What has no column. */
function besides(rows, bare) {
  const lines = [`node -e 0: ${whole(bare.startMs)} ms, ${whole(bare.rss / MEBIBYTE)} MiB`];
  for (const { name, ms } of bare.commands) {
    lines.push(`${name}: ${whole(ms)} ms (${fine(ms / bare.startMs)} × node)`);
  }
  const starts = rows.filter(({ load }) => !load.restarts).flatMap(({ here }) => here.map(({ startMs }) => startMs));
  const idle = rows.flatMap(({ here }) => here.map(({ rssBefore }) => rssBefore));
  const [startMs, rss] = [median(starts.filter((ms) => ms !== undefined)), median(idle)];
  const gateway = [
    ...(Number.isFinite(startMs) ? [`start ${whole(startMs)} ms (${fine(startMs / bare.startMs)} × node)`] : []),
    ...(Number.isFinite(rss) ? [`idle ${whole(rss / MEBIBYTE)} MiB (${fine(rss / bare.rss)} × node)`] : []),
  ];
  if (gateway.length > 0) {
    lines.push(`gateway: ${gateway.join(', ')}`); // of a target nothing of the kind may be known
  }
  for (const { title, load, here, floor, plain } of rows) {
    if (load.secure) {
      lines.push(...besidePlain(title, load, here, plain));
    } else if (load.kind === 'capacity' && !load.restarts) {
      const each = (figures) =>
        median(figures.map(({ rssBefore, rssWith }) => (rssWith - rssBefore) / load.clients / 1000));
      lines.push(`${title}: ${fine(each(here))} kB each (relay: ${fine(each(floor))} kB)`);
    }
    const loops = here.flatMap(({ eventLoop }) => eventLoop ?? []);
    if (loops.length > 0) {
      const [p50, p99, max] = ['p50', 'p99', 'max'].map((which) => fine(median(loops.map((loop) => loop[which]))));
      lines.push(`${title}: event loop late by ${p50} ms (p50), ${p99} (p99), ${max} (max)`);
    }
    if (load.pairs !== undefined) {
      lines.push(...watching(title, here));
    }
    if (load.senders !== undefined) {
      lines.push(...amongMany(title, load, here));
    }
    const twice = here.reduce((sum, figures) => sum + figures.twice, 0);
    if (twice > 0) {
      lines.push(`${title}: ${twice} messages came twice`);
    }
  }
  return lines;
}

/** What DTLS associations take by themselves. */
function alone(associations) {
  return associations.map(
    ({ count, octets }) =>
      `one of ${count} DTLS associations, alone and behind a garbage collection: ${fine(octets / 1000)} kB`,
  );
}

/** What DTLS costs, round by round. */
function besidePlain(title, load, here, plain) {
  if (plain.length === 0) {
    return [];
  }
  const ratio = (name) => {
    const all = here.map((figures, round) => FIGURES[name](figures) / FIGURES[name](plain[round]));
    return `${fine(median(all))} (${fine(Math.min(...all))} – ${fine(Math.max(...all))})`;
  };
  const lines = [
    `${title}: ${fine(figure(here, 'cpu'))} µs each, ${fine(figure(plain, 'cpu'))} µs over plain UDP: × ${ratio('cpu')}`,
    `${title}: ${whole(figure(here, 'rate'))} a second, ${whole(figure(plain, 'rate'))} over plain UDP: × ${ratio('rate')}`,
  ];
  if (load.kind === 'capacity') {
    const each = (figures) => figures.map(({ rssBefore, rssWith }) => (rssWith - rssBefore) / load.clients / 1000);
    const [over, under] = [each(here), each(plain)];
    const more = over.map((kilobytes, round) => kilobytes - under[round]);
    lines.push(
      `${title}: ${fine(median(over))} kB each, ${fine(median(under))} kB over plain UDP: ${signed(median(more))} kB for an association`,
    );
  }
  return lines;
}

/** What it costs that somebody looks, pair by pair. */
function watching(title, here) {
  return here.flatMap(({ pairs, unwatched, events, scrapes, p99 }) => {
    const more = pairs.map((pair) => pair.watched - pair.unwatched);
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => signed(quantile(more, share)));
    const [watched, alone] = ['watched', 'unwatched'].map((which) => fine(median(pairs.map((pair) => pair[which]))));
    return [
      `${title}: ${watched} µs each, ${alone} µs without status page and metrics: ${middle} µs (median of ${more.length} pairs; quartiles ${low} and ${high}, ${signed(Math.min(...more))} to ${signed(Math.max(...more))})`,
      `${title}: ${events} events and ${scrapes} answers of /metrics came; p99 ${fine(p99)} ms, without ${fine(unwatched.p99)} ms`,
    ];
  });
}

/**
 * What a message takes among many clients, by what it takes of few that are alone: medians of windows. Collections of the whole heap are in few windows, so they
 * show in the means alone.
 */
function amongMany(title, { senders }, here) {
  const phase = (figures, which) => (which === 'byTurns' ? figures : figures[which]);
  const OF = {
    cpu: (figures, which) => median(phase(figures, which).windows.map(({ cpu }) => cpu)),
    p50: (figures, which) => median(phase(figures, which).windows.map(({ p50 }) => p50)),
    mean: (figures, which) => FIGURES.cpu(phase(figures, which)),
  };
  const alone = (name) => (figures) => (OF[name](figures, 'before') + OF[name](figures, 'after')) / 2;
  const over = (of) => fine(median(here.map(of)));
  const few = (name) =>
    `${over(alone(name))} (${over((figures) => OF[name](figures, 'before'))} before, ${over((figures) => OF[name](figures, 'after'))} after)`;
  const many = (which, name) => {
    const ratios = here.map((figures) => OF[name](figures, which) / alone(name)(figures));
    const spread = ratios.length > 1 ? ` (${fine(Math.min(...ratios))} – ${fine(Math.max(...ratios))})` : '';
    return `${over((figures) => OF[name](figures, which))} × ${fine(median(ratios))}${spread}`;
  };
  const all = (of) => `CPU µs ${of('cpu')}, with collections of the whole heap ${of('mean')}, p50 ms ${of('p50')}`;
  return [
    `${title}: ${senders} clients alone: ${all(few)}`,
    `${title}: the same ${senders}, the others merely there: ${all((name) => many('beside', name))}`,
    `${title}: all by turns: ${all((name) => many('byTurns', name))}`,
  ];
}

function signed(value) {
  return `${value < 0 ? '−' : '+'}${fine(Math.abs(value))}`;
}

function line(title, cells) {
  return [title.padEnd(42), ...cells.map((cell) => String(cell).padStart(12))].join(' ').trimEnd();
}

function wide(cell) {
  return cell.padStart(20);
}

function figure(rounds, name) {
  return median(rounds.map((figures) => FIGURES[name](figures)));
}

function total(rounds, name) {
  return rounds.reduce((sum, figures) => sum + figures[name], 0);
}

export function median(values) {
  return quantile(values, 0.5);
}

/** Between two values where it is none of them; NaN where there are none. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return sorted.length === 0 ? Number.NaN : below + (above - below) * (at - Math.floor(at));
}

function whole(value) {
  return Number.isFinite(value) ? String(Math.round(value)) : '–';
}

function fine(value) {
  if (!Number.isFinite(value)) {
    return '–';
  }
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : String(Math.round(value));
}
