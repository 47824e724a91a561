/**
 * The core on a bench, in virtual time: inputs in, effects out as lines that a person can read and a test can compare whole.
 *
 *   sensor < 030500                     frame sent to the link udp:sensor
 *   xbee:7 < 030500                     frame sent to a link of another transport, which `open` has opened
 *   all udp r0 < 0500010384             broadcast on transport udp, radius 0
 *   #1 CONNECT sensor-1 clean           upstream effects, by connection number
 *   #1 PUBLISH qos1 id1 a/b "21.5"      (dup, retain behind it)
 *   operator 1: done                    what is told of a publish of the operator, by its token
 *
 * Of an aggregating gateway (settings `upstream.mode`), on the connection that its clients share:
 *
 *   #2 CONNECT (shared)
 *   #2 SUBSCRIBE id1 a/b qos1 as 65     with its Subscription Identifier; `without retained` behind it
 *
 * Notes are left out of the lines; `notes` has those of the last step, `precedences` what may overtake what among its frames.
 */
import { AggregatingCore } from '../../src/core/aggregating-core.ts';
import type { CoreSettings } from '../../src/core/contract/core-settings.ts';
import type { Effect, Precedence, StoreEffect, UpstreamSubscribe, Will } from '../../src/core/contract/effect.ts';
import type { Input, TransportOpened, UpstreamMessage } from '../../src/core/contract/input.ts';
import type { Note } from '../../src/core/contract/note.ts';
import type { TransportRules } from '../../src/core/contract/settings-changed.ts';
import { checkCensus } from './checked-census.ts';
import { checkQueues } from './checked-queues.ts';
import { peerOf } from './peer-of.ts';
import { type PartialSettings, settingsWith } from './settings-with.ts';

export interface BenchOptions {
  /** What differs from the defaults. */
  readonly settings?: PartialSettings;
  /** Client id or `*` to id to name. */
  readonly predefined?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Octets of the largest frame of the transport `udp`; 1472. */
  readonly maxFrame?: number;
  /** Whether `udp` can broadcast; no. */
  readonly broadcast?: boolean;
  /** The broker answers PINGREQ at once, and neither is shown; yes. */
  readonly answersPings?: boolean;
  /** Client id of the own connection, as a client would say it. */
  readonly ownClientId?: string;
  /** The same of the connection for the status. */
  readonly statusClientId?: string;
  /** Somebody watches application messages; nobody does. */
  readonly watched?: boolean;
  /** An invariant that breaks is heard of as the driver does it: the session of whoever it was ends, and the rest goes on. */
  readonly survives?: true;
  /** The core's chance; always 1, which makes no jitter and begins all numbers with 1. */
  readonly random?: () => number;
}

/** So many inputs of a bench are followed by a look at the running totals. */
const CHECKED = 500;

/** Effects that have a line. */
type Shown = Exclude<Effect, { type: 'note' | 'store' }>;

type Topics = NonNullable<BenchOptions['predefined']>;

export class CoreBench {
  readonly core: AggregatingCore;
  /** What the core looks at. */
  settings: CoreSettings;
  #some: PartialSettings;
  #topics: Topics;
  readonly #answersPings: boolean;
  /** Virtual time in milliseconds. */
  now = 1_000_000;
  /** Notes of the last step. */
  notes: Note[] = [];
  /** Store effects of the last step. */
  stored: StoreEffect[] = [];
  /** Precedence of each frame to one link of the last step, in the order of their lines. */
  precedences: Precedence[] = [];
  #inputs = 0;
  /** Transports that were ever opened. */
  readonly #transports = new Set<string>();

  constructor(options: BenchOptions = {}) {
    this.#some = options.settings ?? {};
    this.#topics = options.predefined ?? {};
    this.settings = settingsWith(this.#some);
    this.core = new AggregatingCore({
      settings: this.settings,
      predefinedTopics: tableOf(this.#topics),
      ownClientId: options.ownClientId,
      statusClientId: options.statusClientId,
      watched: { messages: options.watched ?? false },
      random: options.random ?? (() => 1), // no jitter: reconnects after 1 s, 2 s, 4 s …
    });
    const { maxFrame = 1472, broadcast = false, answersPings = true } = options;
    this.#answersPings = answersPings;
    this.opening = this.feed({ type: 'transport-opened', transport: 'udp', maxFrame, broadcast });
  }

  /** Effects of opening the transport. */
  readonly opening: readonly string[];

  /** One input, and the effects that it led to. */
  feed(input: Input): string[] {
    if (input.type === 'transport-opened') {
      this.#transports.add(input.transport);
    }
    const effects = this.core.handle(input, this.now);
    if (this.#inputs++ < CHECKED) {
      checkCensus(this.core);
      checkQueues(this.core);
    }
    this.notes = effects.flatMap((effect) => (effect.type === 'note' ? [effect.note] : []));
    this.stored = effects.flatMap((effect) => (effect.type === 'store' ? [effect] : []));
    this.precedences = effects.flatMap((effect) => (effect.type === 'send' ? [effect.precedence ?? 'answer'] : []));
    const shown = effects.filter((effect): effect is Shown => effect.type !== 'note' && effect.type !== 'store');
    if (!this.#answersPings) {
      return shown.map(effectLine);
    }
    return shown.flatMap((effect) => {
      if (effect.type !== 'upstream-ping') {
        return [effectLine(effect)];
      }
      const { notes, stored, precedences } = this;
      const lines = this.feed({ type: 'upstream-ponged', connection: effect.connection });
      this.notes = [...notes, ...this.notes];
      this.stored = [...stored, ...this.stored];
      this.precedences = [...precedences, ...this.precedences];
      return lines;
    });
  }

  /** The operator changes settings, beside those that the bench has; pre-defined topics are replaced as a whole. */
  changed({
    settings = {},
    predefined = this.#topics,
    transports = {},
  }: Pick<BenchOptions, 'settings' | 'predefined'> & {
    readonly transports?: Readonly<Record<string, TransportRules>>;
  }): string[] {
    for (const [section, some] of Object.entries(settings)) {
      this.#some = { ...this.#some, [section]: { ...this.#some[section as keyof PartialSettings], ...some } };
    }
    this.#topics = predefined;
    this.settings = settingsWith(this.#some);
    return this.feed({
      type: 'settings-changed',
      settings: this.settings,
      predefinedTopics: tableOf(predefined),
      transports: new Map(Object.entries(transports)),
    });
  }

  /** A frame from the link `udp:<client>`, or from a whole link of another transport, in hexadecimal (blanks allowed). */
  from(client: string, hex: string): string[] {
    const link = client.includes(':') && this.#transports.has(peerOf(client).transport) ? client : `udp:${client}`;
    return this.feed({ type: 'frame-received', link, peer: peerOf(link), frame: octets(hex) });
  }

  /** Opens a transport (again): frames of 1472 octets, no broadcast, unless told otherwise. */
  open(transport: string, more: Partial<TransportOpened> = {}): string[] {
    return this.feed({ type: 'transport-opened', transport, maxFrame: 1472, broadcast: false, ...more });
  }

  /** The transport goes away. */
  close(transport: string): string[] {
    return this.feed({ type: 'transport-closed', transport });
  }

  /** Lets time pass, stopping at each deadline on the way; all effects, in order. */
  pass(milliseconds: number): string[] {
    const end = this.now + milliseconds;
    const lines: string[] = [];
    const notes: Note[] = [];
    const precedences: Precedence[] = [];
    for (let next = this.core.nextDeadline; next !== undefined && next <= end; next = this.core.nextDeadline) {
      this.now = Math.max(this.now, next);
      lines.push(...this.feed({ type: 'tick' }));
      notes.push(...this.notes);
      precedences.push(...this.precedences);
    }
    this.now = end;
    lines.push(...this.feed({ type: 'tick' }));
    this.notes = [...notes, ...this.notes];
    this.precedences = [...precedences, ...this.precedences];
    return lines;
  }

  /** The broker accepts connection number `connection`. */
  up(connection: number, sessionPresent = false): string[] {
    return this.feed({ type: 'upstream-connected', connection, sessionPresent });
  }

  /** The broker refuses it (3.1.1 return code). */
  refused(connection: number, reasonCode: number): string[] {
    return this.feed({ type: 'upstream-refused', connection, protocolVersion: 4, reasonCode });
  }

  /** The connection breaks, or cannot be made. */
  down(connection: number, takenOver = false): string[] {
    return this.feed({ type: 'upstream-lost', connection, reason: 'closed by the broker', takenOver });
  }

  /** PUBACK, PUBREC or PUBCOMP of the broker. */
  acked(connection: number, packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP', packetId: number, reasonCode = 0): string[] {
    return this.feed({ type: 'upstream-acknowledged', connection, packetId, packet, reasonCode });
  }

  /** SUBACK of the broker: granted QoS, or a failure of 0x80 and above. */
  suback(connection: number, packetId: number, reasonCode: number): string[] {
    return this.feed({ type: 'upstream-subscribed', connection, packetId, reasonCode });
  }

  unsuback(connection: number, packetId: number): string[] {
    return this.feed({ type: 'upstream-unsubscribed', connection, packetId });
  }

  /** PUBLISH of the broker. */
  message(
    connection: number,
    topic: string,
    payload: string,
    more: Partial<Pick<UpstreamMessage, 'packetId' | 'qos' | 'retain' | 'dup' | 'identifiers' | 'expiryInterval'>> = {},
  ): string[] {
    const message = { packetId: 0, qos: 0 as const, retain: false, dup: false, ...more };
    return this.feed({
      type: 'upstream-message',
      connection,
      topic,
      payload: new TextEncoder().encode(payload),
      ...message,
    });
  }

  /** PUBREL of the broker. */
  released(connection: number, packetId: number): string[] {
    return this.feed({ type: 'upstream-released', connection, packetId });
  }

  /**
   * Connects a client without will and lets the broker accept; returns the connection number. Clean session, 60 s, unless told otherwise.
   */
  connect(client: string, clientId = client, { clean = true, duration = 60, sessionPresent = false } = {}): number {
    const lines = this.from(client, connectFrame(clientId, clean, duration));
    const connection = Number(/#(\d+) CONNECT/.exec(lines.join('\n'))?.[1]);
    if (!Number.isInteger(connection)) {
      throw new Error(`CONNECT of ${clientId} opened no connection: ${lines.join(' | ')}`);
    }
    this.up(connection, sessionPresent);
    return connection;
  }

  /**
   * The same (not clean, keep-alive 1000 s, unless told otherwise), and "c/d" is subscribed with QoS 2 as the client's topic id 1; returns the
   * connection number.
   */
  subscriber(client: string, clientId = client, { clean = false, duration = 1000, topic = 'c/d' } = {}): number {
    const connection = this.connect(client, clientId, { clean, duration });
    const packetId = Number(/SUBSCRIBE id(\d+)/.exec(this.from(client, frame('12 40 0700', topic)).join('\n'))?.[1]);
    const answer = this.suback(connection, packetId, 2);
    if (!answer[0]?.endsWith('00')) {
      throw new Error(`${clientId} is not subscribed: ${answer.join(' | ')}`);
    }
    return connection;
  }
}

function tableOf(topics: Topics): ReadonlyMap<string, ReadonlyMap<number, string>> {
  return new Map(
    Object.entries(topics).map(([clientId, names]) => [
      clientId,
      new Map(Object.entries(names).map(([id, name]) => [Number(id), name])),
    ]),
  );
}

/** The line of a PUBLISH for topic id 1 to a client: Flags, MsgId and a short text. */
export function publishLine(client: string, flags: string, msgId: number, text: string): string {
  return `${client} < ${frame(`0c ${flags} 0001 ${hex16(msgId)}`, text)}`;
}

/** CONNECT without will, in hexadecimal. */
export function connectFrame(clientId: string, clean = true, duration = 60): string {
  return frame(`04 ${clean ? '04' : '00'} 01 ${hex16(duration)}`, clientId);
}

/** Two octets in hexadecimal. */
export function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** A short-form frame from the octets behind Length and a text behind them. */
export function frame(hex: string, text = ''): string {
  const body = Buffer.concat([octets(hex), Buffer.from(text)]);
  return Buffer.concat([Buffer.of(body.length + 1), body]).toString('hex');
}

/** Octets of a hexadecimal string with blanks. */
export function octets(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}

/** One effect as a line. */
export function effectLine(effect: Shown): string {
  switch (effect.type) {
    case 'send':
      return `${effect.link.replace(/^udp:/, '')} < ${Buffer.from(effect.frame).toString('hex')}`;
    case 'broadcast':
      return `all ${effect.transport} r${effect.radius} < ${Buffer.from(effect.frame).toString('hex')}`;
    case 'upstream-connect':
      return `#${effect.connection} CONNECT ${effect.clientId ?? (effect.shared ? '(shared)' : '(gateway)')}${effect.cleanSession ? ' clean' : ''}${willText(effect.will)}`;
    case 'upstream-publish': {
      const { connection, qos, packetId, topic, payload, retain, dup } = effect;
      const id = packetId === 0 ? '' : ` id${packetId}`;
      return `#${connection} PUBLISH qos${qos}${id} ${topic} "${Buffer.from(payload).toString()}"${dup ? ' dup' : ''}${retain ? ' retain' : ''}`;
    }
    case 'upstream-release':
      return `#${effect.connection} PUBREL id${effect.packetId}`;
    case 'upstream-subscribe':
      return `#${effect.connection} SUBSCRIBE id${effect.packetId} ${effect.filter} qos${effect.qos}${sharedText(effect)}`;
    case 'upstream-unsubscribe':
      return `#${effect.connection} UNSUBSCRIBE id${effect.packetId} ${effect.filter}`;
    case 'upstream-acknowledge':
      return `#${effect.connection} ${effect.packet} id${effect.packetId}${effect.reasonCode === 0 ? '' : ` reason ${effect.reasonCode.toString(16)}`}`;
    case 'upstream-ping':
      return `#${effect.connection} PINGREQ`;
    case 'load':
      return `load ${effect.keys.join(' ')}`;
    case 'show-message': {
      const { direction, clientId, topic, payload, qos, retain } = effect.message;
      return `${direction} ${clientId ?? '(nobody)'} qos${qos} ${topic} "${Buffer.from(payload).toString()}"${retain ? ' retain' : ''}`;
    }
    case 'tell-operator':
      return `operator ${effect.token}: ${effect.problem ?? 'done'}`;
    case 'upstream-forget':
      return `#${effect.connection} forget ${effect.clientId}`;
    case 'upstream-close':
      return `#${effect.connection} ${effect.disconnect ? 'DISCONNECT' : 'close without DISCONNECT'}`;
  }
}

/** What only the shared connection of an aggregating gateway has. */
function sharedText({ identifier, withoutRetained }: UpstreamSubscribe): string {
  return `${identifier === undefined ? '' : ` as ${identifier}`}${withoutRetained ? ' without retained' : ''}`;
}

function willText(will: Will | undefined): string {
  return will === undefined
    ? ''
    : ` will ${will.topic} "${Buffer.from(will.message).toString()}" qos${will.qos}${will.retain ? ' retain' : ''}`;
}
