import { RejectedError } from '../../../src/client/client-error.ts';
import type { MqttSnClientOptions, ReceivedMessage } from '../../../src/client/client-options.ts';
import type { ClientTransport } from '../../../src/client/client-transport.ts';
import { MqttSnClient } from '../../../src/client/mqtt-sn-client.ts';
import { RETURN_CODE } from '../../../src/codec/message.ts';
import { Collected } from '../../support/eventually.ts';
import type { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';

/** The pre-defined topic of all clients. */
export const PREDEFINED = { '*': { 7: 'predefined/seven' } } as const;

/** T_retry of both sides, in milliseconds, where frames get lost; where none does, nothing has to be repeated. */
export const retryIntervalOn = ({ lossy }: { readonly lossy: boolean }): number => (lossy ? 500 : 10_000);
/** N_retry of the gateway: often enough that a loss of 10 % never ends a test. */
export const RETRY_COUNT = 20;
/** How often a client says something before it gives up: more often than it is worth waiting for. */
const CLIENT_RETRY_COUNT = 1_000;

/** A client on the medium under test; what it gets is collected. */
export class SceneClient extends MqttSnClient {
  readonly received: Collected<ReceivedMessage>;

  readonly #lossy: boolean;

  constructor(options: MqttSnClientOptions, lossy = false) {
    const received = new Collected<ReceivedMessage>(`messages at ${options.clientId}`);
    super({
      retryInterval: retryIntervalOn({ lossy: false }),
      retryCount: CLIENT_RETRY_COUNT,
      strict: true,
      ...options,
      onMessage: (message) => received.add(message),
    });
    this.received = received;
    this.#lossy = lossy;
  }

  /**
   * On a lossy medium T_retry is short, and where the broker takes longer than that the answer is "congestion" (3.5 item 3): the client
   * comes again, as congestion asks it to.
   */
  override async connect(...[overrides = {}]: Parameters<MqttSnClient['connect']>): Promise<void> {
    const again = this.state === 'asleep' || this.state === 'awake' ? { cleanSession: false, ...overrides } : overrides;
    for (let attempt = 1; ; attempt++) {
      try {
        return await super.connect(attempt === 1 ? overrides : again);
      } catch (error) {
        const busy = error instanceof RejectedError && error.returnCode === RETURN_CODE.congestion;
        if (!busy || !this.#lossy || attempt > CLIENT_RETRY_COUNT) {
          throw error;
        }
      }
    }
  }

  /** Payloads so far, as text. */
  get payloads(): readonly string[] {
    return this.received.items.map(({ data }) => Buffer.from(data).toString());
  }

  /** The first message with this payload, whether it is there already or comes later. */
  payload(text: string, deadline?: number): Promise<ReceivedMessage> {
    return this.received.find(`"${text}"`, ({ data }) => Buffer.from(data).toString() === text, deadline);
  }
}

/** What one behaviour has to work with: a way to the gateway, and names of its own. */
export interface Scene {
  readonly broker: Mosquitto;
  readonly gateway: GatewayUnderTest;
  /** Frames get lost on the medium: what has no acknowledgement may have to be said more than once. */
  readonly lossy: boolean;
  /** Octets of the largest frame that the gateway sends on the medium. */
  readonly maxFrame: number;
  /** Begins every client id and topic, save the pre-defined ones. */
  readonly prefix: string;
  /** A client with the id `<prefix>`; the medium may carry one at a time. */
  client(options?: Partial<MqttSnClientOptions>): SceneClient;
  /** An MQTT client at the broker, subscribed to the filters; it ends with the scene. */
  peer(...filters: string[]): Promise<MqttPeer>;
  /** Ends everything that the behaviour has begun. */
  end(): Promise<void>;
}

export interface SceneSettings extends Pick<Scene, 'broker' | 'gateway' | 'lossy' | 'maxFrame' | 'prefix'> {
  readonly transport: () => ClientTransport;
}

export function makeScene({ transport, ...scene }: SceneSettings): Scene {
  const ends: (() => Promise<unknown>)[] = [];
  return {
    ...scene,
    client(options = {}) {
      const client = new SceneClient(
        { clientId: scene.prefix, transport: transport(), retryInterval: retryIntervalOn(scene), ...options },
        scene.lossy,
      );
      ends.push(() => client.close());
      return client;
    },
    async peer(...filters) {
      const peer = await MqttPeer.connect(scene.broker.url);
      ends.push(() => peer.close().catch(() => undefined));
      for (const filter of filters) {
        await peer.subscribe(filter);
      }
      return peer;
    },
    async end() {
      for (const end of ends.splice(0).reverse()) {
        await end();
      }
    },
  };
}
