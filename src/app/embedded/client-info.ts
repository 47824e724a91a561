import type { SessionSummary, SessionView } from '../../ports/sessions.ts';

/** A client that the gateway knows. */
export interface ClientInfo {
  readonly clientId: string;
  readonly state: 'disconnected' | 'active' | 'asleep' | 'awake' | 'lost';
  /** Since when it is in that state, as far as this process knows. */
  readonly since: Date;
  /** When the last well-formed message came from it. */
  readonly lastHeard: Date;
  /** The radio address where it is, or was last: `udp:192.0.2.7:4711`. */
  readonly link: string;
  /** Name of the transport of that link. */
  readonly transport: string;
  /** What it has proven to be, where its transport proves something. */
  readonly identity: string | undefined;
  readonly cleanSession: boolean;
  /** Seconds; 0: none. */
  readonly keepAlive: number;
  /** Until when it said that it would sleep; undefined: it does not. */
  readonly sleepUntil: Date | undefined;
  /** Messages that wait for it. */
  readonly waiting: number;
  /** Its publishes with QoS 1 and 2 that the broker has not acknowledged. */
  readonly inFlight: number;
  /** Taken from it, delivered to it, and dropped, since the gateway was started. */
  readonly counters: { readonly published: number; readonly delivered: number; readonly dropped: number };
}

/** The same with its topics. */
export interface ClientDetails extends ClientInfo {
  readonly subscriptions: readonly { readonly filter: string; readonly qos: 0 | 1 | 2 }[];
  /** `known`: the client has been told of it. */
  readonly topicIds: readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[];
}

/** `now`: on the clock of the view. */
export function clientInfo(view: SessionSummary, now: number): ClientInfo {
  const at = (time: number): Date => new Date(Date.now() - (now - time));
  const { clientId, state, link, transport, identity, cleanSession, waiting, inFlight, counters } = view;
  return {
    ...{
      clientId,
      state,
      since: at(view.since),
      lastHeard: at(view.lastHeard),
      link,
      transport,
      identity,
      cleanSession,
    },
    keepAlive: view.keepAlive / 1_000,
    sleepUntil: view.sleepUntil === undefined ? undefined : at(view.sleepUntil),
    ...{ waiting, inFlight, counters: { ...counters } },
  };
}

/** The same of a whole view. */
export function clientDetails(view: SessionView, now: number): ClientDetails {
  return { ...clientInfo(view, now), subscriptions: view.subscriptions, topicIds: view.topicIds };
}
