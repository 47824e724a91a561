/** Who may be what: rules that look at a client, and grant. The sections and names are those of the settings file (config/README.md, `access`). */

/** How much a client may publish. What it has not used for a while it may use at once: as much as in `burstSeconds`. */
export interface AccessRate {
  /** Publishes in a second; undefined: any number. */
  readonly messages?: number | undefined;
  /** Octets of payload in a second; undefined: any number. */
  readonly octets?: number | undefined;
  readonly burstSeconds: number;
}

/** Facts of a client that a rule asks for, all of them; one that is left out fits every client. */
export interface AccessMatch {
  /** Names of transports. */
  readonly transport?: readonly string[] | undefined;
  /** Addresses, or networks as `10.0.0.0/8`; of a node behind a forwarder those of the forwarder. */
  readonly host?: readonly string[] | undefined;
  /** Patterns of proven identities, with `*` and `?`. */
  readonly identity?: readonly string[] | undefined;
  /** One proven identity, to the letter. */
  readonly exactIdentity?: string | undefined;
  /** Whether there is a proven identity. */
  readonly identified?: boolean | undefined;
  /** Patterns of client ids. Senders of QoS −1 without a session have none. */
  readonly clientId?: readonly string[] | undefined;
  /** Addresses of the forwarder through which it comes; `any`, or `none`. */
  readonly forwarder?: readonly string[] | undefined;
}

/** What a rule grants; what it does not grant is denied. In filters `%c` is the client id and `%i` the identity. */
export interface AccessGrants {
  readonly connect: boolean;
  /** Filters of the topics to which it may publish. */
  readonly publish: readonly string[];
  /** Filters of the topics that it may read. */
  readonly subscribe: readonly string[];
  /** Filters of topics that are granted in neither way, whatever the others say. */
  readonly deny: readonly string[];
  readonly qosMinus1: boolean;
  readonly retain: boolean;
  readonly maxQos: 0 | 1 | 2;
  /** Octets of a payload; undefined: any number. */
  readonly maxPayload?: number | undefined;
  readonly rate?: AccessRate | undefined;
  /** Sessions of one identity, or of all clients of this rule without one; undefined: any number. */
  readonly sessions?: number | undefined;
}

export interface AccessRule extends AccessMatch, AccessGrants {
  /** How it is called in logs: `sensors`, `access.rules[2]`. */
  readonly name: string;
}

export interface AccessSettings {
  /** The first one that fits a client is its only one. */
  readonly rules: readonly AccessRule[];
  /** For clients that none fits. */
  readonly default: 'deny' | 'allow';
  /** What the client id of a client with an identity has to do with it: nothing, it must be like it, or it is it. */
  readonly clientIdFromIdentity: 'off' | 'require' | 'set';
  /** With `require`: a pattern in which `%i` is the identity. */
  readonly clientIdPattern: string;
}
