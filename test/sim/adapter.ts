/**
 * The one file that knows how the gateway is put together: the real core and the real driver behind the real ports, everything around them
 * simulated. Where an input, an effect or a setting changes its shape, it changes here.
 */

import { Driver } from '../../src/app/driver.ts';
import { AggregatingCore } from '../../src/core/aggregating-core.ts';
import { type CoreSettings, DEFAULT_CORE_SETTINGS } from '../../src/core/contract/core-settings.ts';
import type { Effect, TransportEffect, UpstreamEffect, Will } from '../../src/core/contract/effect.ts';
import type { Input, TransportOpened, UpstreamInput } from '../../src/core/contract/input.ts';
import type { Peer } from '../../src/core/contract/peer.ts';
import type { StoredRecord, StoreWrite } from '../../src/core/contract/stored-records.ts';
import type { Note } from '../../src/ports/observer.ts';
import { decodeRecord, encodeRecord } from '../../src/store/record-codec.ts';
import { checkCensus } from '../support/checked-census.ts';
import { checkQueues } from '../support/checked-queues.ts';
import { Mounted } from './mounted.ts';
import { type GatewayPlan, type MediumPlan, PREDEFINED, type Rights } from './plan.ts';
import type { Random } from './streams.ts';
import type { Timeline } from './timeline.ts';
import { type DroppedNote, Untold } from './untold.ts';

export type { Qos } from '../../src/codec/message.ts';
export type {
  DroppedNote,
  Effect,
  Input,
  Note,
  StoredRecord,
  StoreWrite,
  TransportEffect,
  UpstreamEffect,
  UpstreamInput,
  Will,
};

/** What the gateway does to the world. */
export interface Outside {
  send(effect: TransportEffect): void;
  toBroker(effect: UpstreamEffect): void;
  note(note: Note): void;
  write(writes: readonly StoreWrite[], durable: boolean): Promise<void>;
  read(keys: readonly string[]): Promise<readonly (StoredRecord | undefined)[]>;
}

export interface LifeParts {
  readonly plan: GatewayPlan;
  readonly media: readonly MediumPlan[];
  /** Media that are not there at the start. */
  readonly closed: ReadonlySet<string>;
  readonly records: readonly StoredRecord[];
  readonly timeline: Timeline;
  /** Milliseconds by which its clock is wrong. */
  readonly skew: number;
  readonly random: Random;
  readonly outside: Outside;
  /** Takes the place of the timeline's own alarm, so that a process that stands still is not woken. */
  readonly wakeAt: (time: number, wake: () => void) => () => void;
}

/** Topics about the gateway itself begin with it. */
export const STATUS = 'gateway';

/** The time of the day at which each run begins. */
const BEGINNING = 1_700_000_000_000;

/** One life of the process, from its start to its end. */
export class GatewayLife {
  readonly #core: AggregatingCore;
  readonly #driver: Driver;
  readonly #mounted: Mounted;
  readonly #untold = new Untold();

  constructor(parts: LifeParts) {
    const { plan, media, closed, records, timeline, skew, random, outside, wakeAt } = parts;
    this.#core = newCore(plan, random);
    this.#mounted = mountedFor(plan);
    const now = (): number => BEGINNING + timeline.now + skew;
    this.#driver = new Driver({
      core: this.#untold.of(this.#core),
      clock: { now, wakeAt: (deadline, wake) => wakeAt(deadline - BEGINNING - skew, wake) },
      observer: { note: (note) => this.#note(note, outside), wantsFrames: false, frame: () => {} },
    });
    this.#driver.store = {
      open: async () => records,
      write: (writes, durable) => outside.write(writes, durable),
      read: (keys) => outside.read(keys),
      close: async () => {},
    };
    this.#driver.upstream = { perform: (effect) => outside.toBroker(this.#mounted.out(effect)), close: async () => {} };
    for (const medium of media) {
      this.#driver.addTransport({
        name: medium.name,
        open: async () => {},
        perform: (effect) => outside.send(effect),
        close: async () => {},
      });
      if (closed.has(medium.name)) {
        this.mediumClosed(medium);
      } else {
        this.mediumOpened(medium);
      }
    }
    this.#driver.start({ type: 'sessions-restored', records });
  }

  #note(note: Note, outside: Outside): void {
    this.#untold.told(note);
    outside.note(note);
  }

  /** What it has decided to drop, and not told yet. */
  get untold(): readonly DroppedNote[] {
    return this.#untold.drops;
  }

  /** Sessions that the gateway knows. */
  get sessionCount(): number {
    return this.#core.sessionCount;
  }

  /** Whether it has a session of a client. */
  knows(clientId: string): boolean {
    return this.#core.session(clientId) !== undefined;
  }

  /** Everything that can be shown of the session of a client; undefined: there is none. */
  session(clientId: string): string | undefined {
    const view = this.#core.session(clientId);
    return view && JSON.stringify(view);
  }

  frame(link: string, frame: Uint8Array): void {
    this.feed({ type: 'frame-received', link, peer: peerOf(link), frame });
  }

  fromBroker(input: UpstreamInput): void {
    this.feed(this.#mounted.in(input));
  }

  feed(input: Input): void {
    this.#driver.feed(input);
  }

  mediumOpened(medium: MediumPlan): void {
    this.feed(opened(medium));
  }

  mediumClosed(medium: MediumPlan): void {
    this.feed({ type: 'transport-closed', transport: medium.name });
  }

  /** The process is gone; nothing wakes it any more. */
  end(): void {
    checkCensus(this.#core);
    checkQueues(this.#core);
    this.#driver.stop();
  }
}

function isUpstream(effect: Effect): effect is UpstreamEffect {
  return effect.type.startsWith('upstream-');
}

function opened({
  name,
  maxFrame,
  speed,
}: Pick<MediumPlan, 'name' | 'maxFrame'> & { readonly speed?: number | undefined }): TransportOpened {
  const slow = speed === undefined ? {} : { speed: { octetsPerSecond: speed, overhead: 4 } };
  return { type: 'transport-opened', transport: name, maxFrame, broadcast: false, ...slow };
}

/** Links of the simulation are `<transport>:<host>`, with the identity that is proven behind `@`. */
function peerOf(link: string): Peer {
  const [transport = '', address = ''] = link.split(':');
  const [host = '', identity] = address.split('@');
  return { transport, host, address: host, ...(identity !== undefined && { identity }) };
}

function settings(plan: GatewayPlan): CoreSettings {
  const { upstream, timing, sessions, clients, frames, status } = DEFAULT_CORE_SETTINGS;
  return {
    ...DEFAULT_CORE_SETTINGS,
    upstream: { ...upstream, ...modeOf(plan), grace: plan.grace, topicPrefix: plan.topicPrefix },
    timing: { ...timing, retryInterval: plan.retryInterval, retryCount: plan.retryCount },
    sessions: {
      ...sessions,
      expiry: plan.sessionExpiry,
      queue: { ...sessions.queue, messages: plan.queueMessages, octetsInMemory: plan.queueMemory },
      maxAwakeMessages: plan.maxAwakeMessages,
      limit: plan.maxSessions,
    },
    clients: { ...clients, willUpdate: plan.willUpdate },
    frames: { ...frames, trailing: plan.trailing },
    access: plan.access && accessOf(plan.access),
    status: plan.mode === 'aggregating' ? { ...status, topicPrefix: STATUS } : status,
  };
}

/** Everything that clients publish, and that they read. */
const PUBLISHED = ['t/a', 't/b', 't/c/d', 'ab', 'p/one', 'zz', 'deny/x', 'wills/%c'];
const READ = ['t/a', 't/b', 't/c', 't/c/d', 'ab', 'p/one', 'p/two'];

function accessOf(clients: readonly Rights[]): CoreSettings['access'] {
  const all = { connect: true, deny: [], qosMinus1: true, retain: true, maxQos: 2 } as const;
  const rules = clients.map(({ id, identity, denied }) => ({
    ...all,
    name: id,
    ...(identity === undefined ? { clientId: [id], identified: false } : { identity: [identity] }),
    publish: PUBLISHED.filter((topic) => !denied.publish.includes(topic)),
    subscribe: denied.read.length === 0 ? ['#'] : READ.filter((topic) => !denied.read.includes(topic)),
  }));
  const strangers = { ...all, name: 'strangers', clientId: ['x*'], publish: ['#'], subscribe: ['#'] };
  return { rules: [...rules, strangers], default: 'deny', clientIdFromIdentity: 'require', clientIdPattern: '%i' };
}

function modeOf(plan: GatewayPlan): Pick<CoreSettings['upstream'], 'mode' | 'sharedProtocol' | 'ownConnection'> {
  const { mode, sharedProtocol, ownConnection } = plan;
  return { mode, sharedProtocol, ownConnection };
}

/** Where clients share a connection the broker sees the prefix: it tells them apart. */
function mountedFor({ mode, topicPrefix }: GatewayPlan): Mounted {
  return new Mounted(mode === 'aggregating' ? '' : topicPrefix);
}

function newCore(plan: GatewayPlan, random: Random): AggregatingCore {
  return new AggregatingCore({
    settings: settings(plan),
    predefinedTopics: new Map([['*', PREDEFINED]]),
    random: () => random.next(),
  });
}

/** The time of the core goes on from the records, as the driver has it. */
function latestTime(records: readonly StoredRecord[]): number {
  return Math.max(
    0,
    ...records.map((record) => {
      if (record.kind === 'runtime') {
        return record.millis;
      }
      return record.kind === 'session' ? Math.max(record.lastHeard, record.goneSince ?? 0) : 0;
    }),
  );
}

/** A record, once it has been written and read. */
export function asWritten(key: string, record: StoredRecord): StoredRecord {
  return decodeRecord(key, encodeRecord(key, record));
}

/** What a gateway that starts from these records would do: a core of its own, without a driver, for questions about what is on the disk. */
export class Restored {
  readonly #core: AggregatingCore;
  readonly #mounted: Mounted;
  readonly #now: number;
  /** Clients share a connection to the broker. */
  readonly isShared: boolean;
  /** It may have something of a life in which others did. */
  readonly isChanged: boolean;
  readonly first: readonly Effect[];

  constructor(
    plan: GatewayPlan,
    media: readonly MediumPlan[],
    records: readonly StoredRecord[],
    random: Random,
    isChanged = false,
  ) {
    this.isChanged = isChanged;
    this.#core = newCore({ ...plan, queueMemory: Number.POSITIVE_INFINITY }, random); // nothing has to be read later
    this.#mounted = mountedFor(plan);
    this.#now = latestTime(records);
    this.isShared = plan.mode === 'aggregating';
    for (const medium of media) {
      // Where whole dialogues are held with it no medium is slow: no time passes
      this.#core.handle(opened(this.isShared || isChanged ? { ...medium, speed: undefined } : medium), this.#now);
    }
    this.first = this.#handle({ type: 'sessions-restored', records });
  }

  /** Whether it has a session of a client. */
  knows(clientId: string): boolean {
    return this.#core.session(clientId) !== undefined;
  }

  frame(link: string, frame: Uint8Array): readonly Effect[] {
    return this.#handle({ type: 'frame-received', link, peer: peerOf(link), frame });
  }

  feed(input: UpstreamInput): readonly Effect[] {
    return this.#handle(this.#mounted.in(input));
  }

  #handle(input: Input): readonly Effect[] {
    return this.#core
      .handle(input, this.#now)
      .map((effect) => (isUpstream(effect) ? this.#mounted.out(effect) : effect));
  }
}
