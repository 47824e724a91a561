import type { MqttSnClientOptions } from '../../../src/client/client-options.ts';
import { UdpClientTransport } from '../../../src/client/udp-client-transport.ts';
import { DEADLINE } from '../../support/deadline.ts';
import { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import type { TcpRelay } from '../../support/tcp-relay.ts';
import { SceneClient } from '../transports/scene.ts';
import type { BrokerKind, Credentials, Qos2, RunningBroker } from './brokers.ts';

/** The pre-defined topic of all clients. */
export const PREDEFINED = { '*': { 7: 'predefined/seven' } } as const;

/** A gateway at a broker, as one behaviour sees it: with names of its own. */
export interface BrokerScene {
  readonly broker: BrokerKind;
  readonly qos2: Qos2;
  readonly gateway: GatewayUnderTest;
  /** The way from the gateway to the broker. */
  readonly way: TcpRelay;
  /** Begins every client id and topic, save the pre-defined and short ones. */
  readonly prefix: string;
  /** A client with the id `<prefix>`, not connected yet. */
  client(options?: Partial<MqttSnClientOptions>): SceneClient;
  /** A client with the id `<prefix>`, connected. */
  connected(options?: Partial<MqttSnClientOptions>): Promise<SceneClient>;
  /** An MQTT client at the broker, subscribed to the filters with QoS 2; it ends with the scene. */
  peer(...filters: string[]): Promise<MqttPeer>;
  /** A further gateway at the same broker, with what the broker lets nobody in with. */
  strangers(): Promise<GatewayUnderTest>;
  /** Ends everything that the behaviour has begun. */
  end(): Promise<void>;
}

export interface BrokerSceneSettings extends Pick<BrokerScene, 'broker' | 'qos2' | 'gateway' | 'way' | 'prefix'> {
  readonly running: RunningBroker;
  readonly protocolVersion: 4 | 5;
}

export function brokerScene(settings: BrokerSceneSettings): BrokerScene {
  const { running, protocolVersion, ...scene } = settings;
  const { broker, way, prefix } = scene;
  const ends: (() => Promise<unknown>)[] = [];
  const client: BrokerScene['client'] = (options = {}) => {
    const made = new SceneClient({
      clientId: prefix,
      transport: new UdpClientTransport({ host: '127.0.0.1', port: scene.gateway.port() }),
      retryInterval: DEADLINE, // no datagram gets lost here
      predefinedTopics: new Map([[7, PREDEFINED['*'][7]]]),
      ...options,
    });
    ends.push(() => made.close());
    return made;
  };
  return {
    ...scene,
    client,
    async connected(options) {
      const made = client(options);
      await made.connect();
      return made;
    },
    async peer(...filters) {
      const peer = await MqttPeer.connect(`mqtt://127.0.0.1:${running.port}`, { ...broker.welcome, protocolVersion });
      ends.push(() => peer.close().catch(() => undefined));
      for (const filter of filters) {
        await peer.subscribe(filter);
      }
      return peer;
    },
    async strangers() {
      const gateway = await gatewayAt(way.url, protocolVersion, broker.stranger);
      ends.push(() => gateway.stop());
      return gateway;
    },
    async end() {
      for (const end of ends.splice(0).reverse()) {
        await end();
      }
    },
  };
}

/** A gateway that gives these credentials to the broker, for all its connections. */
export function gatewayAt(url: string, protocolVersion: 4 | 5, credentials: Credentials): Promise<GatewayUnderTest> {
  return GatewayUnderTest.start(url, {
    settings: { upstream: { protocolVersion, ...credentials } },
    predefined: PREDEFINED,
  });
}
