/**
 * What `/api/v1` says and hears, as JSON: the page is built on it, the server's schemas give it. Times are ISO 8601 in UTC unless a name says
 * milliseconds. Every text may come from anybody.
 */

export type ClientStateName = 'active' | 'asleep' | 'awake' | 'lost' | 'disconnected';

/** GET /api/v1/overview; the same comes as event `overview` of the stream, each second while somebody looks. */
export interface Overview {
  readonly version: string;
  readonly gwId: number;
  readonly startedAt: string;
  /** Seconds. */
  readonly uptime: number;
  readonly broker: {
    readonly url: string;
    readonly embedded: boolean;
    readonly mode: 'transparent' | 'aggregating';
    readonly state: 'connecting' | 'reachable' | 'unreachable';
    readonly since: string;
    readonly reason: string | null;
  };
  readonly transports: readonly TransportItem[];
  /** How many clients are in each state, and in all. */
  readonly clients: Readonly<Record<ClientStateName, number>> & { readonly total: number };
  /** Of the last seconds: messages a second from clients (up) and to clients (down). */
  readonly rates: { readonly up: number; readonly down: number };
  readonly queue: { readonly messages: number; readonly octets: number };
  /** Since the start: messages from clients (up) and to clients (down) that were dropped, and why. */
  readonly dropped: {
    readonly up: number;
    readonly down: number;
    /** Those of which there are most, at most 10, the most frequent first; in the words of the log, without details. */
    readonly reasons: readonly DropReason[];
  };
  /** Milliseconds, of the last second. */
  readonly eventLoopDelay: number;
  /** What this viewer may do: `read` only, or everything. */
  readonly access: 'read' | 'all';
  /** With access `read`: the setting to make, in words; else null. */
  readonly accessHint: string | null;
  /** Settings that have changed in their files and need a restart. */
  readonly needsRestart: readonly string[];
}

/** Messages that were dropped for one reason. */
export interface DropReason {
  readonly direction: 'up' | 'down';
  readonly qos: -1 | 0 | 1 | 2;
  readonly reason: string;
  readonly count: number;
}

export interface TransportItem {
  readonly name: string;
  readonly type: 'udp' | 'dtls' | 'serial' | 'xbee' | 'module';
  readonly address: string;
  readonly state: 'up' | 'down';
  readonly since: string;
  readonly reason: string | null;
  readonly problems: number;
  readonly framesReceived: number;
  readonly octetsReceived: number;
  readonly framesSent: number;
  readonly octetsSent: number;
}

/** GET /api/v1/history: the last hour for plots, one entry each ten seconds, oldest first. */
export interface History {
  /** Seconds since 1970. */
  readonly time: readonly number[];
  readonly up: readonly number[];
  readonly down: readonly number[];
  readonly clients: readonly number[];
  readonly eventLoopDelay: readonly number[];
  readonly queued: readonly number[];
}

/** GET /api/v1/events/recent: refusals and errors, newest first; each comes as event `incident` of the stream too. */
export interface Incident {
  readonly time: string;
  readonly level: 'error' | 'warn' | 'info';
  /** Stable name of the event, as in JSON log lines. */
  readonly event: string;
  /** In words, as in the log. */
  readonly text: string;
  readonly clientId: string | null;
  readonly link: string | null;
}

/** GET /api/v1/clients?search=&state=&transport=&sort=&order=&offset=&limit= (limit at most 10,000) answers `{ total, items }`; changes come as event `clients`. */
export interface ClientItem {
  readonly clientId: string;
  readonly state: ClientStateName;
  readonly since: string;
  readonly transport: string;
  readonly link: string;
  /** What the transport calls it: of an association of DTLS it is where its client was when it connected. */
  readonly address: string;
  /** To which the session belongs, such as that of its pre-shared key; null: to none. */
  readonly identity: string | null;
  /** To the broker, where clients share one: its own (upstream.ownConnection), or that; null: in the transparent mode, where each has its own. */
  readonly connection: 'own' | 'shared' | null;
  readonly lastSeen: string;
  readonly sleepUntil: string | null;
  readonly published: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly waiting: number;
  /** dBm of the last hop; null: the radio does not tell. */
  readonly rssi: number | null;
  readonly lastTopic: string | null;
  /** Octets of the payload. */
  readonly lastOctets: number | null;
}

/** Event `clients` of the stream, at most once a second: those that have changed, and those whose session is gone. */
export interface ClientChanges {
  readonly changed: readonly ClientItem[];
  readonly removed: readonly string[];
  /** More has changed than is told: ask for the list again. */
  readonly reset: boolean;
}

/** GET /api/v1/clients/{clientId} */
export interface ClientDetail extends ClientItem {
  /** What decides what it may do, such as `access rule "sensors"`; null: it may do everything, or has not come since the start. */
  readonly accessRule: string | null;
  readonly cleanSession: boolean;
  /** Seconds; 0: none. */
  readonly keepAlive: number;
  readonly inFlight: number;
  readonly willTopic: string | null;
  readonly topicIds: readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[];
  readonly subscriptions: readonly { readonly filter: string; readonly qos: 0 | 1 | 2 }[];
  /** The first 20 of what waits for it in the gateway, in their order, as the broker names the topics. `since` null: since before the start. */
  readonly waitingMessages: readonly {
    readonly topic: string;
    readonly qos: 0 | 1 | 2;
    readonly octets: number;
    readonly since: string | null;
  }[];
  /** Newest first. */
  readonly history: readonly { readonly time: string; readonly state: string; readonly reason: string | null }[];
  /** What was refused to it, or given up, newest first, at most 10. `count`: how often in a row. */
  readonly refusals: readonly {
    readonly time: string;
    readonly text: string;
    readonly topic: string | null;
    readonly count: number;
  }[];
  /** Frames are shown until then; null: no trace. */
  readonly traceUntil: string | null;
}

/**
 * Event `frame` of /api/v1/clients/{clientId}/trace: POST with `{ seconds }` (1 to 600) switches it on and answers `{ traceUntil }`, DELETE switches
 * it off, GET is its event stream, which says `missed` (`{ frames }`) where there were too many of them, and `end` when the trace is over.
 * With `untilLeft: true` in the body it ends when its last viewer has left, and one that somebody has asked for without that goes on as it was.
 */
export interface TracedFrame {
  readonly time: string;
  readonly direction: 'received' | 'sent';
  readonly link: string;
  /** Decoded, without payload octets. */
  readonly text: string;
  readonly hex: string;
}

/** GET /api/v1/topics */
export interface Topics {
  readonly predefined: readonly {
    /** Client id, or `*`. */
    readonly clientId: string;
    readonly topicId: number;
    readonly topicName: string;
    readonly usedBy: string | null;
    readonly usedAt: string | null;
  }[];
  /** At most 10,000 of them are told; so many more there are. */
  readonly predefinedMore: number;
  /** Pre-defined ids that clients used and nobody has defined: the usual mistake. */
  readonly unknown: readonly {
    readonly clientId: string | null;
    readonly link: string;
    readonly topicId: number;
    readonly count: number;
    readonly lastSeen: string;
  }[];
  /** Short topic names in use (two characters, nothing is registered), at most 1,000 of them. */
  readonly short: readonly { readonly topicName: string; readonly usedBy: string; readonly usedAt: string }[];
  /** Normal topic ids that were given out to clients, at most 10,000 of them. */
  readonly registered: readonly { readonly clientId: string; readonly topicId: number; readonly topicName: string }[];
  readonly registeredMore: number;
}

/** POST /api/v1/publish */
export interface PublishRequest {
  readonly topic: string;
  /** The topic is as this client has it: its part of `upstream.topicPrefix` comes before it. Left out: as the broker has it. */
  readonly clientId?: string;
  /** Text, or octets in base64: one of the two. */
  readonly payload?: string;
  readonly payloadBase64?: string;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
}

/** POST /api/v1/reload */
export interface ReloadAnswer {
  readonly changed: readonly string[];
  readonly needsRestart: readonly string[];
  readonly problems: readonly string[];
}

/**
 * DELETE /api/v1/clients/{clientId}: forget the session. POST /api/v1/clients/{clientId}/disconnect. GET and PUT /api/v1/log-level:
 * `{ level }`. GET /api/v1/events?events=overview,incident,clients: the stream, of those events alone that are named (left out: of all). Errors of
 * all: RFC 9457.
 */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}
