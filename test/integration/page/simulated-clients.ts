import { MqttSnClient } from '../../../src/client/mqtt-sn-client.ts';
import { UdpClientTransport } from '../../../src/client/udp-client-transport.ts';
import { Collected } from '../../support/eventually.ts';

/** How many clients come to be in which state. */
export const CROWD = { active: 120, asleep: 50, disconnected: 20, lost: 10 } as const;

export type Fate = keyof typeof CROWD;

/** Clients that connect at a time: a crowd, not a flood. */
const AT_ONCE = 20;
/** Seconds; one that is to be lost is not to be waited for. */
const KEEP_ALIVE = 600;
const SHORT_KEEP_ALIVE = 1;

/** One sensor of the crowd. */
export class SimulatedClient {
  readonly clientId: string;
  readonly fate: Fate;
  /** Payloads that it got, as text. */
  readonly received: Collected<string>;
  /** Why connections ended without its doing. */
  readonly ended: Collected<string>;
  readonly #client: MqttSnClient;
  readonly #transport: UdpClientTransport;

  constructor(clientId: string, fate: Fate, port: number) {
    this.clientId = clientId;
    this.fate = fate;
    this.received = new Collected(`messages of ${clientId}`);
    this.ended = new Collected(`ends of ${clientId}`);
    this.#transport = new UdpClientTransport({ host: '127.0.0.1', port });
    this.#client = new MqttSnClient({
      transport: this.#transport,
      clientId,
      cleanSession: false,
      keepAlive: fate === 'lost' ? SHORT_KEEP_ALIVE : KEEP_ALIVE,
      will: { topic: `site/${clientId}/gone`, message: 'gone', qos: 1, retain: false },
      onMessage: ({ data }) => this.received.add(new TextDecoder().decode(data)),
      onDisconnected: ({ reason }) => this.ended.add(reason),
    });
  }

  /** Connects, subscribes, publishes, and does what its fate is. */
  async begin(): Promise<void> {
    await this.#client.connect();
    if (this.fate === 'active') {
      await this.#client.subscribe({ name: `cmd/${this.clientId}` }, 1);
    }
    await this.publish('21.5');
    switch (this.fate) {
      case 'active':
        break;
      case 'asleep':
        await this.#client.sleep(KEEP_ALIVE);
        break;
      case 'disconnected':
        await this.#client.disconnect();
        break;
      case 'lost':
        await this.#transport.close();
        break;
    }
  }

  /** A message of QoS 1 on its topic. */
  async publish(payload: string): Promise<void> {
    await this.#client.publish({ name: `site/${this.clientId}/temperature` }, payload, { qos: 1 });
  }

  /** A message of QoS 1 on a pre-defined topic id; rejects where the gateway does not take it. */
  async publishPredefined(topicId: number): Promise<void> {
    await this.#client.publish({ topicId }, 'x', { qos: 1 });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** Two hundred sensors at the UDP port of a gateway, all of which have met their fate but those that nobody has found lost yet. */
export async function simulatedClients(port: number): Promise<readonly SimulatedClient[]> {
  const fates = Object.entries(CROWD).flatMap(([fate, count]) => Array.from({ length: count }, () => fate as Fate));
  const clients = fates.map(
    (fate, index) => new SimulatedClient(`sensor-${String(index + 1).padStart(3, '0')}`, fate, port),
  );
  const waiting = [...clients];
  const work = async (): Promise<void> => {
    for (let client = waiting.shift(); client !== undefined; client = waiting.shift()) {
      await client.begin();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return clients;
}
