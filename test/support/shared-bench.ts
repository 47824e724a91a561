/** An aggregating core with clients and a broker that a test plays: what goes out to the broker and to the clients is told in words. */

import { decode } from '../../src/codec/decode.ts';
import { encode } from '../../src/codec/encode.ts';
import type { Message } from '../../src/codec/message.ts';
import { AggregatingCore } from '../../src/core/aggregating-core.ts';
import { type CoreSettings, DEFAULT_CORE_SETTINGS } from '../../src/core/contract/core-settings.ts';
import type { Effect } from '../../src/core/contract/effect.ts';
import type { Input, UpstreamInput } from '../../src/core/contract/input.ts';
import type { Note } from '../../src/core/contract/note.ts';
import type { RestoredRecord, StoredRecord } from '../../src/core/contract/stored-records.ts';
import { checkQueues } from './checked-queues.ts';

type Answer = UpstreamInput extends infer One ? (One extends UpstreamInput ? Omit<One, 'connection'> : never) : never;

const ENCODER = new TextEncoder();

export class SharedBench {
  readonly notes: Note[] = [];
  readonly effects: Effect[] = [];
  /** Everything that is on the disk: each write gets there at once. */
  readonly disk = new Map<string, StoredRecord>();
  now = 1_000;
  /** Numbers of the gateway's own connection, and of the shared one. */
  own = 0;
  shared = 0;
  readonly #core: AggregatingCore;

  constructor(
    records: Iterable<RestoredRecord> = [],
    upstream: Partial<CoreSettings['upstream']> = {},
    queue: Partial<CoreSettings['sessions']['queue']> = {},
  ) {
    const { sessions } = DEFAULT_CORE_SETTINGS;
    const settings = {
      ...DEFAULT_CORE_SETTINGS,
      sessions: { ...sessions, queue: { ...sessions.queue, ...queue } },
      upstream: { ...DEFAULT_CORE_SETTINGS.upstream, mode: 'aggregating' as const, ...upstream },
    };
    this.#core = new AggregatingCore({ settings, predefinedTopics: new Map(), random: () => 0 });
    this.feed({ type: 'transport-opened', transport: 'udp', maxFrame: 1_472, broadcast: false });
    const restored = [...records];
    this.now += Math.max(0, ...restored.map((record) => (record.kind === 'session' ? record.lastHeard : 0)));
    this.feed({ type: 'sessions-restored', records: restored });
  }

  /** How long messages have taken. */
  session(clientId: string): ReturnType<AggregatingCore['session']> {
    return this.#core.session(clientId);
  }

  get latencies(): AggregatingCore['latencies'] {
    return this.#core.latencies;
  }

  feed(input: Input): string[] {
    const effects = this.#core.handle(input, this.now);
    checkQueues(this.#core);
    return effects.flatMap((effect) => this.#told(effect));
  }

  /** A message of a client. */
  from(clientId: string, message: Message): string[] {
    const peer = { transport: 'udp', host: clientId, address: `${clientId}:1` };
    return this.feed({ type: 'frame-received', link: `udp:${clientId}:1`, peer, frame: encode(message) });
  }

  /** The broker on the shared connection. */
  broker(answer: Answer): string[] {
    return this.feed({ ...answer, connection: this.shared } as UpstreamInput);
  }

  /** Time passes, and each deadline is met. */
  pass(milliseconds: number): string[] {
    const end = this.now + milliseconds;
    const told: string[] = [];
    for (let next = this.#core.nextDeadline; next !== undefined && next <= end; next = this.#core.nextDeadline) {
      this.now = Math.max(this.now, next);
      told.push(...this.feed({ type: 'tick' }));
    }
    this.now = end;
    return told;
  }

  /** Both connections stand. */
  up(sessionPresent = false): string[] {
    const own = this.feed({ type: 'upstream-connected', connection: this.own, sessionPresent: false });
    return [...own, ...this.broker({ type: 'upstream-connected', sessionPresent })];
  }

  connect(clientId: string, cleanSession = false): string[] {
    return this.from(clientId, {
      ...{ type: 'CONNECT', will: false, cleanSession, protocolId: 1, duration: 60, clientId },
    });
  }

  subscribe(clientId: string, topicName: string, qos: 0 | 1 | 2, msgId = 1): string[] {
    return this.from(clientId, {
      ...{ type: 'SUBSCRIBE', dup: false, qos, msgId, topic: { topicIdType: 'normal', topicName } },
    });
  }

  /** PUBLISH of the broker on the shared connection. */
  message(topic: string, payload: string, qos: 0 | 1 | 2, packetId: number, more: object = {}): string[] {
    const rest = { retain: false, dup: false, payload: ENCODER.encode(payload), ...more };
    return this.broker({ type: 'upstream-message', packetId, topic, qos, ...rest });
  }

  /** What was asked of the disk comes; nothing for what is `damaged`. */
  loaded(keys: readonly string[], damaged: readonly string[] = []): string[] {
    const records = keys.map((key) => ({ key, record: damaged.includes(key) ? undefined : this.disk.get(key) }));
    return this.feed({ type: 'records-loaded', records });
  }

  /** A client falls asleep. */
  sleep(clientId: string, duration = 600): string[] {
    return this.from(clientId, { type: 'DISCONNECT', duration });
  }

  #told(effect: Effect): string[] {
    this.effects.push(effect);
    switch (effect.type) {
      case 'note':
        this.notes.push(effect.note);
        return [];
      case 'store':
        for (const { key, record } of effect.writes) {
          if (record === undefined) {
            this.disk.delete(key);
          } else {
            this.disk.set(key, record);
          }
        }
        return [];
      case 'load':
        return [`disk < ${effect.keys.join(' ')}`];
      case 'send':
        return [`${effect.client ?? '?'} < ${inWords(decode(effect.frame))}`];
      case 'upstream-connect':
        if (effect.shared) {
          this.shared = effect.connection;
        } else {
          this.own = effect.connection;
        }
        return [`broker < CONNECT${effect.shared ? ' shared' : ''}`];
      case 'upstream-publish':
        return [`broker < PUBLISH ${effect.packetId} ${effect.topic} ${Buffer.from(effect.payload).toString()}`];
      case 'upstream-subscribe':
        return [`broker < SUBSCRIBE ${effect.packetId} ${effect.filter} ${effect.qos} for ${effect.identifier ?? 0}`];
      case 'upstream-unsubscribe':
        return [`broker < UNSUBSCRIBE ${effect.packetId} ${effect.filter}`];
      case 'upstream-release':
        return [`broker < PUBREL ${effect.packetId}`];
      case 'upstream-acknowledge':
        return [`broker < ${effect.packet} ${effect.packetId}`];
      case 'upstream-ping':
        return ['broker < PINGREQ'];
      case 'upstream-close':
        return ['broker < close'];
      default:
        return [];
    }
  }
}

function inWords(message: Message): string {
  const payload = message.type === 'PUBLISH' ? ` ${Buffer.from(message.data).toString()} qos${message.qos}` : '';
  const msgId = 'msgId' in message && message.msgId !== 0 ? ` ${message.msgId}` : '';
  const code = 'returnCode' in message ? ` 0x0${message.returnCode}` : '';
  return `${message.type}${msgId}${payload}${code}`;
}
