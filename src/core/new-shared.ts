/** What a core is made with, and what is made of it. */

import type { CoreSettings } from './contract/core-settings.ts';
import { decodingOf } from './procedures/settings-change.ts';
import { AccessTable } from './state/access-table.ts';
import { Deadlines } from './state/deadlines.ts';
import { Directory } from './state/directory.ts';
import { FairRate } from './state/fair-rate.ts';
import { GatewayLink } from './state/gateway-link.ts';
import { Latencies } from './state/latencies.ts';
import { Leftovers } from './state/leftovers.ts';
import { OfflineQueue } from './state/offline-queue.ts';
import { OpenPublishes } from './state/open-publishes.ts';
import { Reachability } from './state/reachability.ts';
import { ShortFalls } from './state/short-falls.ts';
import { Transports } from './state/transports.ts';
import { UnknownSenders } from './state/unknown-senders.ts';
import { UpstreamPacing } from './state/upstream-pacing.ts';
import type { WaitingState } from './state/waiting-state.ts';
import type { Shared } from './steps/turn.ts';
import { PredefinedTopics, type PredefinedTopicTable } from './topics/predefined-topics.ts';
import { ShortTopics } from './topics/short-topics.ts';

/** What a core is made with. */
export interface GatewayCoreOptions {
  readonly settings: CoreSettings;
  readonly predefinedTopics: PredefinedTopicTable;
  /** 0 ≤ random() < 1; for the jitter of reconnects. */
  readonly random: () => number;
  /** Client id of the gateway's own connection as a client would say it; undefined: none can. */
  readonly ownClientId?: string | undefined;
  /** The same of the connection on which the gateway says its status; undefined: none can, or there is no such connection. */
  readonly statusClientId?: string | undefined;
  /** Numbers for connections to the broker, where others take some of them as well. */
  readonly nextConnection?: () => number;
  /** Whether the connection stands that the clients of an aggregating gateway share. Left out: there is none. */
  readonly sharedStands?: () => boolean;
  readonly isBridged?: (clientId: string) => boolean;
  readonly keepsOwn?: (clientId: string) => boolean;
  /** Sessions come back some at a time, behind `restoring-goes-on` while `isPaused`. Left out: all at once. */
  readonly pauses?: boolean;
  /** Whether `show-message` is wanted; looked at each time. Left out: no. */
  readonly watched?: { readonly messages: boolean };
}

/** What the core remembers, before anything has happened. */
export function newShared(options: GatewayCoreOptions): Shared {
  const { settings, predefinedTopics, random, ownClientId, statusClientId, nextConnection } = options;
  const { messages, octets, drop } = settings.upstream.offlineQueue;
  let lastConnection = 0;
  return {
    settings,
    access: settings.access && new AccessTable(settings.access),
    decoding: decodingOf(settings),
    predefined: new PredefinedTopics(predefinedTopics, settings.clients.names),
    shortTopics: new ShortTopics(),
    deadlines: new Deadlines<WaitingState>(),
    directory: new Directory(),
    unknownSenders: new UnknownSenders(),
    gatewayLink: new GatewayLink(),
    reachability: new Reachability(),
    shortFalls: new ShortFalls(),
    transports: new Transports(),
    leftovers: new Leftovers(),
    offline: new OfflineQueue(messages, octets, drop),
    openPublishes: new OpenPublishes(),
    latencies: new Latencies(),
    queued: { messages: 0, octets: 0, qos0Octets: 0 },
    qosMinusOneRate: new FairRate(settings.clients.qosMinus1PerSecond),
    pacing: new UpstreamPacing(settings.upstream.maxConnecting),
    random,
    ownClientId,
    statusClientId,
    nextConnection: nextConnection ?? (() => ++lastConnection),
    sharedStands: options.sharedStands ?? (() => false),
    isBridged: options.isBridged ?? (() => false),
    keepsOwn: options.keepsOwn ?? (() => false),
    formerIds: new Map(),
    unfinished: undefined,
    isPaused: false,
    pauses: options.pauses ?? false,
    watched: options.watched ?? { messages: false },
    owed: { closes: [], connects: [], forgets: [], deletions: [], owners: new Set() },
  };
}
