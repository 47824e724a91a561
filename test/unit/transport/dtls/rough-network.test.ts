import { describe, expect, it } from '@jest/globals';
import { BenchClient, DtlsBench } from '../../../support/dtls-bench.ts';

const rounds = Number(process.env.ROUNDS_FACTOR ?? 1);

/** Numbers below 1 that a seed decides. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface InFlight {
  readonly at: number;
  readonly run: () => void;
}

describe('on a network that loses a fifth, repeats some and mixes up the rest', () => {
  it.each(Array.from({ length: 40 * rounds }, (_, seed) => seed))('a handshake is made, seed %i', (seed) => {
    const next = chance(seed);
    const bench = new DtlsBench();
    const client = new BenchClient(bench, '192.0.2.1:5000');
    const flying: InFlight[] = [];
    const send = (run: () => void): void => {
      for (const copies of next() < 0.1 ? [1, 2] : [1]) {
        if (copies === 2 || next() > 0.2) {
          flying.push({ at: bench.now + next() * 300, run });
        }
      }
    };
    const answers = (): void => {
      for (const datagram of bench.take(client.address)) {
        send(() => client.client.receive(datagram, bench.now));
      }
    };
    client.filter = (datagram) => {
      send(() => {
        bench.sent.push(
          ...bench.deliver(client.address, datagram).map((each) => ({ to: client.address, datagram: each })),
        );
      });
      return false;
    };
    client.client.start(bench.now);
    client.exchange();
    for (let step = 0; step < 12_000 && client.state !== 'connected'; step++) {
      if (client.state === 'unanswered') {
        client.state = 'nothing';
        client.client.start(bench.now); // it had bad luck five times
      }
      bench.pass(10);
      client.client.tick(bench.now);
      flying.sort((one, other) => one.at - other.at);
      while ((flying[0]?.at ?? Number.POSITIVE_INFINITY) <= bench.now) {
        flying.shift()?.run();
        answers();
      }
      client.exchange();
      answers();
    }
    expect(client.state).toBe('connected');
  });
});

describe('whatever comes', () => {
  it('never makes the server throw, nor end an association that others have', () => {
    const next = chance(7);
    const bench = new DtlsBench({ maxHandshakes: 50 });
    const bystander = new BenchClient(bench, '192.0.2.200:1').connect().say('before');
    const recorded: { readonly address: string; readonly datagram: Uint8Array }[] = [];
    for (let n = 0; n < 20; n++) {
      const client = new BenchClient(bench, `192.0.2.${n}:1`);
      client.connect().say('one').say('two');
      client.client.close();
      recorded.push(...client.sent.map((datagram) => ({ address: client.address, datagram })));
    }
    for (let n = 0; n < 4_000 * rounds; n++) {
      const { address, datagram } = recorded[Math.floor(next() * recorded.length)] ?? {
        address: '',
        datagram: KEYLESS,
      };
      bench.deliver(address, mutated(datagram, next));
      if (n % 50 === 0) {
        // an association in the midst of it
        const client = new BenchClient(bench, `192.0.2.${n % 20}:1`);
        client.filter = () => next() > 0.1;
        client.connect();
      }
      if (n % 500 === 0) {
        bench.pass(1_500);
        bench.sent.length = 0;
        bench.notes.length = 0;
      }
    }
    bystander.say('after');
    expect(bench.frames.at(-1)?.text).toBe('after');
    expect(bench.server.sizes.handshakes).toBeLessThanOrEqual(50);
  });
});

const KEYLESS = new Uint8Array(40);

function mutated(datagram: Uint8Array, next: () => number): Uint8Array {
  const copy = Uint8Array.from(datagram);
  const at = (): number => Math.floor(next() * copy.length);
  switch (Math.floor(next() * 5)) {
    case 0:
      return copy.subarray(0, at());
    case 1:
      return Uint8Array.from([...copy, ...copy.subarray(at())]);
    case 2:
      copy.copyWithin(at(), at());
      return copy;
    default:
      for (let n = 0; n <= next() * 4; n++) {
        copy[at()] = Math.floor(next() * 256);
      }
      return copy;
  }
}
