import type {
  Upstream,
  UpstreamConnect,
  UpstreamEffect,
  UpstreamInput,
  UpstreamPublish,
  UpstreamSubscribe,
} from '../../../src/ports/upstream.ts';
import { TransparentUpstream, type UpstreamSettings } from '../../../src/upstream/transparent-upstream.ts';
import { DEADLINE } from '../../support/deadline.ts';
import { Collected } from '../../support/eventually.ts';

export type InputOf<T extends UpstreamInput['type']> = Extract<UpstreamInput, { type: T }>;

type ConnectOptions = Partial<
  Pick<UpstreamConnect, 'cleanSession' | 'will' | 'shared' | 'protocolVersion' | 'requests'>
>;

/** Settings that fit a broker of the tests. */
export function upstreamSettings(url: string, more: Partial<UpstreamSettings> = {}): UpstreamSettings {
  return {
    url,
    clientIdPrefix: '',
    gatewayClientId: 'gateway',
    rejectUnauthorized: true,
    protocolVersion: 4,
    keepAlive: 60_000,
    connectTimeout: DEADLINE,
    sessionExpiry: 3_600,
    willDelay: 0,
    receiveMaximum: 20,
    maxBacklog: 1_048_576,
    maxBacklogInAll: 67_108_864,
    ...more,
  };
}

/** An upstream with everything that it has reported, as the core would hear it. */
export class UpstreamUnderTest {
  readonly inputs = new Collected<UpstreamInput>('inputs');
  /** Reports that came from inside `perform`: there must be none. */
  readonly synchronous: UpstreamInput[] = [];
  /** What the core would do on an input. */
  onInput: ((input: UpstreamInput) => void) | undefined;
  readonly #upstream: Upstream;
  #performing = false;
  #connections = 0;
  #packetIds = 100;

  /** What an operator is told. */
  readonly problems: string[] = [];

  constructor(settings: UpstreamSettings) {
    this.#upstream = new TransparentUpstream({
      settings,
      report: (reason) => this.problems.push(reason),
      listener: (input) => {
        if (this.#performing) {
          this.synchronous.push(input);
        }
        this.inputs.add(input);
        this.onInput?.(input);
      },
    });
  }

  perform(effect: UpstreamEffect): void {
    this.#performing = true;
    this.#upstream.perform(effect);
    this.#performing = false;
  }

  /** Asks for a connection; its number. */
  connect(clientId: string | undefined, { cleanSession = true, will, ...more }: ConnectOptions = {}): number {
    this.#connections += 1;
    this.perform({ type: 'upstream-connect', connection: this.#connections, clientId, cleanSession, will, ...more });
    return this.#connections;
  }

  /** Asks for a connection and waits until the broker has accepted it; its number. */
  async connected(clientId: string | undefined, options: ConnectOptions = {}): Promise<number> {
    const connection = this.connect(clientId, options);
    await this.of(connection, 'upstream-connected');
    return connection;
  }

  /** Waits until the broker has granted the filter; the reason code. */
  async subscribe(
    connection: number,
    filter: string,
    qos: 0 | 1 | 2 = 2,
    more: Pick<UpstreamSubscribe, 'identifier' | 'again' | 'withoutRetained'> = {},
  ): Promise<number> {
    const packetId = this.nextPacketId();
    this.perform({ type: 'upstream-subscribe', connection, packetId, filter, qos, ...more });
    return (await this.answer(connection, 'upstream-subscribed', packetId)).reasonCode;
  }

  /** Publishes; the packet id. */
  publish(
    connection: number,
    topic: string,
    payload: string,
    more: Partial<Pick<UpstreamPublish, 'packetId' | 'qos' | 'retain' | 'dup' | 'correlationData'>> = {},
  ): number {
    const { qos = 0, retain = false, dup = false, correlationData } = more;
    const packetId = more.packetId ?? (qos === 0 ? 0 : this.nextPacketId());
    this.perform({
      type: 'upstream-publish',
      connection,
      packetId,
      topic,
      payload: new TextEncoder().encode(payload),
      qos,
      retain,
      dup,
      ...(correlationData && { correlationData }),
    });
    return packetId;
  }

  acknowledge(connection: number, packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP', packetId: number, reasonCode = 0): void {
    this.perform({ type: 'upstream-acknowledge', connection, packetId, packet, reasonCode });
  }

  release(connection: number, packetId: number): void {
    this.perform({ type: 'upstream-release', connection, packetId });
  }

  end(connection: number, disconnect = true): void {
    this.perform({ type: 'upstream-close', connection, disconnect });
  }

  /** When it resolves, the broker has handled all that was written before, and all that it had sent by then has been reported. */
  async roundTrip(connection: number): Promise<void> {
    const packetId = this.publish(connection, 'round/trip', '', { qos: 1 });
    await this.answer(connection, 'upstream-acknowledged', packetId);
  }

  /** The first input of a kind that a connection reports. */
  of<T extends UpstreamInput['type']>(connection: number, type: T): Promise<InputOf<T>> {
    return this.inputs.find(
      `${type} of connection ${connection}`,
      (input): input is InputOf<T> => input.type === type && input.connection === connection,
    );
  }

  /** The answer to a packet. */
  answer<T extends 'upstream-acknowledged' | 'upstream-subscribed' | 'upstream-unsubscribed' | 'upstream-released'>(
    connection: number,
    type: T,
    packetId: number,
    packet?: 'PUBACK' | 'PUBREC' | 'PUBCOMP',
  ): Promise<InputOf<T>> {
    return this.inputs.find(`${packet ?? type} for packet id ${packetId}`, (input): input is InputOf<T> => {
      if (
        input.type !== type ||
        input.connection !== connection ||
        !('packetId' in input) ||
        input.packetId !== packetId
      ) {
        return false;
      }
      return packet === undefined || (input.type === 'upstream-acknowledged' && input.packet === packet);
    });
  }

  /** The messages that a connection has reported so far. */
  messages(connection: number): readonly InputOf<'upstream-message'>[] {
    return this.inputs.items.filter(
      (input): input is InputOf<'upstream-message'> =>
        input.type === 'upstream-message' && input.connection === connection,
    );
  }

  /** The n-th message of a connection, counted from 1. */
  async message(connection: number, n: number): Promise<InputOf<'upstream-message'>> {
    await this.inputs.find(`message ${n} of connection ${connection}`, () => this.messages(connection).length >= n);
    return this.messages(connection)[n - 1] as InputOf<'upstream-message'>;
  }

  /** The kinds of input that a connection has reported so far, in order. */
  reported(connection: number): readonly UpstreamInput['type'][] {
    return this.inputs.items.filter((input) => input.connection === connection).map(({ type }) => type);
  }

  nextPacketId(): number {
    this.#packetIds += 1;
    return this.#packetIds;
  }

  async close(timeout = DEADLINE): Promise<void> {
    await this.#upstream.close(timeout);
  }
}

export function text(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}
