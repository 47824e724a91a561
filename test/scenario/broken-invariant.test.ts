import { describe, expect, it } from '@jest/globals';
import type { Effect } from '../../src/core/contract/effect.ts';
import type { Input } from '../../src/core/contract/input.ts';
import { InvariantError } from '../../src/core/contract/invariant-error.ts';
import { GatewayCore } from '../../src/core/gateway-core.ts';
import { connectFrame, frame, octets } from '../support/core-bench.ts';
import { peerOf } from '../support/peer-of.ts';
import { settingsWith } from '../support/settings-with.ts';

/**
 * A core with a defect: from `break` on, whoever asks the settings how many publishes may be under way, or when
 * to probe a client without keep-alive, meets an error.
 */
class BrokenCore {
  now = 1_000;
  #broken = false;
  readonly core: GatewayCore;

  constructor() {
    const defect = (value: number) => ({
      get: (): number => {
        if (this.#broken) {
          throw new Error('planted');
        }
        return value;
      },
    });
    const settings = settingsWith({ frames: { trailing: 'parse' } });
    Object.defineProperty(settings.clients, 'maxInflight', defect(16));
    Object.defineProperty(settings.timing, 'idleProbeAfter', defect(10_000));
    this.core = new GatewayCore({ settings, predefinedTopics: new Map(), random: () => 1 });
    this.feed({ type: 'transport-opened', transport: 'udp', maxFrame: 1472, broadcast: false });
  }

  feed(input: Input): readonly Effect[] {
    return this.core.handle(input, this.now);
  }

  from(client: string, hex: string): readonly Effect[] {
    const link = `udp:${client}`;
    return this.feed({ type: 'frame-received', link, peer: peerOf(link), frame: octets(hex) });
  }

  /** A persistent client that is connected; returns the number of its connection. */
  connect(client: string, duration = 60): number {
    const connect = this.from(client, connectFrame(client, false, duration)).find((e) => e.type === 'upstream-connect');
    const connection = connect?.connection ?? 0;
    this.feed({ type: 'upstream-connected', connection, sessionPresent: false });
    return connection;
  }

  /** What is left of an input that meets the defect. */
  breaking(input: () => readonly Effect[]): InvariantError {
    this.#broken = true;
    try {
      input();
    } catch (error) {
      if (error instanceof InvariantError) {
        return error;
      }
      throw error;
    } finally {
      this.#broken = false;
    }
    throw new Error('the defect was not met');
  }
}

/** Effects in words, notes left out. */
function inWords(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    switch (effect.type) {
      case 'note':
        return [];
      case 'store':
        return [`store ${effect.writes.map(({ key, record }) => `${key}${record ? '' : ' gone'}`)} ${effect.durable}`];
      case 'send':
        return [`${effect.link} < ${Buffer.from(effect.frame).toString('hex')}`];
      default:
        return [effect.type];
    }
  });
}

const REGISTER = frame('0a 0000 0001', 'a/b');
const PUBLISH_QOS_1 = '08 0c 20 0001 0002 78';

describe('an invariant that breaks in the middle of a turn (design 3)', () => {
  it('leaves what the messages before it in the datagram promised: written, and said behind that', () => {
    const bench = new BrokenCore();
    bench.connect('s');
    const error = bench.breaking(() => bench.from('s', `${REGISTER} ${PUBLISH_QOS_1}`));
    expect(error.clientId).toBe('s');
    expect(inWords(error.effects)).toEqual(['store topic/s/1 true', 'udp:s < 070b0001000100']);
    const [store] = error.effects;
    expect(store).toMatchObject({ writes: [{ record: { topicId: 1, topicName: 'a/b', knownIn: 2 } }] });
  });

  it('leaves nothing of the message that broke it', () => {
    const bench = new BrokenCore();
    bench.connect('s');
    bench.from('s', REGISTER);
    const error = bench.breaking(() => bench.from('s', PUBLISH_QOS_1));
    expect([error.clientId, inWords(error.effects)]).toEqual(['s', []]);
  });

  it('leaves what the deadlines before it in the tick did, and nothing of the one that broke it', () => {
    const bench = new BrokenCore();
    bench.connect('lost', 1); // nothing is heard of it for 1.5 s
    bench.connect('also', 2);
    bench.connect('probed', 0); // it is asked for a sign of life after 10 s
    bench.now += 60_000;
    const error = bench.breaking(() => bench.feed({ type: 'tick' }));
    expect(error.clientId).toBe('probed');
    expect(inWords(error.effects)).toEqual([
      'store session/lost,session/also true',
      'upstream-close',
      'upstream-close',
    ]);
    expect(error.effects[0]).toMatchObject({ writes: [{ record: { state: 'lost' } }, { record: { state: 'lost' } }] });
  });

  it('ends its own session, for good, and the others go on', () => {
    const bench = new BrokenCore();
    bench.connect('s');
    bench.connect('t');
    bench.breaking(() => bench.from('s', `${REGISTER} ${PUBLISH_QOS_1}`));
    expect(inWords(bench.feed({ type: 'session-failed', clientId: 's' }))).toEqual([
      'store session/s gone,topic/s/1 gone true',
      'udp:s < 0218',
      'upstream-close',
    ]);
    expect(inWords(bench.from('t', REGISTER))).toEqual(['store topic/t/1 true', 'udp:t < 070b0001000100']);
  });
});
