import { Socket } from 'node:net';
import { connect, type IClientOptions, type MqttClient, type Packet, ReasonCodes } from 'mqtt';
import type { UpstreamConnect, UpstreamEffect, UpstreamInput, Will } from '../ports/upstream.ts';
import { failureReason } from './failure-reason.ts';
import { forgetfulStore, forgetRefused, holdAcknowledgements, takeAnyNumber } from './held-acknowledgements.ts';
import type { BrokerAddress, UpstreamSettings } from './upstream-settings.ts';

/** What is done with a connection that exists. */
export type PacketEffect = Exclude<UpstreamEffect, { type: 'upstream-connect' | 'upstream-close' }>;

/** Who is told about a connection; never called from inside one of its methods. */
export interface MqttConnectionOwner {
  report(input: UpstreamInput): void;
  /** The stream has closed; nothing comes any more. */
  closed(connection: MqttConnection): void;
}

/** How long a broker may take to close its side after DISCONNECT, in milliseconds. */
const CLOSE_TIMEOUT = 2_000;

/** MQTT 5 reason code of DISCONNECT: the same client id has connected elsewhere. */
const SESSION_TAKEN_OVER = 0x8e;

const silent = (): void => undefined;

/**
 * One attempt to connect to the broker and, if it succeeds, the connection. MQTT.js does the stream, TLS, WebSocket, CONNECT,
 * parsing and keep-alive; everything else is written by the effects, with the packet ids of the core, and heard before
 * MQTT.js acts on it.
 */
export class MqttConnection {
  readonly number: number;
  readonly clientId: string;
  readonly #owner: MqttConnectionOwner;
  readonly #settings: UpstreamSettings;
  readonly #client: MqttClient;
  readonly #write: (packet: Packet) => void;
  /** TCP is established; with WebSockets unknown, and taken for granted. */
  #reached: boolean;
  #acknowledged = false;
  /** Nothing is reported any more. */
  #ended = false;
  /** CONNECT and DISCONNECT have been written, CONNACK has not come. */
  #endsOnConnack = false;
  #reason: string | undefined;
  /** MQTT.js has ended it. */
  #ours: true | undefined;
  #forcedClose: NodeJS.Timeout | undefined;
  /** PINGREQs without an answer, oldest first: true where the core asked for it, false where it is MQTT.js's keep-alive. */
  readonly #pings: boolean[] = [];
  #asking = false;

  /** Starts to connect. Error if MQTT.js cannot even try. */
  constructor(
    effect: UpstreamConnect,
    clientId: string,
    settings: UpstreamSettings,
    address: BrokerAddress,
    owner: MqttConnectionOwner,
  ) {
    this.number = effect.connection;
    this.clientId = clientId;
    this.#owner = owner;
    this.#settings = settings;
    this.#reached = address.protocol === 'ws' || address.protocol === 'wss';
    const client = connect(clientOptions(effect, clientId, settings, address));
    this.#client = client;
    this.#write = holdAcknowledgements<Packet>(client);
    takeAnyNumber(client);
    client.on('packetreceive', (packet) => this.#received(packet));
    client.on('packetsend', (packet) => {
      if (packet.cmd === 'pingreq') {
        this.#pings.push(this.#asking);
      }
    });
    client.on('error', (error) => this.#failed(error));
    client.on('close', () => this.#closed());
    // MQTT.js passes only those errors of the stream on that carry a code.
    client.stream.on('error', (error: Error) => this.#failed(error));
    client.stream.once('connect', () => {
      this.#reached = true;
      if (client.stream instanceof Socket) {
        client.stream.setNoDelay(true);
      }
    });
  }

  /** True from the moment on from which nothing is reported any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Writes one packet, after all that was written before. */
  perform(effect: PacketEffect): void {
    if (this.#ended) {
      return;
    }
    if (effect.type === 'upstream-acknowledge' && effect.packet === 'PUBREC' && effect.reasonCode >= 0x80) {
      forgetRefused(this.#client, effect.packetId);
    }
    this.#asking = effect.type === 'upstream-ping';
    this.#write(packetOf(effect));
    this.#asking = false;
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
      this.#write({ cmd: 'disconnect', reasonCode: 0 });
      if (!this.#acknowledged) {
        // A broker that sees the end of the stream while it still checks CONNECT might take that for a lost client: stay until it has answered.
        this.#endsOnConnack = true;
        this.#forceCloseLater();
        return;
      }
    }
    this.#endStream();
  }

  /** Closes at once, whatever has not been written yet. */
  destroy(): void {
    this.#ended = true;
    this.#client.stream.destroy();
  }

  #endStream(): void {
    this.#client.stream.end();
    this.#forceCloseLater();
  }

  #forceCloseLater(): void {
    this.#forcedClose ??= setTimeout(() => this.#client.stream.destroy(), CLOSE_TIMEOUT);
  }

  #failed(error: Error): void {
    this.#reason ??= this.#describe(error);
    // errors of the system (ECONNRESET, …) have a text as code; those of MQTT.js itself, such as a ping without answer, have not
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') {
      this.#ours = true;
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
    this.#lost(
      this.#reason ?? (this.#acknowledged ? 'closed by the broker' : 'closed by the broker before CONNACK'),
      false,
      this.#ours,
    );
    this.#owner.closed(this);
  }

  #lost(reason: string, takenOver: boolean, ours?: true): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#owner.report({ type: 'upstream-lost', connection: this.number, reason, takenOver, ...(ours && { ours }) });
    }
  }

  #received(packet: Packet): void {
    if (this.#ended) {
      if (packet.cmd === 'connack' && this.#endsOnConnack) {
        this.#endStream();
      }
      return;
    }
    const connection = this.number;
    switch (packet.cmd) {
      case 'connack': {
        const reasonCode = (this.#settings.protocolVersion === 5 ? packet.reasonCode : packet.returnCode) ?? 0;
        if (reasonCode === 0) {
          this.#acknowledged = true;
          const { receiveMaximum, maximumPacketSize } = packet.properties ?? {};
          this.#owner.report({
            type: 'upstream-connected',
            connection,
            sessionPresent: packet.sessionPresent,
            ...(receiveMaximum !== undefined && { receiveMaximum }),
            ...(maximumPacketSize !== undefined && { maximumPacketSize }),
          });
        } else {
          this.#ended = true;
          this.#owner.report({
            type: 'upstream-refused',
            connection,
            protocolVersion: this.#settings.protocolVersion,
            reasonCode,
          });
          this.#endStream();
        }
        return;
      }
      case 'publish': {
        const { messageId = 0, topic, qos, retain, dup } = packet;
        // None was allowed in CONNECT: MQTT.js ends the connection.
        if (packet.properties?.topicAlias === undefined) {
          const expiryInterval = packet.properties?.messageExpiryInterval;
          this.#owner.report({
            type: 'upstream-message',
            connection,
            packetId: messageId,
            topic,
            payload: packet.payload as Buffer,
            qos,
            retain,
            dup,
            ...(expiryInterval !== undefined && { expiryInterval }),
          });
        }
        return;
      }
      case 'puback':
        this.#acknowledgement('PUBACK', packet);
        return;
      case 'pubrec':
        this.#acknowledgement('PUBREC', packet);
        return;
      case 'pubcomp':
        this.#acknowledgement('PUBCOMP', packet);
        return;
      case 'pubrel':
        this.#owner.report({ type: 'upstream-released', connection, packetId: packet.messageId ?? 0 });
        return;
      case 'suback':
        this.#owner.report({
          type: 'upstream-subscribed',
          connection,
          packetId: packet.messageId ?? 0,
          reasonCode: Number(packet.granted[0]),
        });
        return;
      case 'pingresp':
        if (this.#pings.shift()) {
          this.#owner.report({ type: 'upstream-ponged', connection });
        }
        return;
      case 'unsuback':
        this.#owner.report({ type: 'upstream-unsubscribed', connection, packetId: packet.messageId ?? 0 });
        return;
      case 'disconnect': {
        const code = packet.reasonCode ?? 0;
        const words = ReasonCodes[code as keyof typeof ReasonCodes] || 'normal disconnection';
        this.#lost(
          `disconnected by the broker: ${words} (0x${code.toString(16).padStart(2, '0')})`,
          code === SESSION_TAKEN_OVER,
        );
        this.#endStream();
        return;
      }
    }
  }

  #acknowledgement(
    packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP',
    { messageId = 0, reasonCode = 0 }: { messageId?: number; reasonCode?: number },
  ): void {
    this.#owner.report({
      type: 'upstream-acknowledged',
      connection: this.number,
      packetId: messageId,
      packet,
      reasonCode,
    });
  }
}

function clientOptions(
  effect: UpstreamConnect,
  clientId: string,
  settings: UpstreamSettings,
  address: BrokerAddress,
): IClientOptions {
  const { secureContext } = address;
  const { rejectUnauthorized } = settings;
  const options: IClientOptions & { secureContext?: object } = {
    protocol: address.protocol,
    host: address.host,
    protocolVersion: settings.protocolVersion,
    clientId,
    clean: effect.cleanSession,
    keepalive: Math.ceil(settings.keepAlive / 1000),
    connectTimeout: settings.connectTimeout,
    // Each attempt to connect is the core's decision, and so is everything that is sent again.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    incomingStore: forgetfulStore as unknown as NonNullable<IClientOptions['incomingStore']>,
    // Else 65,536 little buffers are made once and kept.
    writeCache: false,
    // MQTT.js would log CONNECT, with the password, where DEBUG is set.
    log: silent,
    wsOptions: { perMessageDeflate: false, ...(secureContext && { secureContext, rejectUnauthorized }) },
    rejectUnauthorized,
  };
  if (address.port !== undefined) {
    options.port = address.port;
  }
  if (address.protocol === 'ws' || address.protocol === 'wss') {
    options.path = address.path;
  }
  if (address.username !== undefined) {
    options.username = address.username;
  }
  if (address.password !== undefined) {
    options.password = address.password;
  }
  if (secureContext !== undefined) {
    options.secureContext = secureContext;
  }
  if (settings.protocolVersion === 5) {
    options.properties = {
      sessionExpiryInterval: effect.cleanSession ? 0 : settings.sessionExpiry,
      receiveMaximum: settings.receiveMaximum,
    };
  }
  if (effect.will !== undefined) {
    options.will = willOf(effect.will, settings);
  }
  return options;
}

function willOf(
  { topic, message, qos, retain }: Will,
  { protocolVersion, willDelay }: UpstreamSettings,
): NonNullable<IClientOptions['will']> {
  const will = { topic, payload: bufferOf(message), qos, retain };
  return protocolVersion === 5 ? { ...will, properties: { willDelayInterval: willDelay } } : will;
}

function packetOf(effect: PacketEffect): Packet {
  if (effect.type === 'upstream-ping') {
    return { cmd: 'pingreq' };
  }
  const { packetId: messageId } = effect;
  switch (effect.type) {
    case 'upstream-publish': {
      const { topic, payload, qos, retain, dup } = effect;
      return { cmd: 'publish', messageId, topic, payload: bufferOf(payload), qos, retain, dup };
    }
    case 'upstream-release':
      return { cmd: 'pubrel', messageId, reasonCode: 0 };
    case 'upstream-subscribe':
      return { cmd: 'subscribe', messageId, subscriptions: [{ topic: effect.filter, qos: effect.qos }] };
    case 'upstream-unsubscribe':
      return { cmd: 'unsubscribe', messageId, unsubscriptions: [effect.filter] };
    case 'upstream-acknowledge':
      return { cmd: ACKNOWLEDGEMENT[effect.packet], messageId, reasonCode: effect.reasonCode };
  }
}

const ACKNOWLEDGEMENT = { PUBACK: 'puback', PUBREC: 'pubrec', PUBCOMP: 'pubcomp' } as const;

/** The same memory. */
function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
