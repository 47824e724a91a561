/** What is told of a simulation. Pure. */
import type { Tally } from './tally.ts';

/** What must be true at the end of a simulation that went well. */
export interface Acceptance {
  readonly sensors: number;
  /** Messages that may be lost. */
  readonly maxLost: number;
}

/** One line while it goes on. */
export function progressText(tally: Tally, sensors: number): string {
  return [
    `${tally.connected}/${sensors} connected`,
    `${tally.sent} sent`,
    `${tally.acknowledged} acknowledged`,
    `${tally.allLost} lost`,
    ...latencies(tally),
  ].join(' · ');
}

/** Why it did not go well, each in a sentence; empty: it did. */
export function shortcomings(tally: Tally, { sensors, maxLost }: Acceptance): string[] {
  const never = sensors - tally.everConnected.size;
  const missing = tally.commands - tally.delivered;
  return [
    ...(never > 0 ? [`${never} of ${sensors} sensors never had a session: see the log of the gateway`] : []),
    ...(tally.allLost > maxLost
      ? [
          `${tally.allLost} messages were lost (${tally.lost.unanswered} unanswered, ${tally.lost.rejected} rejected, ${tally.lost.unfinished} unfinished at the end), and ${maxLost} may be`,
        ]
      : []),
    ...(missing > maxLost
      ? [`${missing} of ${tally.commands} commands did not reach their sleeper, and ${maxLost} may not`]
      : []),
  ];
}

/** The figures at the end. */
export function summaryText(tally: Tally, acceptance: Acceptance, seconds: number): string {
  const problems = shortcomings(tally, acceptance);
  const [p50, p99] = [tally.latency(0.5), tally.latency(0.99)].map((each) => (each === undefined ? '–' : millis(each)));
  const lines: readonly (readonly [string, string])[] = [
    ['Time', `${seconds.toFixed(1)} s`],
    [
      'Sensors',
      `${acceptance.sensors}, of which ${tally.everConnected.size} had a session; ${tally.connects} CONNECTs`,
    ],
    ['Sent', `${tally.sent} (${(tally.sent / Math.max(seconds, 0.001)).toFixed(1)}/s)`],
    ['Acknowledged', `${tally.acknowledged}, p50 ${p50}, p99 ${p99}`],
    [
      'Lost',
      `${tally.allLost}${tally.powerless > 0 ? `; ${tally.powerless} more went with the power of their sensor` : ''}`,
    ],
    ['Received', `${tally.received} by subscribers, ${tally.delivered} of ${tally.commands} commands by sleepers`],
    ...(tally.reboots + tally.moves > 0
      ? [['Mishaps', `${tally.reboots} reboots, ${tally.moves} changes of address`] as const]
      : []),
    ['Result', problems.length === 0 ? 'good' : problems.join('; ')],
  ];
  return lines.map(([name, value]) => `${name.padEnd(12)}  ${value}\n`).join('');
}

/** The same for scripts. */
export function summaryJson(tally: Tally, acceptance: Acceptance, seconds: number): string {
  return JSON.stringify({
    seconds: Number(seconds.toFixed(3)),
    sensors: acceptance.sensors,
    everConnected: tally.everConnected.size,
    connects: tally.connects,
    sent: tally.sent,
    acknowledged: tally.acknowledged,
    lost: { ...tally.lost, all: tally.allLost },
    powerless: tally.powerless,
    p50: tally.latency(0.5) ?? null,
    p99: tally.latency(0.99) ?? null,
    received: tally.received,
    commands: { taken: tally.commands, delivered: tally.delivered },
    reboots: tally.reboots,
    moves: tally.moves,
    problems: shortcomings(tally, acceptance),
  });
}

function latencies(tally: Tally): string[] {
  return (
    [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const
  ).flatMap(([name, part]) => {
    const latency = tally.latency(part);
    return latency === undefined ? [] : [`${name} ${millis(latency)}`];
  });
}

function millis(time: number): string {
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}
