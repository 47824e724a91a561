import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { type AccessAction, askAccess } from '../../src/core/access-question.ts';
import type { AccessSettings } from '../../src/core/contract/access-settings.ts';
import type { Peer } from '../../src/core/contract/peer.ts';
import type { AccessFacts } from '../../src/core/state/access-table.ts';
import { CoreBench, connectFrame, frame, hex16, octets } from '../support/core-bench.ts';
import { encapsulated } from '../support/core-bench-traffic.ts';

/** Names of all kinds: what would be other levels or wildcards, what a broker keeps for itself, no ASCII. */
const NAMES = ['s', 'i', 'a/b', '+', '#', 's#', '$SYS', '$', 'é', '%c', '%i', '*', '日本'];
const FILTERS = ['#', '+', 'a/#', '%c', '%i', 'a/%c', '%i/%c/#', '+/%c', '$SYS/#', '$SYS/%c', 'x%c', '%c%i', '%c/+/x'];
const TOPICS = ['s', 'i', 'a/s', 'a/i', 'i/s/x', 'a/b', '$SYS/s', '$SYS', 'xs', 'é', 'si', 's/y/x', '%c', '日本'];
const ASKED = ['#', '+', 'a/#', 'a/+', '+/s', '$SYS/#', '$share/g/#', '$share/g/a/s', '$share/g/a/+', 's', 'i/+/x'];
const HOSTS = ['10.0.0.1', '192.0.2.7'];

const some = <T>(of: readonly T[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 3 });
const patterns = some([...NAMES, 's*', '?', '*']);

const rule = fc.record(
  {
    name: fc.constant('r'),
    connect: fc.constantFrom(true, true, false),
    publish: some(FILTERS),
    subscribe: some(FILTERS),
    deny: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, some(FILTERS)),
    qosMinus1: fc.boolean(),
    retain: fc.boolean(),
    maxQos: fc.constantFrom(0, 1, 2),
    maxPayload: fc.constantFrom(0, 3),
    transport: some(['udp', 'dtls']),
    host: some(['10.0.0.0/8', ...HOSTS, '10.0.0.1:1', '0.0.0.0/0', '::/0']),
    identity: patterns,
    exactIdentity: fc.constantFrom(...NAMES),
    identified: fc.boolean(),
    clientId: patterns,
    forwarder: some(['any', 'none', '10.0.0.1']),
  },
  { requiredKeys: ['name', 'connect', 'publish', 'subscribe', 'deny', 'qosMinus1', 'retain', 'maxQos'] },
);

const settings: fc.Arbitrary<AccessSettings> = fc.record({
  rules: fc.array(rule, { maxLength: 4 }) as fc.Arbitrary<AccessSettings['rules']>,
  default: fc.constantFrom('deny', 'deny', 'allow'),
  clientIdFromIdentity: fc.constantFrom('off', 'require', 'set'),
  clientIdPattern: fc.constantFrom('%i', '%i*', '*'),
});

const publish = fc.record({
  what: fc.constant('publish' as const),
  topic: fc.constantFrom(...TOPICS),
  qos: fc.constantFrom(0, 1, 2),
  retain: fc.boolean(),
  octets: fc.constantFrom(0, 3, 4),
});

const action: fc.Arbitrary<AccessAction> = fc.oneof(
  fc.constant({ what: 'connect' as const }),
  { weight: 3, arbitrary: publish },
  fc.record({
    what: fc.constant('subscribe' as const),
    topic: fc.constantFrom(...TOPICS, ...ASKED),
    qos: fc.constantFrom(0, 1, 2),
  }),
  fc.record({ what: fc.constant('read' as const), topic: fc.constantFrom(...TOPICS) }),
);

const place = fc.record({
  identity: fc.constantFrom(undefined, ...NAMES),
  host: fc.constantFrom(...HOSTS),
  isForwarded: fc.boolean(),
});

function factsOf(
  { identity, host, isForwarded }: { identity: string | undefined; host: string; isForwarded: boolean },
  clientId: string | undefined,
): AccessFacts {
  const transport = identity === undefined ? 'udp' : 'dtls';
  return { transport, host, address: `${host}:1`, identity, clientId, isForwarded };
}

/** What becomes of it in a gateway with these rules. */
class Gateway {
  readonly #bench: CoreBench;
  readonly #facts: AccessFacts;

  constructor(access: AccessSettings, facts: AccessFacts) {
    const predefined = { '*': Object.fromEntries(TOPICS.map((topic, at) => [at + 1, topic])) };
    this.#bench = new CoreBench({ settings: { access }, predefined });
    this.#bench.open('dtls');
    this.#bench.feed({ type: 'sessions-restored', records: [] });
    this.#facts = facts;
  }

  takes(asked: AccessAction): boolean {
    const { clientId } = this.#facts;
    if (asked.what === 'publish' && asked.qos === -1) {
      this.#bench.up(1);
      return this.#publishes(asked);
    }
    const [line = ''] = this.#says(connectFrame(clientId ?? ''));
    const connection = Number(/^#(\d+) CONNECT/.exec(line)?.[1]);
    if (Number.isNaN(connection)) {
      return false;
    }
    this.#bench.up(connection);
    switch (asked.what) {
      case 'connect':
        return true;
      case 'publish':
        return this.#publishes(asked);
      case 'subscribe':
        return this.#says(frame(`12 ${['00', '20', '40'][asked.qos]} 0001`, asked.topic))[0]?.startsWith('#') === true;
      case 'read':
        return this.#bench.message(connection, asked.topic, 'x').length > 0;
    }
  }

  #publishes(asked: AccessAction & { what: 'publish' }): boolean {
    const flags = ({ '-1': 0x60, 0: 0, 1: 0x20, 2: 0x40 } as const)[asked.qos] + (asked.retain ? 0x10 : 0) + 1;
    const id = hex16(TOPICS.indexOf(asked.topic) + 1);
    const msgId = asked.qos > 0 ? '0001' : '0000';
    const lines = this.#says(
      frame(`0c ${flags.toString(16).padStart(2, '0')} ${id} ${msgId}`, 'x'.repeat(asked.octets)),
    );
    return lines.some((line) => /^#\d+ PUBLISH/.test(line));
  }

  #says(hex: string): string[] {
    const { transport, host, address, identity, isForwarded } = this.#facts;
    const peer: Peer = { transport, host, address, ...(identity !== undefined && { identity }) };
    const link = `${transport}:${address}`;
    return this.#bench.feed({
      ...{ type: 'frame-received', link, peer },
      frame: octets(isForwarded ? encapsulated('07', hex) : hex),
    });
  }
}

const compare = (access: AccessSettings, facts: AccessFacts, asked: AccessAction): void => {
  const told = askAccess(access, facts, asked);
  const done = new Gateway(access, facts).takes(asked);
  if (told.isGranted !== done) {
    throw new Error(`told: ${JSON.stringify(told)}; done: ${done}`);
  }
};

describe('what is told of access rules without a client (access test)', () => {
  it('is what the gateway does with one', () => {
    fc.assert(
      fc.property(settings, place, fc.constantFrom(...NAMES), action, (access, where, clientId, asked) =>
        compare(access, factsOf(where, clientId), asked),
      ),
      { numRuns: 2_000 },
    );
  });

  it('is what it does with a publish with QoS −1 of somebody who has not connected', () => {
    fc.assert(
      fc.property(settings, place, publish, (access, where, asked) =>
        compare(access, factsOf(where, undefined), { ...asked, qos: -1 }),
      ),
      { numRuns: 1_000 },
    );
  });
});
