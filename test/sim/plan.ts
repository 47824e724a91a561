/**
 * What happens in one run, all of it decided before it begins, as plain data: parts can be left out one by one, and the rest stays as it is
 * (shrink.ts). Times are milliseconds of virtual time.
 */

/** A medium between clients and gateway. */
export interface MediumPlan {
  readonly name: string;
  /** Part of the frames that is lost, and that comes twice. */
  readonly loss: number;
  readonly copies: number;
  readonly delay: readonly [number, number];
  /** Frames never overtake each other. */
  readonly orderly: boolean;
  /** Octets in a second; undefined: as many as come. */
  readonly speed?: number;
  readonly maxFrame: number;
}

/** How a topic is named on the air. */
export type TopicForm = 'normal' | 'short' | 'predefined';

/** Something that a client does when its time has come and it can. */
export type Action = { readonly at: number } & (
  | {
      readonly do: 'publish';
      readonly name: string;
      readonly qos: -1 | 0 | 1 | 2;
      readonly topic: string;
      readonly form: TopicForm;
      readonly size: number;
      readonly retain: boolean;
      readonly poison: boolean;
      /** QoS 2: the client loses its power when PUBREC has come. */
      readonly stops: boolean;
    }
  | { readonly do: 'subscribe'; readonly filter: string; readonly form: TopicForm; readonly qos: 0 | 1 | 2 }
  | { readonly do: 'unsubscribe'; readonly filter: string; readonly form: TopicForm }
  | { readonly do: 'sleep' /** Seconds. */; readonly duration: number }
  /** Power off, on again after `off`: all that was in its memory is gone, MsgIds begin at 1. */
  | { readonly do: 'reboot'; readonly off: number }
  /** The radio hears and sends nothing for a while. */
  | { readonly do: 'silence'; readonly for: number }
  | { readonly do: 'die' }
  /** CONNECT, whatever the client believes. */
  | { readonly do: 'connect'; readonly clean: boolean }
  | { readonly do: 'move' }
  | { readonly do: 'leave' }
  | { readonly do: 'will'; readonly topic: boolean; readonly name: string }
);

/** What a client is, and may not do. */
export interface Rights {
  readonly id: string;
  /** That it proves; undefined: none. */
  readonly identity: string | undefined;
  /** Topics. */
  readonly denied: { readonly publish: readonly string[]; readonly read: readonly string[] };
}

export interface ClientPlan extends Rights {
  readonly kind: string;
  readonly medium: string;
  readonly clean: boolean;
  /** Seconds; 0: none. */
  readonly keepAlive: number;
  readonly will: { readonly topic: string; readonly qos: 0 | 1 | 2 } | undefined;
  readonly retry: number;
  readonly retries: number;
  /** Before each answer. */
  readonly answerDelay: readonly [number, number];
  /** What it does with REGISTER. */
  readonly register: 'answers' | 'ignores' | 'refuses';
  /** Never answers a PUBLISH. */
  readonly mute: boolean;
  /** Registers its topics anew after each CONNECT. */
  readonly forgetsTopics: boolean;
  /** As one library does: its long frames claim two octets less than they have. */
  readonly lies: boolean;
  /** Publishes that may be under way at a time. */
  readonly window: number;
  readonly actions: readonly Action[];
}

/** What befalls the world. `client`: index of the client. */
export type WorldEvent = { readonly at: number } & (
  | {
      readonly do: 'broker-publish';
      readonly name: string;
      readonly topic: string;
      readonly qos: 0 | 1 | 2;
      readonly retain: boolean;
      readonly size: number;
    }
  | { readonly do: 'stall'; readonly for: number }
  | { readonly do: 'slow'; readonly for: number; readonly delay: number }
  | { readonly do: 'close-one'; readonly client: number }
  | { readonly do: 'close-all' }
  | { readonly do: 'restart'; readonly for: number; readonly forgets: boolean }
  | { readonly do: 'refuse'; readonly for: number }
  | { readonly do: 'flap'; readonly for: number }
  | { readonly do: 'take-over'; readonly client: number; readonly for: number }
  | { readonly do: 'disk-full'; readonly for: number }
  | { readonly do: 'disk-hang'; readonly for: number }
  /** The process ends; `power`: what was not flushed is gone as well. `skew`: the clock differs by so much afterwards. */
  | { readonly do: 'kill'; readonly off: number; readonly power: boolean; readonly skew: number }
  /** The same, and the next life has other clients that share the connection to the broker. */
  | ({ readonly do: 'mode-change'; readonly off: number; readonly power: boolean } & ConnectionPlan)
  | { readonly do: 'pause'; readonly for: number }
  | { readonly do: 'medium-closed'; readonly medium: string; readonly for: number }
  | { readonly do: 'radio-out'; readonly medium: string; readonly for: number }
  /** The operator sends a client away. */
  | { readonly do: 'operator-disconnect'; readonly client: number }
  /** The operator forgets its session. `off`: somebody switches the client off and, so much later, on again; undefined: nobody does, and it cannot know. */
  | { readonly do: 'operator-forget'; readonly client: number; readonly off: number | undefined }
  /** Somebody who wants the session of a client with an identity. `isAlways`: also where there is none yet, for rules keep it from being made. */
  | {
      readonly do: 'thief';
      readonly frames: readonly string[];
      readonly medium: string;
      readonly link: string;
      readonly victim: string;
      readonly isAlways: boolean;
    }
  | { readonly do: 'stranger'; readonly frames: readonly string[]; readonly medium: string; readonly link: string }
);

export interface BrokerPlan {
  readonly protocol: 4 | 5;
  /** Messages for one client that may be unacknowledged. */
  readonly window: number;
  readonly delay: readonly [number, number];
  /** What comes behind a SUBSCRIBE waits for so long, in milliseconds. */
  readonly subscribing: number;
  /** MQTT 5: what it does not take, and says in CONNACK. */
  readonly limits: BrokerLimits;
  /** MQTT 5: it says why, where it closes a connection. */
  readonly saysWhy: boolean;
  /** MQTT 5: it takes Subscription Identifiers. */
  readonly identifiers: boolean;
  /** MQTT 5: one copy of a message with all identifiers, in place of one for each filter that matches. */
  readonly joinsCopies: boolean;
  /** MQTT 3.1.1: CONNACK says that another version is not spoken; else the connection is closed. */
  readonly namesVersion: boolean;
}

/** As CONNACK has them; undefined: no limit. */
export interface BrokerLimits {
  readonly receiveMaximum?: number;
  readonly maximumPacketSize?: number;
  readonly maximumQos?: 0 | 1;
  readonly retainAvailable?: false;
}

/** Who has the connection to the broker. */
export interface ConnectionPlan {
  /** Whether clients have connections to the broker of their own, or share one. */
  readonly mode: 'transparent' | 'aggregating';
  /** Clients that have one of their own all the same. */
  readonly ownConnection: readonly string[];
}

/** Where that changes in the course of a run: as it is at its beginning. */
export interface GatewayPlan extends ConnectionPlan {
  /** Of the shared connection; undefined: as the broker wants it. */
  readonly sharedProtocol: 4 | undefined;
  /** Messages that may wait for one client of the shared connection. */
  readonly queueMessages: number;
  /** Octets of what waits for clients, and is on the disk, that are in memory as well. */
  readonly queueMemory: number;
  readonly topicPrefix: string;
  readonly grace: number;
  readonly retryInterval: number;
  readonly retryCount: number;
  readonly sessionExpiry: number;
  readonly trailing: 'drop' | 'ignore' | 'parse';
  readonly willUpdate: 'local' | 'reconnect';
  readonly maxAwakeMessages: number;
  readonly maxSessions: number;
  /** What the rules say of each client; undefined: there are none. */
  readonly access: readonly Rights[] | undefined;
}

export interface Plan {
  readonly seed: number;
  /** From here on nothing goes wrong any more; at `end` everything must be in order. */
  readonly healed: number;
  readonly end: number;
  /** Before the end each client sends sixteen publishes at the same time (T-36). */
  readonly burst: boolean;
  readonly gateway: GatewayPlan;
  readonly broker: BrokerPlan;
  readonly media: readonly MediumPlan[];
  readonly clients: readonly ClientPlan[];
  readonly events: readonly WorldEvent[];
}

/** Whether who has the connection to the broker changes in the course of a run. */
export function changesMode({ events }: Pick<Plan, 'events'>): boolean {
  return events.some((event) => event.do === 'mode-change');
}

/** Whether clients share a connection at any time of a run. */
export function everShares({ gateway, events }: Pick<Plan, 'gateway' | 'events'>): boolean {
  return (
    gateway.mode === 'aggregating' || events.some((event) => event.do === 'mode-change' && event.mode === 'aggregating')
  );
}

/** Whether a client shares its connection to the broker. */
export function sharesConnection({ mode, ownConnection }: ConnectionPlan, clientId: string): boolean {
  return mode === 'aggregating' && !ownConnection.includes(clientId);
}

/** Pre-defined topic ids, known to everybody. */
export const PREDEFINED: ReadonlyMap<number, string> = new Map([
  [1, 'p/one'],
  [2, 'p/two'],
]);
