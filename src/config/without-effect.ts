/** Settings that are right and were written, but have no effect beside the others. */
import { isNetworkLine } from './line-path.ts';
import type { LoadedSettings } from './load.ts';
import type { Settings } from './schema.ts';

interface Idle {
  readonly settings: readonly string[];
  /** Whether they have no effect. */
  readonly when: (settings: Settings) => boolean;
  readonly because: string;
}

const IDLE: readonly Idle[] = [
  {
    settings: [
      'http.host',
      'http.port',
      'http.token',
      'http.tokenFile',
      'http.insecure',
      'http.allowedHosts',
      'http.cert',
      'http.key',
    ],
    when: ({ http }) => !http.enabled,
    because: 'http.enabled is false',
  },
  {
    settings: ['upstream.receiveMaximum', 'upstream.sessionExpiry'],
    when: ({ upstream }) => upstream.protocolVersion === 4,
    because: 'it needs upstream.protocolVersion: 5',
  },
  {
    settings: ['upstream.willDelay'],
    when: ({ upstream }) => upstream.protocolVersion === 4 && upstream.mode === 'transparent',
    because: 'it needs upstream.protocolVersion: 5, or upstream.mode: aggregating',
  },
  {
    settings: [
      'upstream.ownConnection',
      'sessions.queue.messages',
      'sessions.queue.octets',
      'sessions.queue.octetsInAll',
      'sessions.queue.age',
    ],
    when: ({ upstream }) => upstream.mode === 'transparent',
    because: 'it needs upstream.mode: aggregating',
  },
  {
    settings: ['capture.maxSize', 'capture.maxFiles', 'capture.payloads'],
    when: ({ capture }) => capture.path === undefined,
    because: 'there is no capture.path',
  },
  {
    settings: ['status.topicPrefix'],
    when: ({ upstream, status }) => upstream.mode === 'transparent' && !status.enabled,
    because: 'it needs status.enabled, or upstream.mode: aggregating',
  },
  {
    settings: ['status.requests'],
    when: ({ status }) => !status.enabled,
    because: 'status.enabled is false',
  },
  {
    settings: ['homeAssistant.discoveryPrefix'],
    when: ({ homeAssistant }) => !homeAssistant.enabled,
    because: 'homeAssistant.enabled is false',
  },
  {
    settings: ['upstream.clientIdPrefix'],
    when: ({ upstream }) => upstream.mode === 'aggregating' && (upstream.ownConnection ?? []).length === 0,
    because: 'with upstream.mode: aggregating only clients in upstream.ownConnection have an id at the broker',
  },
  {
    settings: ['upstream.credentials'],
    when: ({ upstream }) => upstream.mode === 'aggregating' && (upstream.ownConnection ?? []).length === 0,
    because: 'with upstream.mode: aggregating only clients in upstream.ownConnection have a connection of their own',
  },
  {
    settings: [
      'upstream.ca',
      'upstream.cert',
      'upstream.key',
      'upstream.psk.identity',
      'upstream.psk.key',
      'upstream.psk.keyFile',
      'upstream.alpn',
    ],
    when: ({ upstream }) => !isSecured(upstream),
    because: 'upstream.url is none with TLS (mqtts:// or wss://)',
  },
  {
    settings: ['broker.host', 'broker.port'],
    when: ({ upstream }) => upstream.url !== undefined,
    because: 'there is no embedded broker where upstream.url names one',
  },
  {
    settings: [
      'clients.qosMinus1From',
      'clients.qosMinus1Topics',
      'clients.qosMinus1PerSecond',
      'clients.qosMinus1LongNames',
    ],
    when: ({ clients }) => !clients.qosMinus1,
    because: 'clients.qosMinus1 is false',
  },
];

function isSecured({ url = '' }: Settings['upstream']): boolean {
  return /^(mqtts|wss):/i.test(url);
}

/** Rules of upstream.credentials that cannot do what they say. */
function idleRules({ settings: { upstream }, credentials }: LoadedSettings): string[] {
  const rules = isSecured(upstream) ? [] : (credentials?.rules ?? []);
  return rules
    .filter(({ certificate, psk }) => certificate !== undefined || psk !== undefined)
    .map(
      ({ name, psk }) =>
        `${psk ? 'psk' : 'cert'} of rule "${name}" in upstream.credentials has no effect: upstream.url is none with TLS (mqtts:// or wss://)`,
    );
}

/** Rules behind one that fits everybody: nobody comes to them. */
function hiddenRules({ credentials }: LoadedSettings): string[] {
  const rules = credentials?.rules ?? [];
  const last = rules.findIndex(({ clientId, identity }) => clientId === undefined && identity === undefined);
  return last === -1
    ? []
    : rules
        .slice(last + 1)
        .map(
          ({ name }) =>
            `rule "${name}" in upstream.credentials has no effect: rule "${rules[last]?.name}" before it fits every client`,
        );
}

/** Limits for one client above those for all together. */
function overruledLimits({ settings: { sessions, upstream } }: LoadedSettings): string[] {
  const { queue, sleepBufferOctets, sleepBufferOctetsInAll } = sessions;
  const inAll = [
    ...(upstream.mode === 'aggregating' ? [['sessions.queue.octets', queue.octets, queue.octetsInAll] as const] : []),
    ['sessions.sleepBufferOctets', sleepBufferOctets, sleepBufferOctetsInAll] as const,
  ];
  return inAll
    .filter(([, ofOne, ofAll]) => ofOne > ofAll)
    .map(
      ([name, ofOne, ofAll]) => `${name} (${ofOne}) has no effect: ${name}InAll, for all clients together, is ${ofAll}`,
    );
}

/** One line for each. */
export function withoutEffect(loaded: LoadedSettings): string[] {
  const { settings, origins } = loaded;
  const isWritten = (name: string): boolean => (origins.get(name) ?? 'default') !== 'default';
  const idle = [...IDLE.filter(({ when }) => when(settings)), ...idleOnLines(settings)].flatMap(
    ({ settings: names, because }) =>
      names
        .filter((name) => isWritten(name) && !isWritten(`${name}File`)) // a secret that stands in a file is named by that
        .map((name) => `${name} has no effect: ${because}`),
  );
  return [...idle, ...overruledLimits(loaded), ...idleRules(loaded), ...hiddenRules(loaded)];
}

function idleOnLines({ transports }: Settings): Pick<Idle, 'settings' | 'because'>[] {
  return transports.flatMap((transport, at) =>
    'path' in transport && isNetworkLine(transport.path)
      ? [{ settings: [`transports[${at}].rtscts`], because: 'a line over tcp:// is set at its other end' }]
      : [],
  );
}
