import { type Message, type Qos, type QosFlag, RETURN_CODE } from '../codec/message.ts';
import { EndedByGatewayError, NotConnectedError } from './client-error.ts';
import type { ClientWill, Granted, MqttSnClientOptions } from './client-options.ts';
import { type ClientTopic, topicReference } from './client-topic.ts';
import { connect } from './connect-procedure.ts';
import { type ClientState, ConnectionState } from './connection-state.ts';
import { KeepAlive } from './keep-alive.ts';
import { Limiter } from './limiter.ts';
import { MsgIdCounter } from './msg-id-counter.ts';
import { octets } from './octets.ts';
import { PublishProcedure } from './publish-procedure.ts';
import { ReceiveProcedure } from './receive-procedure.ts';
import { disconnect, ping, register, searchGateway, subscribe, unsubscribe, updateWill } from './request-procedures.ts';
import { TopicTable } from './topic-table.ts';
import { UdpClientTransport } from './udp-client-transport.ts';
import { Wire } from './wire.ts';

const KEEP_ALIVE = 60;
const RETRY_INTERVAL = 10_000;
const RETRY_COUNT = 3;
const PORT = 1884;

/**
 * An MQTT-SN v1.2 client. Every method that waits for the gateway rejects with `RejectedError` (a return code), `NoAnswerError` (N_retry
 * retransmissions in vain; the client is `lost` then) or `NotConnectedError`.
 * One request and one QoS 1/2 publish are under way at a time, the others wait (R-3, U-7, P-6).
 */
export class MqttSnClient {
  readonly clientId: string;
  readonly #options: MqttSnClientOptions;
  readonly #wire: Wire;
  readonly #topics: TopicTable;
  readonly #receive: ReceiveProcedure;
  readonly #msgIds = new MsgIdCounter();
  readonly #requests = new Limiter(1);
  readonly #publish: PublishProcedure;
  readonly #keepAlive: KeepAlive;
  readonly #state: ConnectionState;

  constructor(options: MqttSnClientOptions) {
    const {
      host = '127.0.0.1',
      port = PORT,
      transport = new UdpClientTransport({ host, port }),
      predefinedTopics = new Map(),
    } = options;
    this.clientId = options.clientId;
    this.#options = options;
    this.#wire = new Wire({
      transport,
      retryInterval: options.retryInterval ?? RETRY_INTERVAL,
      retryCount: options.retryCount ?? RETRY_COUNT,
      onFrame: options.onFrame,
      onMessage: (message) => this.#unasked(message),
    });
    this.#topics = new TopicTable(predefinedTopics);
    this.#receive = new ReceiveProcedure(this.#wire, this.#topics, (message) => options.onMessage?.(message));
    this.#keepAlive = new KeepAlive(
      () => this.#wire.quietSince,
      () => this.ping().catch(() => undefined),
    );
    this.#state = new ConnectionState((disconnection) => {
      this.#keepAlive.stop();
      this.#wire.abort(
        disconnection.reason === 'gateway'
          ? new EndedByGatewayError()
          : new NotConnectedError(disconnection.error.message),
      );
      options.onDisconnected?.(disconnection);
    });
    this.#publish = new PublishProcedure({
      wire: this.#wire,
      state: this.#state,
      topics: this.#topics,
      msgIds: this.#msgIds,
      maxInflight: options.maxInflight ?? 1,
      strict: options.strict ?? false,
      register: (name) => this.register(name),
    });
  }

  get state(): ClientState {
    return this.#state.current;
  }

  /**
   * §6.2. A sleeping client becomes active again and keeps its session (CleanSession 0, Will 0, SL-10) unless `overrides` say otherwise;
   * else the options of the constructor apply.
   */
  async connect(
    overrides: { readonly cleanSession?: boolean; readonly will?: ClientWill; readonly keepAlive?: number } = {},
  ): Promise<void> {
    const resuming = this.#state.is('asleep', 'awake');
    const cleanSession = overrides.cleanSession ?? (resuming ? false : (this.#options.cleanSession ?? true));
    const will = overrides.will ?? (resuming ? undefined : this.#options.will);
    const keepAlive = overrides.keepAlive ?? this.#options.keepAlive ?? KEEP_ALIVE;
    await this.#wire.open();
    this.#keepAlive.stop();
    this.#state.become('connecting');
    if (!resuming || cleanSession) {
      this.#topics.clear();
    }
    this.#receive.connecting(cleanSession);
    try {
      await connect(this.#wire, { clientId: this.clientId, cleanSession, keepAlive, will });
    } catch (error) {
      if (this.#state.is('connecting')) {
        this.#state.become('disconnected');
      }
      throw error;
    }
    this.#state.become('active');
    this.#keepAlive.start(keepAlive);
  }

  /** The topic id of a name; asks the gateway only once in a connection (§6.5). */
  async register(name: string): Promise<number> {
    return (
      this.#topics.idOf(name) ?? this.#request('REGISTER', async () => this.#topics.idOf(name) ?? this.#register(name))
    );
  }

  /**
   * §6.6, §6.8. Resolves when a QoS 0 or −1 message has been sent, a QoS 1 or 2 message acknowledged. A name is registered first. QoS −1 needs
   * no connection, but a pre-defined topic id or a short name, and throws `TypeError` without.
   */
  async publish(
    topic: ClientTopic,
    data: string | Uint8Array,
    { qos = 0, retain = false }: { readonly qos?: QosFlag; readonly retain?: boolean } = {},
  ): Promise<void> {
    await this.#publish.publish(topic, octets(data), qos, retain);
  }

  /** §6.9. Names may have wildcards. */
  async subscribe(topic: ClientTopic, qos: Qos = 0): Promise<Granted> {
    if ('topicId' in topic) {
      this.#topics.addSubscribed(topic.topicId);
    }
    const learn = (topicId: number): void => {
      if ('name' in topic && topicId !== 0) {
        this.#topics.add(topicId, topic.name); // U-1
      }
    };
    return this.#request('SUBSCRIBE', () => subscribe(this.#wire, this.#msgIds, topicReference(topic), qos, learn));
  }

  /** §6.9 */
  async unsubscribe(topic: ClientTopic): Promise<void> {
    await this.#request('UNSUBSCRIBE', () => unsubscribe(this.#wire, this.#msgIds, topicReference(topic)));
  }

  /** §6.11 */
  async ping(): Promise<void> {
    await this.#request('PINGREQ', () => ping(this.#wire));
  }

  /** §6.4. `undefined` deletes will topic and message. */
  async updateWillTopic(
    will: { readonly topic: string; readonly qos: Qos; readonly retain: boolean } | undefined,
  ): Promise<void> {
    const fields = will && { willTopic: will.topic, qos: will.qos, retain: will.retain };
    await this.#request('WILLTOPICUPD', () => updateWill(this.#wire, { type: 'WILLTOPICUPD', will: fields }));
  }

  /** §6.4 */
  async updateWillMessage(message: string | Uint8Array): Promise<void> {
    await this.#request('WILLMSGUPD', () => updateWill(this.#wire, { type: 'WILLMSGUPD', willMsg: octets(message) }));
  }

  /** §6.14. `duration`: seconds, 1–65535. Of a sleeping client: a new duration (SL-12). */
  async sleep(duration: number): Promise<void> {
    await this.#request('DISCONNECT', () => disconnect(this.#wire, duration), ['active', 'asleep']);
    this.#keepAlive.stop();
    this.#state.become('asleep');
  }

  /** §6.14. Fetches what the gateway has kept; resolves when it has no more, and the client sleeps on. Without an answer it sleeps on as well. */
  async wake(): Promise<void> {
    this.#state.need('PINGREQ', ['asleep']);
    this.#state.become('awake');
    try {
      await ping(this.#wire, this.clientId);
    } finally {
      if (this.#state.is('awake')) {
        this.#state.become('asleep');
      }
    }
  }

  /** §6.12. Frees the medium in any case, also where the gateway does not answer. Nothing happens without a connection. */
  async disconnect(): Promise<void> {
    try {
      if (this.#state.is('active', 'asleep', 'awake')) {
        this.#keepAlive.stop();
        await disconnect(this.#wire);
      }
    } finally {
      await this.close();
    }
  }

  /** Goes away without a word. Whatever waits is rejected. */
  async close(): Promise<void> {
    this.#state.become('disconnected');
    this.#keepAlive.stop();
    await this.#wire.close(new NotConnectedError('the client was closed'));
  }

  /** §6.1. Asks this one gateway for its GwId; needs no connection. `radius`: hops, 0 = all. */
  async searchGateway(radius = 0): Promise<{ readonly gwId: number }> {
    await this.#wire.open();
    return searchGateway(this.#wire, radius);
  }

  /** Who is told of errors of the medium, which are not the end of anything. One listener. */
  onTransportError(listener: (error: Error) => void): void {
    this.#wire.onError(listener);
  }

  async #register(name: string): Promise<number> {
    const topicId = await register(this.#wire, this.#msgIds, name);
    this.#topics.add(topicId, name);
    return topicId;
  }

  /** One request at a time, and only in these states. */
  #request<R>(type: Message['type'], procedure: () => Promise<R>, states?: readonly ClientState[]): Promise<R> {
    this.#state.need(type, states);
    return this.#requests.run(() => {
      this.#state.need(type, states);
      return this.#state.supervised(procedure());
    });
  }

  /** What answers no request. */
  #unasked(message: Message): void {
    if (this.#state.is('disconnected', 'lost')) {
      return;
    }
    switch (message.type) {
      case 'PINGREQ':
        if (this.#state.is('active')) {
          this.#wire.send({ type: 'PINGRESP' }); // K-5
        }
        break;
      case 'DISCONNECT':
        // T-31 e: asleep, it is the answer to a repeated request of our own; a gateway says nothing else to a sleeper.
        if (!this.#state.is('connecting', 'asleep')) {
          this.#state.end('disconnected', {
            reason: 'gateway',
            error: new EndedByGatewayError(),
          });
        }
        break;
      case 'PUBACK':
        if (message.msgId === 0 && message.returnCode !== RETURN_CODE.accepted) {
          if (message.returnCode === RETURN_CODE.invalidTopicId) {
            this.#topics.forget(message.topicId);
          }
          this.#options.onRejected?.({ topicId: message.topicId, returnCode: message.returnCode });
        }
        break;
      default:
        this.#receive.handle(message);
    }
  }
}
