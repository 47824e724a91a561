import { beforeEach, describe, expect, it } from '@jest/globals';
import { CidClient } from '../../../support/cid-client.ts';
import { BenchClient, DtlsBench, IDENTITY, KEY } from '../../../support/dtls-bench.ts';

/** 24 in the long form (`npm run test:hostile`): more than 100,000 datagrams for the server. */
const rounds = Number(process.env.ROUNDS_FACTOR ?? 1);
const EACH = 700 * rounds;

const HERE = '192.0.2.1:5000';
const TRUE_WORDS = ['one', 'two', 'three'];

/** Numbers below 1 that a seed decides. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A datagram that somebody has spoilt: cut, with an end that comes twice, mixed up, or with other octets. */
function mutated(datagram: Uint8Array, next: () => number): Uint8Array {
  const copy = Uint8Array.from(datagram);
  const at = (): number => Math.floor(next() * copy.length);
  switch (Math.floor(next() * 6)) {
    case 0:
      return copy.subarray(0, at());
    case 1:
      return Uint8Array.from([...copy, ...copy.subarray(at())]);
    case 2:
      copy.copyWithin(at(), at());
      return copy;
    case 3: {
      // What says how long something is, or of what kind and epoch it is, is hit more often.
      const header = Math.floor(next() * Math.min(26, copy.length));
      copy[header] = Math.floor(next() * 256);
      return copy;
    }
    default:
      for (let n = 0; n <= next() * 4; n++) {
        copy[at()] = Math.floor(next() * 256);
      }
      return copy;
  }
}

/** Everything that a whole conversation has: handshake, frames, the end. */
function conversation(): { readonly up: readonly Uint8Array[]; readonly down: readonly Uint8Array[] } {
  const bench = new DtlsBench();
  const down: Uint8Array[] = [];
  const client = new BenchClient(bench, HERE);
  const { receive } = client.client;
  client.client.receive = (datagram, now) => {
    down.push(Uint8Array.from(datagram));
    receive.call(client.client, datagram, now);
  };
  client.connect().say('a').say('b');
  bench.server.send(bench.frames[0]?.link ?? '', Buffer.from('c'));
  client.exchange();
  client.client.close();
  client.exchange();
  return { up: client.sent, down };
}

/** States of an association at the server, as many datagrams of the client as lead to each, and whether its address is proven. */
const STATES = [
  ['nothing is known of the client', 0],
  ['it was asked for its cookie', 1],
  ['it has shown its address, and the flight of the server is under way', 2],
  ['it has proven its key', 3],
  ['frames have come', 6],
] as const;

describe('100,000 mutated datagrams at every state (24 rounds)', () => {
  let bench: DtlsBench;
  let bystander: BenchClient;
  let next: () => number;

  beforeEach(() => {
    bench = new DtlsBench();
    bystander = new BenchClient(bench, '192.0.2.200:1').connect().say('before');
    next = chance(11);
  });

  /** Nobody else has noticed, nothing was delivered that nobody said, nothing grows. */
  function expectUnharmed(): void {
    bystander.say('after');
    const texts = bench.frames.map(({ text }) => text);
    expect(texts.at(-1)).toBe('after');
    expect(texts.filter((text) => ![...TRUE_WORDS, 'before', 'after'].includes(text))).toEqual([]);
    expect(bench.server.sizes.handshakes).toBeLessThanOrEqual(10);
    expect(bench.server.sizes.associations).toBeLessThanOrEqual(2);
  }

  /** From the address of the client, what it has said and what it might say; time goes on meanwhile. */
  function attack(own: () => readonly Uint8Array[], from = HERE): void {
    const { up } = conversation();
    for (let n = 0; n < EACH; n++) {
      const pool = next() < 0.7 ? own() : up;
      const datagram = pool[Math.floor(next() * pool.length)];
      if (datagram !== undefined) {
        bench.deliver(from, mutated(datagram, next));
      }
      if (n % 100 === 0) {
        bench.pass(300);
        bench.sent.length = 0;
      }
    }
  }

  it.each(STATES)('where %s', (_, datagrams) => {
    const client = new BenchClient(bench, HERE);
    client.filter = (datagram) => client.sent.indexOf(datagram) < datagrams;
    client.connect();
    for (const word of TRUE_WORDS) {
      client.say(word);
    }
    attack(() => client.sent);
    expectUnharmed();
  });

  it.each([
    ['has a connection id', HERE],
    ['has moved, and its address is not proven', '192.0.2.1:6000'],
  ])('where the client %s', (_, there) => {
    let address = HERE;
    const client = new CidClient({
      ...{ identity: IDENTITY, key: KEY, ownCid: Buffer.of(1) },
      roundTrip: (datagram) => bench.deliver(address, datagram),
    });
    client.connect();
    client.say('one');
    address = there;
    client.say('two');
    const records = Array.from({ length: 20 }, () => client.frame('three'));
    attack(() => records, there);
    expectUnharmed();
    expect(bench.notes.filter(({ type }) => type === 'association-moved')).toHaveLength(there === HERE ? 0 : 1);
  });

  it.each([0, 1, 2, 3, 4])('at the client, behind %i datagrams of the server', (heard) => {
    const { down } = conversation();
    const client = new BenchClient(bench, HERE);
    const own: Uint8Array[] = [];
    const { receive } = client.client;
    client.client.receive = (datagram, now) => {
      own.push(Uint8Array.from(datagram));
      if (own.length <= heard) {
        receive.call(client.client, datagram, now);
      }
    };
    client.connect().say('one');
    bench.server.send(bench.frames.at(-1)?.link ?? '', Buffer.from('true'));
    client.exchange();
    for (let n = 0; n < EACH / 4; n++) {
      const pool = next() < 0.7 ? own : down;
      receive.call(client.client, mutated(pool[Math.floor(next() * pool.length)] ?? KEY, next), bench.now);
      client.client.tick(bench.now);
    }
    expect(client.heard.filter((text) => text !== 'true')).toEqual([]);
    client.filter = () => true;
    client.client.receive = receive;
    client.connect(); // answers to what it was made to say may still be on the way
    client.connect().say('two');
    expect(client.state).toBe('connected');
  });
});
