/** `capture`: the frames of clients of a running gateway in a file for Wireshark. */
import type { Argv, CommandModule } from 'yargs';
import { FrameCapture, TSHARK_OPTION } from '../../app/capture/frame-capture.ts';
import { version } from '../../app/version.ts';
import type { TracedFrame } from '../../http/api-contract.ts';
import type { CommandFacts } from '../command-line.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from '../option-table.ts';
import { untilInterrupted } from '../until-interrupted.ts';
import { API_OPTIONS, gatewayApi } from './api-options.ts';
import { reportingApiErrors } from './api-report.ts';
import { openCapture } from './capture-output.ts';
import { ENDING_OPTIONS } from './ending-options.ts';
import { FollowedClients } from './followed-clients.ts';
import { tracedOctets } from './traced-octets.ts';

const MIB = 1024 * 1024;

const HIDDEN = 'zeros in place of the payload: the gateway has no logging.payloads';

const { json: _json, ...ACCESS } = API_OPTIONS;
const OWN_OPTIONS = {
  pcap: {
    alias: 'w',
    type: 'string',
    requiresArg: true,
    describe: 'File that is written (pcapng); - is standard output',
    notEmpty: true,
  },
  ...ENDING_OPTIONS,
  'max-size': {
    type: 'number',
    requiresArg: true,
    default: 100,
    describe: 'End when the file has so many MiB',
    whole: [1, 100_000],
  },
} as const satisfies OptionTable;

const OPTIONS = { ...ACCESS, ...OWN_OPTIONS };
type CaptureArguments = OptionValues<typeof OPTIONS> & { readonly id: string[] | undefined };

export const captureCommand: CommandModule<object, CaptureArguments> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['pcap', 'tcpdump', 'record'],
  command: 'capture [id..]',
  describe: 'Write the frames of clients of a running gateway to a file for Wireshark',
  builder: (command: Argv) =>
    command
      .usage(
        `Usage: $0 capture --pcap <file> [id..]\n\nWrites the frames of these clients, or of all, as UDP datagrams of port 1884, whatever they came over; a node on a line or a radio has an address of 198.18.0.0/15, whose name is in the file. The gateway shows up to 10 clients at a time, as with trace; the setting capture has no such limit. To read it: tshark ${TSHARK_OPTION} -r <file>.`,
      )
      .positional('id', { type: 'string', array: true, describe: 'Client ids; without any: all' })
      .options(OPTIONS)
      .example('$0 capture --pcap site.pcapng --token-file token', 'All frames until Ctrl-C')
      .example(
        `$0 capture --pcap - sensor-1 | tshark ${TSHARK_OPTION} -r -`,
        'Those of sensor-1, dissected as they come',
      ),
  handler: (values) =>
    reportingApiErrors('capture', async () => {
      checkOptions(OWN_OPTIONS, values);
      if (values.pcap === undefined) {
        throw new OptionProblem('where to? Add --pcap with the name of a file, or - for standard output');
      }
      await capture(values, values.pcap, await gatewayApi({ ...values, json: false }));
    }),
};

async function capture(
  values: CaptureArguments,
  file: string,
  api: Awaited<ReturnType<typeof gatewayApi>>,
): Promise<void> {
  const say = (line: string): boolean => process.stderr.write(`capture: ${line}\n`);
  await untilInterrupted(async (signal, stop) => {
    const frames = new FrameCapture(`mqtt-sn-gateway ${version}`);
    const output = openCapture(file, stop);
    const timer = values.timeout === undefined ? undefined : setTimeout(stop, values.timeout * 1000);
    let count = 0;
    let size = 0;
    const write = (octets: Buffer): void => {
      size += octets.length;
      output.write(octets);
    };
    const record = (_clientId: string, { time, direction, link, hex }: TracedFrame): void => {
      if (count === values.count || size >= values['max-size'] * MIB) {
        return;
      }
      const { octets, length, isHidden } = tracedOctets(hex);
      write(
        frames.frame({ time: Date.parse(time), direction, link, octets, length, ...(isHidden && { comment: HIDDEN }) }),
      );
      count += 1;
      if (count === values.count || size >= values['max-size'] * MIB) {
        stop();
      }
    };
    try {
      write(frames.begin());
      await new FollowedClients(api, { frame: record, say }).follow(values.id ?? [], signal);
    } finally {
      clearTimeout(timer);
      output.close();
    }
    const where = file === '-' ? '' : ` in ${file}; to read them: tshark ${TSHARK_OPTION} -r ${file}`;
    say(`${count} frames${where}`);
  });
}
