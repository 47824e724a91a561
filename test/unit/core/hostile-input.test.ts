import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { decode } from '../../../src/codec/decode.ts';
import type { Effect } from '../../../src/core/contract/effect.ts';
import type { Input } from '../../../src/core/contract/input.ts';
import { GatewayCore } from '../../../src/core/gateway-core.ts';
import { connectFrame, frame, octets } from '../../support/core-bench.ts';
import { numbers } from '../../support/numbers.ts';
import { peerOf } from '../../support/peer-of.ts';
import { rounds } from '../../support/rounds.ts';
import { settingsWith } from '../../support/settings-with.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../../../fixtures/codec/mqtt-sn-1.2-vectors.json', import.meta.url), 'utf8'),
) as {
  readonly valid: readonly { readonly hex: string }[];
  readonly invalid: readonly { readonly hex: string }[];
};
const seeds = [...vectors.valid, ...vectors.invalid].map(({ hex }) => octets(hex));

/** `npm run test:hostile` sends more. */
const FRAMES = rounds(5_000);
const ADDRESSES = 3_000;
const MAX_SESSIONS = 200;
/** Octets of heap that a flood may leave behind: sessions, queues and remembered addresses are all bounded. */
const HEAP_LIMIT = 10 * 1024 * 1024;

/** Octets of heap that are really in use: the collector runs first. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** A frame of the vectors with octets changed, cut off, added or repeated; now and then nothing but noise. */
function mutate(next: (below: number) => number): Buffer {
  if (next(20) === 0) {
    return Buffer.from(Array.from({ length: next(40) }, () => next(256)));
  }
  let octetsOfFrame = Buffer.from(seeds[next(seeds.length)] ?? Buffer.alloc(0));
  for (let changes = next(3); changes > 0 && octetsOfFrame.length > 0; changes--) {
    const at = next(octetsOfFrame.length);
    const kind = next(4);
    if (kind === 0) {
      octetsOfFrame[at] = next(256);
    } else if (kind === 1) {
      octetsOfFrame[at] = (octetsOfFrame[at] ?? 0) ^ (1 << next(8));
    } else if (kind === 2) {
      octetsOfFrame = octetsOfFrame.subarray(0, at);
    } else {
      octetsOfFrame = Buffer.concat([octetsOfFrame, octetsOfFrame.subarray(at, at + 3)]);
    }
  }
  if (next(3) > 0 && octetsOfFrame.length > 1 && octetsOfFrame[0] !== 1 && octetsOfFrame[1] !== 0xfe) {
    octetsOfFrame[0] = octetsOfFrame.length;
  }
  return octetsOfFrame;
}

/** Whether a frame may open a connection to the broker: a well-formed CONNECT, or the answers and QoS −1 that follow from one. */
function mayConnect(input: Buffer): boolean {
  try {
    const message = decode(input);
    if (message.type === 'ENCAPSULATED') {
      return mayConnect(Buffer.from(message.frame));
    }
    return (
      ['CONNECT', 'WILLTOPIC', 'WILLMSG'].includes(message.type) || (message.type === 'PUBLISH' && message.qos === -1)
    );
  } catch {
    return false;
  }
}

describe('hostile input', () => {
  it(`${FRAMES.toLocaleString('en')} random and mutated frames break nothing, end nobody else's session and grow no memory`, () => {
    const next = numbers(20_261_121);
    const settings = settingsWith({
      sessions: { limit: MAX_SESSIONS - 10, maxHalfOpen: 10 },
      upstream: { offlineQueue: { messages: 50 } },
    });
    const core = new GatewayCore({
      settings,
      predefinedTopics: new Map([['*', new Map([[10, 'ten']])]]),
      random: () => 0.5,
    });
    let now = 0;
    const open = new Set<number>();
    const perform = (input: Input): readonly Effect[] => {
      const effects = core.handle(input, now);
      for (const effect of effects) {
        if (effect.type === 'upstream-connect') {
          open.add(effect.connection);
        } else if (effect.type === 'upstream-close') {
          open.delete(effect.connection);
        }
      }
      return effects;
    };
    const from = (link: string, octetsOfFrame: Uint8Array): readonly Effect[] =>
      perform({ type: 'frame-received', link, peer: peerOf(link), frame: octetsOfFrame });

    perform({ type: 'transport-opened', transport: 'udp', maxFrame: 1472, broadcast: false });
    from('udp:witness', octets(connectFrame('witness', true, 65_535)));
    perform({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    from('udp:witness', octets(frame('0a 0000 0001', 'still/here')));
    const heapBefore = heapInUse();

    for (let count = 0; count < FRAMES; count++) {
      const input = mutate(next);
      const connections = from(`udp:10.0.${next(ADDRESSES)}`, input).filter(({ type }) => type === 'upstream-connect');
      if (connections.length > 0 && !mayConnect(input)) {
        throw new Error(`opened a connection for ${input.toString('hex')}`);
      }
      expect(core.sessionCount).toBeLessThanOrEqual(MAX_SESSIONS);
      const strangers = [...open].filter((connection) => connection !== 1);
      const connection = strangers[next(Math.max(1, strangers.length))];
      if (connection !== undefined && next(4) === 0) {
        upstreamEvent(connection, next, perform, open);
      }
      if (next(50) === 0) {
        now += next(3_000);
        perform({ type: 'tick' });
      }
    }

    expect(heapInUse() - heapBefore).toBeLessThan(HEAP_LIMIT);
    const published = from('udp:witness', octets(frame('0c 20 000b 0005', 'hello')));
    const [publish] = published.filter(({ type }) => type === 'upstream-publish');
    expect(publish).toMatchObject({ connection: 1, topic: 'still/here', qos: 1 });
  });
});

/** Something that a broker may say to one of the strangers' connections. */
function upstreamEvent(
  connection: number,
  next: (below: number) => number,
  perform: (input: Input) => unknown,
  open: Set<number>,
): void {
  const packetId = 1 + next(20);
  switch (next(9)) {
    case 0:
    case 1:
      perform({ type: 'upstream-connected', connection, sessionPresent: next(2) === 0 });
      break;
    case 2:
      open.delete(connection);
      perform({ type: 'upstream-refused', connection, protocolVersion: 4, reasonCode: 1 + next(5) });
      break;
    case 3:
      open.delete(connection);
      perform({ type: 'upstream-lost', connection, reason: 'test', takenOver: next(5) === 0 });
      break;
    case 4: {
      const packet = (['PUBACK', 'PUBREC', 'PUBCOMP'] as const)[next(3)] ?? 'PUBACK';
      perform({ type: 'upstream-acknowledged', connection, packetId, packet, reasonCode: 0 });
      break;
    }
    case 5:
      perform({ type: 'upstream-subscribed', connection, packetId, reasonCode: next(4) === 0 ? 0x80 : next(3) });
      break;
    case 6:
      perform({ type: 'upstream-unsubscribed', connection, packetId });
      break;
    case 7:
      perform({ type: 'upstream-released', connection, packetId });
      break;
    default: {
      const qos = ([0, 1, 2] as const)[next(3)] ?? 0;
      const payload = new Uint8Array(next(30));
      perform({
        type: 'upstream-message',
        connection,
        packetId: qos === 0 ? 0 : packetId,
        topic: `t/${next(500)}`,
        payload,
        qos,
        retain: false,
        dup: next(3) === 0,
      });
    }
  }
}
