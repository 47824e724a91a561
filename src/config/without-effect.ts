/** Settings that are right and were written, but have no effect beside the others. */
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
    settings: ['http.enabled', 'http.host', 'http.port'],
    when: ({ http }) => http.enabled,
    because: 'this version has no status page yet',
  },
  {
    settings: ['upstream.willDelay', 'upstream.receiveMaximum', 'upstream.sessionExpiry'],
    when: ({ upstream }) => upstream.protocolVersion !== 5,
    because: 'it needs upstream.protocolVersion: 5',
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

/** One line for each. */
export function withoutEffect({ settings, origins }: LoadedSettings): string[] {
  return IDLE.filter(({ when }) => when(settings)).flatMap(({ settings: names, because }) =>
    names
      .filter((name) => (origins.get(name) ?? 'default') !== 'default')
      .map((name) => `${name} has no effect: ${because}`),
  );
}
