import { jest } from '@jest/globals';
import type {
  Disconnection,
  LateRejection,
  MqttSnClientOptions,
  ReceivedMessage,
} from '../../../src/client/client-options.ts';
import type { ClientTransport } from '../../../src/client/client-transport.ts';
import { MqttSnClient } from '../../../src/client/mqtt-sn-client.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';

/** CONNECT of `sensor-1` with CleanSession and 60 s. */
export const CONNECT = '0e 04 04 01 00 3c 73 65 6e 73 6f 72 2d 31';

/** A gateway in the test's own hands, without a network: it sees octets and says octets. */
export class ScriptedGateway implements ClientTransport {
  readonly peer = 'the scripted gateway';
  isOpen = false;
  #sent: string[] = [];
  #frame: (frame: Uint8Array) => void = () => undefined;
  #error: (error: Error) => void = () => undefined;

  async open(): Promise<void> {
    this.isOpen = true;
  }

  send(frame: Uint8Array): void {
    this.#sent.push(hexOf(frame));
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  onError(listener: (error: Error) => void): void {
    this.#error = listener;
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }

  /** What the client has sent since the last call. */
  taken(): string[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  say(...frames: string[]): void {
    for (const frame of frames) {
      this.#frame(octetsOf(frame));
    }
  }

  fail(error: Error): void {
    this.#error(error);
  }
}

/** A client `sensor-1`, its gateway, and virtual time. `close` it after each test. */
export class ClientBench {
  readonly gateway = new ScriptedGateway();
  readonly client: MqttSnClient;
  readonly messages: ReceivedMessage[] = [];
  readonly disconnections: Disconnection[] = [];
  readonly rejections: LateRejection[] = [];

  constructor(options: Partial<MqttSnClientOptions> = {}) {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    this.client = new MqttSnClient({
      clientId: 'sensor-1',
      transport: this.gateway,
      onMessage: (message) => this.messages.push(message),
      onDisconnected: (disconnection) => this.disconnections.push(disconnection),
      onRejected: (rejection) => this.rejections.push(rejection),
      ...options,
    });
  }

  /** A client that is active; what it sent for that is taken. */
  static async connected(options: Partial<MqttSnClientOptions> = {}): Promise<ClientBench> {
    const bench = new ClientBench(options);
    const connected = bench.client.connect();
    await bench.settle();
    bench.gateway.say('03 05 00');
    await connected;
    bench.gateway.taken();
    return bench;
  }

  /** Lets everything happen that needs no time, and then this much time pass, in milliseconds. */
  async settle(milliseconds = 0): Promise<void> {
    await jest.advanceTimersByTimeAsync(milliseconds);
  }

  /** What the client has sent since the last call. */
  async sent(): Promise<string[]> {
    await this.settle();
    return this.gateway.taken();
  }

  /** The gateway says these, one after the other; gives what the client sends thereupon. */
  async say(...frames: string[]): Promise<string[]> {
    this.gateway.say(...frames);
    return this.sent();
  }

  async close(): Promise<void> {
    await this.client.close();
    jest.useRealTimers();
  }

  /** Messages as `topic payload`. */
  get heard(): string[] {
    return this.messages.map(({ topicName, data }) => `${topicName} ${new TextDecoder().decode(data)}`);
  }
}
