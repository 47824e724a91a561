/**
 * MQTT.js makes a connection: the stream with TCP, TLS or WebSockets, CONNECT, and the time within which CONNACK has to come. What the broker sends is not
 * for it; when CONNACK has come it is let go, with all its memory, and the stream is the gateway's alone.
 *
 * This leans on MQTT.js making its stream with `streamBuilder`, reading it by `pipe`, and waiting for CONNACK with `connackTimer`. The contract tests of
 * the upstream fail when an upgrade changes that.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { connect } from 'mqtt';
import type { UpstreamConnect } from '../ports/upstream.ts';
import { clientOptions } from './client-options.ts';
import { failureHint } from './failure-hint.ts';
import { failureReason } from './failure-reason.ts';
import { tcpStream } from './tcp-stream.ts';
import { type BrokerAddress, MQTT_PORT, overTcp, overWebSocket, type UpstreamSettings } from './upstream-settings.ts';

type Listener = (...values: unknown[]) => void;

/** What of MQTT.js is used. */
interface Maker {
  stream: Duplex;
  streamBuilder?(client: object): Duplex;
  connect(): unknown;
  connackTimer?: NodeJS.Timeout;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Events of the stream that MQTT.js listens to. */
const EVENTS = ['error', 'close'] as const;

/** What MQTT.js says where the broker is silent. */
const NO_CONNACK = 'connack timeout';

/** Octets of the first answer that are looked at where there is no CONNACK. */
const ANSWER = 16;

/** Alerts of TLS, in the words of OpenSSL, that are about what the client has shown. */
const PROOF_REFUSED =
  /\balert (bad certificate|certificate|unsupported certificate|unknown ca|access denied|decrypt|bad record mac|unknown psk identity|handshake failure)/;

const NOTHING = new Uint8Array(0);

export interface ConnectingOptions {
  readonly effect: UpstreamConnect;
  readonly clientId: string;
  readonly settings: UpstreamSettings;
  readonly address: BrokerAddress;
  /** Undefined: the connection is not secured. */
  readonly secureContext: SecureContext | undefined;
  /** Gets what comes, in memory that may be used again. */
  readonly read: (octets: Buffer) => void;
}

const readNothing = <Destination>(destination: Destination): Destination => destination;

export class Connecting {
  readonly stream: Duplex;
  readonly #options: ConnectingOptions;
  /** The stream stands; with WebSockets that is not known, and taken for granted. */
  #isReached: boolean;
  /** What the broker sent first. */
  #answer = NOTHING;
  readonly #maker: Maker;
  readonly #added: readonly (readonly [string, Listener])[];

  /** Starts to connect. `failed`: may be told of several errors. Error if MQTT.js cannot even try. */
  constructor(options: ConnectingOptions, failed: (error: Error) => void) {
    const { effect, clientId, settings, address, secureContext, read } = options;
    this.#options = options;
    this.#isReached = overWebSocket(address);
    const maker = connect({
      ...clientOptions(effect, clientId, settings, address, secureContext),
      manualConnect: true,
    }) as unknown as Maker;
    const build = maker.streamBuilder;
    if (typeof build !== 'function') {
      throw new TypeError('this version of MQTT.js makes its stream in another way');
    }
    const before = new Set<Listener>();
    maker.streamBuilder = (client) => {
      const stream = overTcp(address)
        ? tcpStream(address.host, address.port ?? MQTT_PORT, read)
        : build.call(maker, client).on('data', read);
      stream.pipe = readNothing;
      for (const event of EVENTS) {
        for (const listener of stream.rawListeners(event) as Listener[]) {
          before.add(listener);
        }
      }
      return stream;
    };
    maker.on('error', failed);
    maker.connect();
    const { stream } = maker;
    this.#maker = maker;
    this.stream = stream;
    this.#added = EVENTS.flatMap((event) =>
      (stream.rawListeners(event) as Listener[]).flatMap((listener) =>
        before.has(listener) ? [] : [[event, listener] as const],
      ),
    );
    stream.once('connect', () => {
      this.#isReached = true;
      if (stream instanceof Socket) {
        stream.setNoDelay(true);
      }
    });
  }

  get isReached(): boolean {
    return this.#isReached;
  }

  /** The first octets of the broker. */
  answered(octets: Uint8Array): void {
    this.#answer = Uint8Array.from(octets.subarray(0, ANSWER)); // a copy: the memory it is in is larger
  }

  /** What an error says, for people. */
  describe(error: Error): string {
    if (error.message !== NO_CONNACK) {
      return failureReason(error);
    }
    return `no ${this.#isReached ? 'CONNACK' : 'connection'} within ${this.#options.settings.connectTimeout / 1000} s`;
  }

  /** Why it came to nothing, with what an operator can do about it. `code`: of the error. */
  whyNotMade(reason: string, code: string, protocolVersion: 4 | 5): string {
    const { address, settings } = this.#options;
    const { protocol, psk, rule } = address;
    const answer = this.#answer;
    const ownCa = settings.ca !== undefined;
    const login = rule?.isSecured === true ? `rule "${rule.name}" of upstream.credentials` : undefined;
    const withPsk = psk !== undefined;
    const hint = failureHint({ protocol, protocolVersion, ownCa, withPsk, login, reason, code, answer });
    return hint === undefined ? reason : `${reason}: ${hint}`;
  }

  /** The broker does not take what the client has been given to prove who it is in TLS (I-127). `reason`, `code`: of the error. */
  isProofRefused(reason: string, code: string): boolean {
    return this.#options.address.rule?.isSecured === true && code !== '' && PROOF_REFUSED.test(reason);
  }

  /** CONNACK has come: nothing of MQTT.js stays. */
  letGo(): void {
    clearTimeout(this.#maker.connackTimer);
    for (const [event, listener] of this.#added) {
      this.stream.off(event, listener);
    }
    this.stream.removeAllListeners('secureConnect');
  }
}
