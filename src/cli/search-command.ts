/** `search`: asks the network for gateways (§6.1). */
import type { Argv, CommandModule } from 'yargs';
import { type FoundGateway, type SearchTarget, searchGateways } from '../client/gateway-search.ts';
import { reportingErrors } from './client-session.ts';
import type { CommandFacts } from './command-line.ts';
import { checkOptions, OptionProblem, type OptionTable, type OptionValues } from './option-table.ts';
import { untilInterrupted } from './until-interrupted.ts';

const PORT = 1_884;
const MAX_PORT = 65_535;

/** Where gateways are that are set as they come: at the multicast group, in the network, on this machine. */
const USUAL: readonly string[] = ['225.1.1.1:1883', '255.255.255.255:1884', '127.0.0.1:1884'];

const OPTIONS = {
  wait: {
    alias: 'W',
    type: 'number',
    requiresArg: true,
    default: 3,
    describe: 'Seconds that it listens',
    seconds: 'above 0',
  },
  count: {
    alias: 'C',
    type: 'number',
    requiresArg: true,
    describe: 'End as soon as this many gateways have answered',
    whole: [1, 1_000],
  },
  radius: {
    type: 'number',
    requiresArg: true,
    default: 0,
    describe: 'Hops that the search may take; 0: all',
    whole: [0, 255],
  },
  interface: {
    type: 'string',
    requiresArg: true,
    describe: 'IPv4 address of the interface over which a multicast group is asked',
    notEmpty: true,
  },
  json: { type: 'boolean', default: false, describe: 'One line of JSON for each gateway' },
} as const satisfies OptionTable;

type SearchArguments = OptionValues<typeof OPTIONS> & { readonly where: string[] | undefined };

/** Lists the gateways that answer; exit code 1 where none does. */
export const searchCommand: CommandModule<object, SearchArguments> & CommandFacts = {
  withoutSettings: true,
  otherNames: ['discover', 'searchgw', 'find'],
  command: 'search [where..]',
  describe: 'Search gateways in the network (SEARCHGW)',
  builder: (command: Argv) =>
    command
      .usage(
        `Usage: $0 search [where..]\n\nSends SEARCHGW to multicast groups, broadcast addresses or hosts and lists the gateways that answer with GWINFO. Without any: ${USUAL.join(', ')}.`,
      )
      .positional('where', {
        type: 'string',
        array: true,
        describe: 'address, or address:port (port 1884 unless told)',
      })
      .options(OPTIONS)
      .example('$0 search', 'The gateways in this network')
      .example('$0 search 192.168.1.255 gateway.example:1885', 'In a network, and one host'),
  handler: (values) =>
    reportingErrors('search', { gateway: (values.where ?? []).join(', ') }, async () => {
      checkOptions(OPTIONS, values);
      const where = values.where ?? [];
      await search(values, (where.length === 0 ? USUAL : where).map(searchTarget));
    }),
};

/** `address`, `address:port`, `[address]:port`. Throws `OptionProblem`. */
export function searchTarget(text: string): SearchTarget {
  const colons = text.split(':').length - 1;
  const match = colons > 1 ? /^(?:\[(.+)\](?::(\d+))?|([^[\]]+))$/.exec(text) : /^([^:]+)(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[3];
  const port = match?.[2] === undefined ? PORT : Number(match[2]);
  if (host === undefined || port < 1 || port > MAX_PORT) {
    throw new OptionProblem(`"${text}" is no address:port such as 192.168.1.255:1884`);
  }
  return { host, port };
}

/** One line for people. */
export function foundText({ gwId, address, port, gwAdd, by, after }: FoundGateway): string {
  const at = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const said = gwAdd === undefined ? '' : `, a client says; its address is 0x${Buffer.from(gwAdd).toString('hex')}`;
  return `gateway ${String(gwId).padEnd(3)}  ${at.padEnd(21)}  ${by} after ${Math.round(after)} ms${said}`;
}

async function search(values: SearchArguments, targets: readonly SearchTarget[]): Promise<void> {
  const problems: string[] = [];
  let found = 0;
  await untilInterrupted((signal, stop) =>
    searchGateways({
      targets,
      radius: values.radius,
      wait: values.wait * 1000,
      signal,
      ...(values.interface !== undefined && { interface: values.interface }),
      onProblem: ({ host, port }, error) => problems.push(`${host}:${port} cannot be asked: ${error.message}`),
      onFound: (gateway) => {
        found += 1;
        process.stdout.write(`${values.json ? foundJson(gateway) : foundText(gateway)}\n`);
        if (found === values.count) {
          stop();
        }
      },
    }),
  );
  if (found === 0) {
    const asked = targets.map(({ host, port }) => `${host}:${port}`).join(', ');
    throw new Error(
      [
        `no gateway answered within ${values.wait} s (asked: ${asked})`,
        ...problems,
        'a gateway answers while it can reach its broker; to a multicast group, where transports[].multicast is set',
      ].join('; '),
    );
  }
}

function foundJson({ gwAdd, after, ...found }: FoundGateway): string {
  const extra = gwAdd === undefined ? {} : { gwAdd: Buffer.from(gwAdd).toString('hex') };
  return JSON.stringify({ ...found, ...extra, after: Math.round(after) });
}
