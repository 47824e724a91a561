import type { SecureContext } from 'node:tls';
import type { PreSharedKey, UpstreamConnect, Will } from '../ports/upstream.ts';
import { bufferOf } from './packets.ts';
import { type BrokerAddress, overWebSocket, type UpstreamSettings } from './upstream-settings.ts';

/** A will as MQTT.js writes it into CONNECT. */
interface ClientWill {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Will['qos'];
  readonly retain: boolean;
  /** MQTT 5, in seconds. */
  readonly properties?: { readonly willDelayInterval: number };
}

/** How a connection is secured by a pre-shared key: there is no certificate with names to look at, and the broker proves itself by the key. */
interface PskAnswer {
  readonly pskCallback: () => { readonly psk: Uint8Array; readonly identity: string };
  /** Finds nothing wrong, by returning nothing; the types of TLS and of WebSockets do not agree on what that is. */
  readonly checkServerIdentity: () => never;
}

/** The options of MQTT.js, of which it has many more. It writes into the object, which therefore serves one connection only. */
export interface ClientOptions {
  readonly protocol: BrokerAddress['protocol'];
  readonly host: string;
  readonly port?: number;
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly secureContext?: SecureContext;
  readonly ALPNProtocols?: string[];
  readonly pskCallback?: PskAnswer['pskCallback'];
  readonly checkServerIdentity?: PskAnswer['checkServerIdentity'];
  readonly rejectUnauthorized: boolean;
  readonly wsOptions: {
    readonly perMessageDeflate: boolean;
    readonly secureContext?: SecureContext;
    readonly ALPNProtocols?: string[];
    readonly pskCallback?: PskAnswer['pskCallback'];
    readonly checkServerIdentity?: PskAnswer['checkServerIdentity'];
    readonly rejectUnauthorized?: boolean;
  };
  readonly protocolVersion: UpstreamSettings['protocolVersion'];
  readonly clientId: string;
  readonly clean: boolean;
  /** Seconds. */
  readonly keepalive: number;
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly will?: ClientWill;
  /** MQTT 5; the interval in seconds. */
  readonly properties?: { readonly sessionExpiryInterval: number; readonly receiveMaximum: number };
  /** Milliseconds. */
  readonly reconnectPeriod: number;
  readonly resubscribe: boolean;
  readonly queueQoSZero: boolean;
  readonly writeCache: boolean;
  readonly log: () => void;
}

/** One connection for all clients is no place for the window of one (named in src/config/hints.ts as well). */
export const SHARED_RECEIVE_MAXIMUM = 1_000;

const silent = (): void => undefined;
const nothingWrong = (() => undefined) as () => never;

/**
 * How MQTT.js makes the connection that an effect asks for: everything in CONNECT, the way to the broker, and nothing that it decides by itself.
 * `secureContext`: undefined where the connection is not secured.
 */
export function clientOptions(
  effect: UpstreamConnect,
  clientId: string,
  settings: UpstreamSettings,
  address: BrokerAddress,
  secureContext: SecureContext | undefined,
): ClientOptions {
  const { protocol, host, port, path, username, password, psk } = address;
  const { keepAlive, connectTimeout, rejectUnauthorized, sessionExpiry, receiveMaximum } = settings;
  const { cleanSession, will, protocolVersion = settings.protocolVersion } = effect;
  const secured = secureContext && {
    secureContext,
    ...(settings.alpn && { ALPNProtocols: [...settings.alpn] }),
    ...(psk && pskAnswer(psk)),
  };
  return {
    protocol,
    host,
    ...(port !== undefined && { port }),
    ...(overWebSocket(address) && { path }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...secured,
    rejectUnauthorized,
    wsOptions: { perMessageDeflate: false, ...(secured && { ...secured, rejectUnauthorized }) },
    protocolVersion,
    clientId,
    clean: cleanSession,
    keepalive: Math.ceil(keepAlive / 1000),
    connectTimeout,
    ...(will && { will: willOf(will, protocolVersion, settings.willDelay) }),
    ...(protocolVersion === 5 && {
      properties: {
        sessionExpiryInterval: cleanSession ? 0 : sessionExpiry,
        receiveMaximum: effect.shared ? Math.max(receiveMaximum, SHARED_RECEIVE_MAXIMUM) : receiveMaximum,
      },
    }),
    // Each attempt to connect is the core's decision, and so is everything that is sent again.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // Else 65,536 little buffers are made once and kept.
    writeCache: false,
    // MQTT.js would log CONNECT, with the password, where DEBUG is set.
    log: silent,
  };
}

function pskAnswer({ identity, key }: PreSharedKey): PskAnswer {
  return { pskCallback: () => ({ psk: key, identity }), checkServerIdentity: nothingWrong };
}

/** The message is the same memory. The broker waits with it only in MQTT 5. */
function willOf({ topic, message, qos, retain }: Will, protocolVersion: 4 | 5, willDelay: number): ClientWill {
  const will = { topic, payload: bufferOf(message), qos, retain };
  return protocolVersion === 5 ? { ...will, properties: { willDelayInterval: willDelay } } : will;
}
