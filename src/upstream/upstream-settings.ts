import type { PreSharedKey } from '../ports/upstream.ts';
import type { CertificateFiles } from './certificates.ts';

/** How the gateway reaches its broker. */
export interface UpstreamSettings extends CertificateFiles {
  /** `mqtt://host:port`, `mqtts://`, `ws://host:port/path` or `wss://`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Secures the connections in place of certificates. */
  readonly psk?: PreSharedKey | undefined;
  /** Put before the client id of each MQTT-SN client; may be empty. */
  readonly clientIdPrefix: string;
  /** Client id of the gateway's own connection, for QoS −1. Gets no prefix. That of the connection that clients share is made of it. */
  readonly gatewayClientId: string;
  /** Protocols that are offered in the TLS handshake (ALPN); undefined: none. */
  readonly alpn?: readonly string[] | undefined;
  /** False: a broker whose certificate does not hold good is accepted all the same. */
  readonly rejectUnauthorized: boolean;
  /** 4: MQTT 3.1.1. Of a connection for which no other is asked. */
  readonly protocolVersion: 4 | 5;
  /** Milliseconds, to whole seconds on the wire; 0: no keep-alive. */
  readonly keepAlive: number;
  /** Milliseconds from the start of an attempt to CONNACK. */
  readonly connectTimeout: number;
  /** Seconds that the broker waits with a will, so that a restart of the gateway fires none (MQTT 5 Will Delay Interval). */
  readonly willDelay: number;
  /** QoS 1 and 2 messages that the broker may send on each connection before they are acknowledged (MQTT 5 Receive Maximum). */
  readonly receiveMaximum: number;
  /** Seconds for which the broker keeps a session that is not clean (MQTT 5 Session Expiry Interval). */
  readonly sessionExpiry: number;
  /** Octets that may wait for the broker on one connection, and over all of them, before publishes with QoS 0 are held back. */
  readonly maxBacklog: number;
  readonly maxBacklogInAll: number;
}

/** The settings as a connection uses them: the URL taken apart, and as whom it is made. */
export interface BrokerAddress {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  readonly host: string;
  /** Undefined: the default port of the protocol. */
  readonly port: number | undefined;
  /** Of WebSocket connections. */
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Secures the connection in place of certificates. */
  readonly psk?: PreSharedKey;
  /** The rule by which a client has credentials of its own, and whether it proves by them who it is in TLS already; undefined: those of the gateway. */
  readonly rule?: { readonly name: string; readonly isSecured: boolean };
}

const PROTOCOLS: Readonly<Record<string, BrokerAddress['protocol']>> = {
  'mqtt:': 'mqtt',
  'tcp:': 'mqtt',
  'mqtts:': 'mqtts',
  'ssl:': 'mqtts',
  'tls:': 'mqtts',
  'ws:': 'ws',
  'wss:': 'wss',
};

/** Error if the URL is none of a broker; its text is not repeated, for it may hold a password. */
export function brokerAddress(settings: UpstreamSettings): BrokerAddress {
  const url = URL.canParse(settings.url) ? new URL(settings.url) : undefined;
  const protocol = PROTOCOLS[url?.protocol ?? ''];
  if (url === undefined || protocol === undefined || url.hostname === '') {
    throw new Error('the URL of the broker must look like mqtt://localhost:1883 (or mqtts://, ws://, wss://)');
  }
  return {
    protocol,
    host: overWebSocket({ protocol }) ? url.hostname : url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    path: `${url.pathname === '' ? '/' : url.pathname}${url.search}`,
    username: settings.username ?? (url.username === '' ? undefined : decodeURIComponent(url.username)),
    password: settings.password ?? (url.password === '' ? undefined : decodeURIComponent(url.password)),
  };
}

/** Whether the broker is reached over TLS. */
export function overTls({ protocol }: Pick<BrokerAddress, 'protocol'>): boolean {
  return protocol === 'mqtts' || protocol === 'wss';
}

/** The port of a broker over TCP without TLS. */
export const MQTT_PORT = 1883;

/** Whether the broker is reached over TCP alone. */
export function overTcp({ protocol }: Pick<BrokerAddress, 'protocol'>): boolean {
  return protocol === 'mqtt';
}

/** Whether the broker is reached over WebSockets, secured or not. */
export function overWebSocket({ protocol }: Pick<BrokerAddress, 'protocol'>): boolean {
  return protocol === 'ws' || protocol === 'wss';
}
