/** `ping`: is the gateway there, and how long does it take? */
import { setTimeout as delay } from 'node:timers/promises';
import type { Argv, CommandModule } from 'yargs';
import { CLIENT_OPTIONS, clientSettings } from './client-options.ts';
import { commandClient, connectCommandClient, reportingErrors, withClient } from './client-session.ts';
import type { CommandFacts } from './command-line.ts';
import { GATEWAY_OPTIONS, gatewayAddress } from './gateway-options.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';
import { untilInterrupted } from './until-interrupted.ts';

const OWN_OPTIONS = {
  count: {
    alias: 'C',
    type: 'number',
    requiresArg: true,
    default: 1,
    describe: 'PINGREQ this many times',
    whole: [1, 1_000_000],
  },
  interval: {
    type: 'number',
    requiresArg: true,
    default: 1,
    describe: 'Seconds between two of them',
    seconds: 'from 0',
  },
} as const satisfies OptionTable;

const { id, debug, quiet, 'retry-interval': retryInterval, 'retry-count': retryCount } = CLIENT_OPTIONS;
const OPTIONS = {
  ...GATEWAY_OPTIONS,
  ...{ id, debug, quiet },
  'retry-interval': { ...retryInterval, default: 2 },
  'retry-count': { ...retryCount, default: 2 },
  ...OWN_OPTIONS,
} as const satisfies OptionTable;

/** What a ping has no options for. */
const FIXED = {
  keepalive: 60,
  'disable-clean-session': false,
  ...{ 'will-topic': undefined, 'will-payload': undefined, 'will-qos': undefined, 'will-retain': undefined },
} as const;

type PingArguments = OptionValues<typeof OPTIONS>;

/** CONNECT with a clean session, PINGREQ, DISCONNECT; prints how long each took. */
export const pingCommand: CommandModule<object, PingArguments> & CommandFacts = {
  withoutSettings: true,
  command: 'ping',
  describe: 'Connect to a gateway, ping it and disconnect, with times',
  builder: (command: Argv) =>
    command
      .usage(
        'Usage: $0 ping\n\nCONNECT with a clean session, PINGREQ, DISCONNECT, and how long each was answered after.',
      )
      .options(OPTIONS)
      .example('$0 ping -h 192.168.1.2 --count 10', 'Ten pings, a second apart')
      .example('$0 ping --serial /dev/ttyUSB0 --framing slip', 'Over a serial line'),
  handler: (values) =>
    reportingErrors('ping', { gateway: gatewayAddress(values), quiet: values.quiet }, () => ping(values)),
};

/** `3 PINGREQ: min/avg/max 1.0/2.0/3.0 ms`. */
export function summary(times: readonly number[]): string {
  const sum = times.reduce((total, time) => total + time, 0);
  const figures = [Math.min(...times), sum / times.length, Math.max(...times)].map((time) => time.toFixed(1));
  return `${times.length} PINGREQ: min/avg/max ${figures.join('/')} ms`;
}

async function ping(values: PingArguments): Promise<void> {
  checkOptions(OWN_OPTIONS, values);
  if (values.url !== undefined && /^[^/]*\/\/[^/]*\/./.test(values.url)) {
    throw new OptionProblem('a ping has no topic: leave it away behind the address of --url');
  }
  const settings = clientSettings({ ...values, ...FIXED }, 'ping');
  let lost: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    lost = reject;
  });
  ended.catch(() => undefined);
  const client = commandClient({ ...settings, onDisconnected: ({ error }) => lost(error) }, values.debug);
  const times: number[] = [];
  const timed = async (what: string, work: Promise<void>): Promise<number> => {
    const before = performance.now();
    await Promise.race([work, ended]);
    const time = performance.now() - before;
    process.stdout.write(`${what.padEnd(12)} ${time.toFixed(1).padStart(8)} ms\n`);
    return time;
  };
  await untilInterrupted((signal) =>
    withClient(client, async () => {
      await timed('CONNECT', connectCommandClient(client));
      for (let n = 1; n <= values.count && !signal.aborted; n += 1) {
        times.push(await timed(`PINGREQ ${values.count === 1 ? '' : n}`.trimEnd(), client.ping()));
        if (n < values.count) {
          await delay(values.interval * 1000, undefined, { signal }).catch(() => undefined);
        }
      }
      await timed('DISCONNECT', client.disconnect());
    }),
  );
  process.stdout.write(`${summary(times)}\n`);
}
