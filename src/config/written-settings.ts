/** The settings of a gateway as a program writes them. Made from the schema by `npm run docs`; a test keeps it true. */
import type { Duration } from './duration.ts';
import type { TransportSettings } from './written-transports.ts';

/** All that may differ from the defaults, with the names and units of the settings file (config/README.md). */
export interface WrittenSettings {
  /** The gateway itself. */
  readonly gateway?: {
    /** Gateway id (GwId) in ADVERTISE and GWINFO; different for each gateway in a network. Default: `1`. */
    readonly id?: number;
    /** Time between two ADVERTISE messages (T_ADV). They are sent where a UDP transport has multicast, and on serial lines and XBee networks with advertise. Default: `15m`. */
    readonly advertiseInterval?: Duration;
    /** Answer SEARCHGW also while the broker cannot be reached. Default: `false`. */
    readonly answerWithoutUpstream?: boolean;
  };
  /** The broker to which everything is forwarded. */
  readonly upstream?: {
    /** Broker to which everything is forwarded. Absent: the embedded broker is used. A user name and password in the URL are taken as username and password. */
    readonly url?: string;
    /** transparent: each client has a connection of its own to the broker; aggregating: all share one, and their sessions are those of the gateway. Default: `transparent`. */
    readonly mode?: 'transparent' | 'aggregating';
    /** Clients that have a connection of their own all the same where the mode is aggregating: client ids, in which `*` stands for any characters and `?` for one. Absent: none. */
    readonly ownConnection?: readonly string[] | string;
    /** User name for the broker; comes before the one in the URL. */
    readonly username?: string;
    /** Password for the broker; comes before the one in the URL. Better given by its environment variable, or by passwordFile, than in the file. */
    readonly password?: string;
    /** File that has the password, in place of password, such as a secret of a container or of systemd. What changes in it counts for the next connection when settings are read again. */
    readonly passwordFile?: string;
    /** File (YAML) with rules by which clients have user names, passwords, certificates, pre-shared keys and prefixes of their own at the broker (docs/credentials.md). Read again with the settings. */
    readonly credentials?: string;
    /** Put before each client id at the broker. Absent: the ids are the same on both sides. */
    readonly clientIdPrefix?: string;
    /** Put before each topic name and filter at the broker, and taken off what comes back; %c stands for the client id (with / + # and % in it as %2F, %2B, %23, %25, and with %24 for a $ with which all would begin), and for nothing in publishes with QoS −1. Absent: topics are the same on both sides. */
    readonly topicPrefix?: string;
    /** Client id of the gateway's own connection, and with -s behind it of the one that the clients of an aggregating gateway share; no two gateways on one broker may have the same. Absent: made once and kept with the sessions (sessions.path memory: from the machine and its UDP port). */
    readonly gatewayClientId?: string;
    /** Certificates (PEM) of the authorities that are trusted for the broker. Absent: those of Node.js. This file, cert and key are read again for each connection once they have changed. */
    readonly ca?: string;
    /** Client certificate (PEM) to show to the broker; needs key. */
    readonly cert?: string;
    /** Private key (PEM) of the client certificate; needs cert. */
    readonly key?: string;
    /** a pre-shared key that secures the connections (TLS 1.2) in place of certificates; needs mqtts:// or wss://. cert and key do not go with it. */
    readonly psk?: {
      /** Identity that the broker has the key under. */
      readonly identity: string;
      /** The key: 16 to 64 octets in hexadecimal or base64 digits, in quotes. */
      readonly key?: string;
      /** File that has the key, in place of key. What changes in it counts for the next connection when settings are read again. */
      readonly keyFile?: string;
    };
    /** Protocols that are offered in the TLS handshake (ALPN), for brokers that ask for one. */
    readonly alpn?: readonly string[] | string;
    /** Refuse a broker whose certificate cannot be verified. false is for experiments only. Default: `true`. */
    readonly rejectUnauthorized?: boolean;
    /** MQTT version towards the broker: 4 is MQTT 3.1.1, 5 is MQTT 5. Absent with upstream.mode aggregating: the shared connection has 5, or 4 with a broker that refuses it, all others have 4. */
    readonly protocolVersion?: 4 | 5;
    /** Keep-alive of the gateway's own towards the broker; independent of that of the clients. Default: `1m`. */
    readonly keepAlive?: Duration;
    /** How long to wait until a connection to the broker stands. Default: `10s`. */
    readonly connectTimeout?: Duration;
    /** How long active clients are kept while the broker is away. Default: `30s`. */
    readonly grace?: Duration;
    /** First pause between two attempts to reach the broker; it doubles up to reconnectMax. Chance shortens each pause by up to a half. Default: `1s`. */
    readonly reconnectMin?: Duration;
    /** Longest pause between two attempts to reach the broker. Default: `1m`. */
    readonly reconnectMax?: Duration;
    /** Most connections to the broker that are being made at a time; the others wait their turn. Default: `20`. */
    readonly maxConnecting?: number;
    /** How long the broker waits before it publishes the will of a client whose connection broke (MQTT 5 only): a restart of the gateway that takes less fires no wills. With `upstream.mode: aggregating` the gateway waits so long for a client with a persistent session, whatever the version. Default: `0`. */
    readonly willDelay?: Duration;
    /** QoS 1 and 2 messages that the broker may send on one connection before they are acknowledged (MQTT 5 only). The connection that the clients of an aggregating gateway share has 1000, or this where it is more. Default: `20`. */
    readonly receiveMaximum?: number;
    /** How long the broker keeps the session of a client that asked for a persistent one, and that of the shared connection of an aggregating gateway, after its connection ended (MQTT 5 only). What is shorter than `sessions.expiry` loses what is published for clients, or while the gateway is off, beyond that time. */
    readonly sessionExpiry?: Duration;
    /** Octets that may be on their way to the broker on one connection and not yet taken. While there are more, publishes with QoS 0 wait as if the broker could not be reached (offlineQueue). Default: `1048576`. */
    readonly maxBacklog?: number;
    /** The same limit over all connections. Default: `67108864`. */
    readonly maxBacklogInAll?: number;
    /** what is held while the broker cannot be reached. */
    readonly offlineQueue?: {
      /** Most publishes with QoS 0 and −1 held while the broker cannot be reached or takes no more, over all clients. Default: `100`. */
      readonly messages?: number;
      /** The same limit in octets. Default: `65536`. */
      readonly octets?: number;
      /** Which publish is dropped when there are too many. Default: `oldest`. */
      readonly drop?: 'oldest' | 'newest';
    };
  };
  /** The embedded broker, used when upstream.url is absent. Good for a first try. */
  readonly broker?: {
    /** Address on which the embedded broker listens. Default: `127.0.0.1`. */
    readonly host?: string;
    /** TCP port of the embedded broker. Default: `1883`. */
    readonly port?: number;
  };
  /** Retransmission and supervision. */
  readonly timing?: {
    /** How long the gateway waits for an answer before it sends again (T_retry). Default: `10s`. */
    readonly retryInterval?: Duration;
    /** How often the gateway sends a message again that a client leaves unanswered (N_retry). Then a client that says nothing at all is lost, one that is alive loses this message only. Default: `3`. */
    readonly retryCount?: number;
    /** Silence after which a client without keep-alive (Duration 0) is probed with PINGREQ. Default: `1h`. */
    readonly idleProbeAfter?: Duration;
  };
  /** Sessions and sleeping clients. */
  readonly sessions?: {
    /** Folder in which sessions outlive the process; made where it is missing. `memory` keeps nothing. Under systemd the default is the first folder of STATE_DIRECTORY (StateDirectory= of the unit). Default: `./sessions`. */
    readonly path?: string;
    /** Most sessions at a time, with those of persistent clients that are away. Beyond it one that is away without subscriptions and messages is forgotten, at the address or forwarder that has most; where there is none, further clients are refused (congestion), save where one address has more than half: then addresses that have few share an eighth more. Default: `10000`. */
    readonly limit?: number;
    /** Most clients without a session that are being asked for their will; beyond it the oldest are given up, at the address or forwarder that has most. They do not count for limit. Default: `1000`. */
    readonly maxHalfOpen?: number;
    /** How long the session of a persistent client that is gone is kept. Default: `7d`. */
    readonly expiry?: Duration;
    /** What a CONNECT with CleanSession does to a sleeping client's session: clean wipes it, resume keeps it. Default: `clean`. */
    readonly cleanConnectWhileAsleep?: 'clean' | 'resume';
    /** Most QoS 0 messages that wait for one client; the oldest is dropped first. 0: none waits. Default: `100`. */
    readonly sleepBufferMessages?: number;
    /** The same limit in octets; a message that is larger by itself is dropped alone. Default: `65536`. */
    readonly sleepBufferOctets?: number;
    /** The same limit in octets, for all clients together. Default: `67108864`. */
    readonly sleepBufferOctetsInAll?: number;
    /** Longest awake period of a sleeping client. Default: `1m`. */
    readonly maxAwakeTime?: Duration;
    /** Most messages delivered in one awake period; the rest waits for the next. Default: `0`. */
    readonly maxAwakeMessages?: number;
    /** what waits in an aggregating gateway for persistent clients that are asleep, away or busy: QoS 1 and 2 on disk, QoS 0 in memory. In a transparent one it waits at the broker. */
    readonly queue?: {
      /** Most messages that wait for one client; beyond it the oldest with QoS 0 is dropped, be it the one that has just come, and where there is none the oldest. 0: none waits, and a client that is asleep, away or busy misses what comes. Only with upstream.mode aggregating. Default: `1000`. */
      readonly messages?: number;
      /** The same limit in octets, of topic and payload; a message that is larger by itself is dropped alone. Only with upstream.mode aggregating. Default: `1048576`. */
      readonly octets?: number;
      /** The same limit in octets, for all clients together; a message counts for each client that it waits for. Beyond it the oldest of the client that has most is dropped. Only with upstream.mode aggregating. Default: `1073741824`. */
      readonly octetsInAll?: number;
      /** How long a message waits for a client at most; then it is dropped. Only with upstream.mode aggregating. Default: `7d`. */
      readonly age?: Duration;
    };
  };
  /** What clients may do, and how much of it. */
  readonly clients?: {
    /** Longest client id that is accepted. The specification says 23. Default: `64`. */
    readonly maxClientIdOctets?: number;
    /** Characters in client ids, topic names, filters and will topics of clients: strict refuses control characters (U+0001–U+001F, U+007F–U+009F) and non-characters, for which many brokers close the connection; utf8 refuses U+0000 only. What the broker delivers always passes. Default: `strict`. */
    readonly names?: 'strict' | 'utf8';
    /** What to do with an empty client id: refuse it, or generate one from the address. Default: `reject`. */
    readonly emptyClientId?: 'reject' | 'generate';
    /** From where a known client id may come back: any address, the same host with any port, or the same address only. Default: `any`. */
    readonly addressBinding?: 'any' | 'sameHost' | 'fixed';
    /** What an update of the will does: local keeps the new will in the gateway, reconnect hands it to the broker at once, reject refuses it. Default: `local`. */
    readonly willUpdate?: 'local' | 'reconnect' | 'reject';
    /** Most registered topic ids for one client; further ones are refused (congestion). Default: `256`. */
    readonly maxTopics?: number;
    /** Most subscriptions of one client; further ones are refused (congestion). Default: `256`. */
    readonly maxSubscriptions?: number;
    /** Most octets of topic names and filters that one client has registered and subscribed; further ones are refused (congestion). Default: `65536`. */
    readonly maxNameOctets?: number;
    /** Most QoS 1 and 2 publishes of one client under way at a time; further ones are refused (congestion). Not above the in-flight window of the broker: mosquitto loses QoS 2 publishes beyond its 20. Default: `16`. */
    readonly maxInflight?: number;
    /** Accept publishes with QoS −1 (no connection) to pre-defined and short topics. Default: `true`. */
    readonly qosMinus1?: boolean;
    /** Addresses from which publishes with QoS −1 are accepted: IP addresses (with a port or without), 64-bit addresses of XBee modules, `line` for serial lines; no networks, no host names. Absent: any. */
    readonly qosMinus1From?: readonly string[] | string;
    /** Topic filters of which one has to match the topic of a publish with QoS −1. Absent: any topic. */
    readonly qosMinus1Topics?: readonly string[] | string;
    /** Most publishes with QoS −1 accepted in a second, shared fairly between the addresses and forwarders that send them. Default: `1000`. */
    readonly qosMinus1PerSecond?: number;
    /** Accept the private extension that puts a long topic name into the data of a QoS −1 publish. Default: `false`. */
    readonly qosMinus1LongNames?: boolean;
  };
  /** Who may be what. Absent: everybody may do everything; `access: {}` alone grants nothing to anybody. `mqtt-sn-gateway access test` says which rule decides. */
  readonly access?: {
    /** File with more rules, behind those of the settings: a list of them (YAML), or an ACL file of mosquitto, told apart by content. Read again with the settings. */
    readonly file?: string;
    /** What a client may do that no rule fits: nothing, or everything. Default: `deny`. */
    readonly default?: 'deny' | 'allow';
    /** What the client id of a client with a proven identity has to do with that: nothing; it must match clientIdPattern; or it is the identity, whatever the client says. Default: `off`. */
    readonly clientIdFromIdentity?: 'off' | 'require' | 'set';
    /** With `require`: what the client id has to be; %i is the identity, `*` any characters, `?` one. Default: `%i`. */
    readonly clientIdPattern?: string;
    /** Rules, in order. The first that fits a client (all that it asks for) is its only one: what it does not grant is denied. A rule that asks for nothing fits everybody. */
    readonly rules?: readonly {
      /** How logs call it. Absent: by its position. */
      readonly name?: string;
      /** It fits clients on these transports, by their names. */
      readonly transport?: readonly string[] | string;
      /** It fits clients at these addresses: IP addresses, networks, 64-bit addresses of XBee modules, `line`. Without DTLS any address can be made up. */
      readonly host?: readonly string[] | string;
      /** It fits clients that have proven one of these identities; `*` stands for any characters, `?` for one. */
      readonly identity?: readonly string[] | string;
      /** It fits clients with a proven identity (true), or without (false). */
      readonly identified?: boolean;
      /** It fits clients with one of these ids; `*` stands for any characters, `?` for one. */
      readonly clientId?: readonly string[] | string;
      /** It fits clients behind a forwarder at one of these addresses, behind `any`, or behind `none`. */
      readonly forwarder?: readonly string[] | string;
      /** Grants CONNECT. Default: `false`. */
      readonly connect?: boolean;
      /** Filters of the topics to which it may publish, by wills and QoS −1 as well. In all filters %c is the client id and %i the identity. */
      readonly publish?: readonly string[] | string;
      /** Filters of the topics that it may read. */
      readonly subscribe?: readonly string[] | string;
      /** Filters of topics that it may use in no way, whatever else the rule says. */
      readonly deny?: readonly string[] | string;
      /** Grants QoS −1, which needs no connection. Default: `false`. */
      readonly qosMinus1?: boolean;
      /** Grants Retain. Default: `false`. */
      readonly retain?: boolean;
      /** Highest QoS; a subscription with a higher one gets this one. Default: `2`. */
      readonly maxQos?: 0 | 1 | 2;
      /** Longest payload of a publish. Absent: any. */
      readonly maxPayload?: number;
      /** how much each client may publish; more is refused (congestion). Absent: any. */
      readonly rate?: {
        /** Publishes in a second; 0.1 is one in 10 seconds. */
        readonly messages?: number;
        /** Octets of payload in a second. */
        readonly octets?: number;
        /** What is not used is saved up: as much as in this time may come at once. Default: `10s`. */
        readonly burst?: Duration;
      };
      /** Sessions that each identity may have by this rule, or all clients of this rule together that have none. Absent: any. */
      readonly sessions?: number;
    }[];
  };
  /** How strictly frames are read. */
  readonly frames?: {
    /** Octets behind a message in one datagram: drop both, ignore the octets, or parse them as further messages. Default: `drop`. */
    readonly trailing?: 'drop' | 'ignore' | 'parse';
    /** Take a message of 256 octets or more whole though its Length says 2 to 4 octets less than its frame has, a defect of client libraries. Not with trailing: parse. Default: `true`. */
    readonly tolerateShortLength?: boolean;
  };
  /** What the gateway says of itself at the broker. */
  readonly status?: {
    /** Whether the gateway says at the broker how it is and how its clients are: <topicPrefix>/state, info, stats and clients/<client id>/state (docs/status-topics.md), on a connection of its own. homeAssistant.enabled switches it on as well. Default: `false`. */
    readonly enabled?: boolean;
    /** Topics about the gateway itself begin with it; upstream.topicPrefix does not come before it. Two gateways on one broker need different ones. Without status.enabled there is one of them, and only with upstream.mode aggregating: <topicPrefix>/state is `online`, retained, while the gateway is connected, and `offline`, retained, as the will of the shared connection. */
    readonly topicPrefix?: string;
    /** Whether requests at <topicPrefix>/request/… are carried out (clients, disconnect, forget, reload, log-level): by everybody whom the broker lets publish there. Default: `false`. */
    readonly requests?: boolean;
  };
  /** The gateway and its clients as devices of Home Assistant. */
  readonly homeAssistant?: {
    /** Whether Home Assistant is told of the gateway and of each client as devices (MQTT discovery, Home Assistant 2024.11 or later). Default: `false`. */
    readonly enabled?: boolean;
    /** Of the topics at which Home Assistant hears of devices: that of its MQTT integration. Its birth message is heard at <discoveryPrefix>/status ('online'). Default: `homeassistant`. */
    readonly discoveryPrefix?: string;
  };
  /** Log lines. */
  readonly logging?: {
    /** Least important messages that are logged; trace shows every frame, decoded. Default: `info`. */
    readonly level?: 'error' | 'warn' | 'info' | 'debug' | 'trace';
    /** Log lines for people, or one JSON object for each line. Default: `pretty`. */
    readonly format?: 'pretty' | 'json';
    /** Show the payload octets of publishes too, at level trace. Default: `false`. */
    readonly payloads?: boolean;
  };
  /** Where clients are heard: a list, any number of entries. Absent: one UDP transport with the defaults. */
  readonly transports?: readonly TransportSettings[];
}
