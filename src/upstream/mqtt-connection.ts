import { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { connect, type MqttClient, type Packet } from 'mqtt';
import type { UpstreamConnect, UpstreamInput } from '../ports/upstream.ts';
import { BrokerStream, type StreamOwner } from './broker-stream.ts';
import { clientOptions } from './client-options.ts';
import { failureHint } from './failure-hint.ts';
import { failureCode, failureReason } from './failure-reason.ts';
import { forgetRefused, takeAnyNumber } from './held-acknowledgements.ts';
import { inputOf, type PacketEffect, type PacketSource, type ReceivedPacket } from './packets.ts';
import { tcpStream } from './tcp-stream.ts';
import { type BrokerAddress, MQTT_PORT, overTcp, overWebSocket, type UpstreamSettings } from './upstream-settings.ts';

/** Who is told about a connection; never called from inside one of its methods, save `written`. */
export interface MqttConnectionOwner {
  report(input: UpstreamInput): void;
  /** Something is to be written: `flush` at the end of this turn of the event loop. */
  written(connection: MqttConnection): void;
  /** All that was written has been handed to the operating system, after it had not been. */
  drained(connection: MqttConnection): void;
  /** The stream has closed; nothing comes any more. */
  closed(connection: MqttConnection): void;
}

/** How long a broker may take to close its side after DISCONNECT, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/** Octets of the first answer that are looked at where there is no CONNACK. */
const ANSWER = 16;

/** What MQTT.js says where the broker is silent. Its other errors without a code come from its parser. */
const TIMEOUTS: ReadonlySet<string> = new Set(['connack timeout', 'Keepalive timeout']);

/** One error for all packets that have not left by then: without it each would be given one of its own. */
const GIVEN_UP = new Error('the connection was given up');

/**
 * One attempt to connect to the broker and, if it succeeds, the connection. MQTT.js does the stream, TLS, WebSocket, CONNECT,
 * parsing and keep-alive; everything else is written by the effects, with the packet ids of the core, and heard before
 * MQTT.js acts on it.
 */
export class MqttConnection {
  readonly number: number;
  readonly clientId: string;
  readonly #owner: MqttConnectionOwner;
  readonly #source: PacketSource;
  readonly #settings: UpstreamSettings;
  readonly #address: BrokerAddress;
  readonly #client: MqttClient;
  readonly #stream: BrokerStream;
  /** TCP is established; with WebSockets unknown, and taken for granted. */
  #reached: boolean;
  #acknowledged = false;
  /** Nothing is reported any more. */
  #ended = false;
  /** CONNECT and DISCONNECT have been written, CONNACK has not come. */
  #endsOnConnack = false;
  #reason: string | undefined;
  /** Code of the error that is the reason. */
  #code = '';
  /** What the broker sent first, where that was no CONNACK. */
  #answer: Uint8Array = new Uint8Array(0);
  /** MQTT.js has ended it. */
  #endedByUs = false;
  /** What the broker sent was the reason. */
  #unreadable = false;
  #forcedClose: NodeJS.Timeout | undefined;
  /** PINGREQs without an answer, oldest first: `core` where the core asked for it, else how many QoS 0 publishes MQTT.js's keep-alive came behind. */
  readonly #pings: ('core' | number)[] = [];
  /** QoS 0 publishes: written, and reported as kept. */
  readonly #qos0 = { written: 0, kept: 0 };

  /** Starts to connect. Error if MQTT.js cannot even try. */
  constructor(
    effect: UpstreamConnect,
    clientId: string,
    settings: UpstreamSettings,
    address: BrokerAddress,
    secureContext: SecureContext | undefined,
    owner: MqttConnectionOwner,
  ) {
    this.number = effect.connection;
    this.clientId = clientId;
    this.#owner = owner;
    this.#source = {
      connection: effect.connection,
      protocolVersion: effect.protocolVersion ?? settings.protocolVersion,
    };
    this.#settings = settings;
    this.#address = address;
    this.#reached = overWebSocket(address);
    const client = connect({
      ...clientOptions(effect, clientId, settings, address, secureContext),
      manualConnect: true,
    });
    this.#client = client;
    client.on('packetreceive', (packet) => this.#received(packet));
    this.#stream = new BrokerStream(client as unknown as StreamOwner, {
      protocolVersion: this.#source.protocolVersion,
      heard: (packet) => this.#received(packet),
      answered: (octets) => {
        this.#answer = Uint8Array.from(octets.subarray(0, ANSWER)); // a copy: the memory it is in is larger
      },
      pinged: (byCore) => void this.#pings.push(byCore ? 'core' : this.#qos0.written),
      wrote: () => this.#owner.written(this),
      open: overTcp(address) ? (read) => tcpStream(address.host, address.port ?? MQTT_PORT, read) : undefined,
    });
    takeAnyNumber(client);
    client.on('error', (error) => {
      this.#unreadable ||= !('code' in error) && !TIMEOUTS.has(error.message);
      this.#failed(error);
    });
    client.on('close', () => this.#closed());
    client.stream.on('drain', () => this.#owner.drained(this));
    // MQTT.js passes only those errors of the stream on that carry a code.
    client.stream.on('error', (error: Error) => this.#failed(error));
    client.stream.once('connect', () => {
      this.#reached = true;
      if (client.stream instanceof Socket) {
        client.stream.setNoDelay(true);
      }
    });
  }

  /** Writes one packet, after all that was written before. */
  perform(effect: PacketEffect): void {
    if (this.#ended) {
      return;
    }
    if (effect.type === 'upstream-acknowledge' && effect.packet === 'PUBREC' && effect.reasonCode >= 0x80) {
      forgetRefused(this.#client, effect.packetId);
    }
    this.#stream.write(effect);
    if (effect.type === 'upstream-publish' && effect.qos === 0) {
      this.#qos0.written++;
    }
  }

  /** Hands what was written to the operating system, as far as that takes it. */
  flush(): void {
    this.#stream.flush();
  }

  /** Octets that were written and that the operating system has not taken yet; over WebSockets too. */
  get backlog(): number {
    const { stream } = this.#client;
    return stream.destroyed ? 0 : stream.writableLength;
  }

  /** The broker does not take what is written, or does again. */
  blocked(isBlocked: boolean): void {
    if (!this.#ended) {
      this.#owner.report({ type: isBlocked ? 'upstream-blocked' : 'upstream-drained', connection: this.number });
    }
  }

  /**
   * Ends the connection when all that was written before is out: with `disconnect` after MQTT DISCONNECT, else without, so that
   * the broker publishes the will. Forced when the broker has not closed its side after two seconds.
   */
  end(disconnect: boolean): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    const stream = this.#client.stream as { connecting?: boolean; secureConnecting?: boolean };
    if (stream.connecting === true || stream.secureConnecting === true) {
      // CONNECT has not gone out yet.
      this.destroy();
      return;
    }
    if (disconnect) {
      this.#stream.writePacket({ cmd: 'disconnect', reasonCode: 0 });
      if (!this.#acknowledged) {
        // A broker that sees the end of the stream while it still checks CONNECT might take that for a lost client: stay until it has answered.
        this.#endsOnConnack = true;
        this.flush();
        this.#forceCloseLater();
        return;
      }
    }
    this.#endStream();
  }

  /** Closes at once, whatever has not been written yet. */
  destroy(): void {
    this.#ended = true;
    this.#client.stream.destroy(GIVEN_UP);
  }

  #endStream(): void {
    this.#stream.end();
    this.#forceCloseLater();
  }

  #forceCloseLater(): void {
    this.#forcedClose ??= setTimeout(() => this.destroy(), CLOSE_TIMEOUT);
  }

  #failed(error: Error): void {
    if (this.#reason === undefined) {
      this.#reason = this.#describe(error);
      this.#code = failureCode(error);
    }
    // errors of the system (ECONNRESET, …) have a text as code; those of MQTT.js itself, such as a ping without answer, have not
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') {
      this.#endedByUs = true;
    }
    // After an error of the parser, for instance, MQTT.js would go on as if nothing had happened.
    this.#client.stream.destroy();
  }

  #describe(error: Error): string {
    switch (error.message) {
      case 'connack timeout':
        return `no ${this.#reached ? 'CONNACK' : 'connection'} within ${this.#settings.connectTimeout / 1000} s`;
      case 'Keepalive timeout':
        return 'no answer to ping';
      default:
        return failureReason(error);
    }
  }

  #closed(): void {
    clearTimeout(this.#forcedClose);
    if (!this.#ended) {
      this.#ended = true;
      const reason = this.#acknowledged ? (this.#reason ?? 'closed by the broker') : this.#whyNotMade();
      const ours = this.#endedByUs && { ours: true as const };
      const unreadable = ours && this.#unreadable && { unreadable: true as const };
      const unsent = !this.#reached && { unsent: true as const };
      this.#owner.report({
        type: 'upstream-lost',
        connection: this.number,
        reason,
        takenOver: false,
        ...ours,
        ...unreadable,
        ...unsent,
      });
    }
    this.#owner.closed(this);
  }

  /** With what an operator can do about it. */
  #whyNotMade(): string {
    const reason = this.#reason ?? 'closed by the broker before CONNACK';
    const { protocolVersion } = this.#source;
    const hint = failureHint({
      ...{ protocol: this.#address.protocol, protocolVersion, ownCa: this.#settings.ca !== undefined },
      ...{ reason, code: this.#code, answer: this.#answer },
    });
    return hint === undefined ? reason : `${reason}: ${hint}`;
  }

  #received(packet: Packet | ReceivedPacket): void {
    if (this.#ended) {
      if (packet.cmd === 'connack' && this.#endsOnConnack) {
        this.#endStream();
      }
      return;
    }
    if (packet.cmd === 'pingresp') {
      const asked = this.#pings.shift();
      if (asked !== 'core') {
        this.#kept(asked ?? 0);
        return; // to MQTT.js, whose keep-alive asked
      }
    }
    const input = inputOf(packet, this.#source);
    if (input === undefined) {
      return;
    }
    const over = input.type === 'upstream-refused' || input.type === 'upstream-lost';
    if (over) {
      this.#ended = true;
    } else if (input.type === 'upstream-connected') {
      this.#acknowledged = true;
      this.#stream.establish();
    }
    this.#owner.report(input);
    if (over) {
      this.#endStream();
    }
  }

  /** The broker has had so many QoS 0 publishes. */
  #kept(publishes: number): void {
    if (publishes > this.#qos0.kept) {
      this.#qos0.kept = publishes;
      this.#owner.report({ type: 'upstream-kept', connection: this.number, publishes });
    }
  }
}
