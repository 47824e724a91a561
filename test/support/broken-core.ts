/** A core with a defect of ours, and what is left of an input that meets it (design 3). */
import type { Effect } from '../../src/core/contract/effect.ts';
import type { Input } from '../../src/core/contract/input.ts';
import { InvariantError } from '../../src/core/contract/invariant-error.ts';
import { GatewayCore } from '../../src/core/gateway-core.ts';
import { connectFrame, octets } from './core-bench.ts';
import { peerOf } from './peer-of.ts';
import { settingsWith } from './settings-with.ts';

/** The setting at which it fails. */
export type Place = readonly [section: 'clients' | 'sessions' | 'timing' | 'upstream', name: string];

/** A core with a defect: while it is broken, whoever looks at a certain setting meets an error. */
export class BrokenCore {
  now = 1_000;
  /** Looks at the setting that are still granted; infinitely many: it is not broken. */
  #granted = Number.POSITIVE_INFINITY;
  readonly core: GatewayCore;

  constructor([section, name]: Place, options: Parameters<typeof settingsWith>[0] = {}) {
    const settings = settingsWith({ ...options, frames: { trailing: 'parse' } });
    const place: object = settings[section];
    const value: unknown = Object.entries(place).find(([known]) => known === name)?.[1];
    Object.defineProperty(place, name, {
      get: () => {
        if (this.#granted-- <= 0) {
          throw new Error('planted');
        }
        return value;
      },
    });
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

  /** What is left of an input that meets the defect, after so many looks at the setting that it does not meet. */
  breaking(input: () => readonly Effect[], looks = 0): InvariantError {
    this.#granted = looks;
    try {
      input();
    } catch (error) {
      if (error instanceof InvariantError) {
        return error;
      }
      throw error;
    } finally {
      this.#granted = Number.POSITIVE_INFINITY;
    }
    throw new Error('the defect was not met');
  }

  /** What the driver says behind it. */
  failed(clientId: string | undefined): string[] {
    return inWords(this.feed({ type: 'session-failed', clientId }));
  }
}

/** Effects in words, notes left out. */
export function inWords(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    switch (effect.type) {
      case 'note':
        return [];
      case 'store':
        return [`store ${effect.writes.map(({ key, record }) => `${key}${record ? '' : ' gone'}`)} ${effect.durable}`];
      case 'send':
        return [`${effect.link} < ${Buffer.from(effect.frame).toString('hex')}`];
      case 'upstream-close':
        return [`#${effect.connection} ${effect.disconnect ? 'DISCONNECT' : 'closed'}`];
      case 'upstream-connect':
        return [`#${effect.connection} CONNECT ${effect.clientId}`];
      default:
        return [effect.type];
    }
  });
}
