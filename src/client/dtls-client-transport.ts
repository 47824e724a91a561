import { randomBytes } from 'node:crypto';
import { type ClientEnd, DtlsClient } from '../transport/dtls/client/dtls-client.ts';
import type { ClientTransport } from './client-transport.ts';
import { UdpClientTransport, type UdpClientTransportOptions } from './udp-client-transport.ts';

export interface DtlsClientTransportOptions extends UdpClientTransportOptions {
  /** Who the client is, for the gateway. */
  readonly identity: string;
  /** Its pre-shared key. */
  readonly key: Uint8Array;
}

/** Why there is no association, and what to do about it. */
const REASONS: Readonly<Record<ClientEnd, string>> = {
  unanswered: 'does not answer, or not with this identity and key: compare them with its file of keys, and its port',
  refused: 'refuses a DTLS association: its log says why',
  closed: 'has closed the DTLS association',
};

/** MQTT-SN over DTLS 1.2 with a pre-shared key (RFC 6347): each frame is one record. */
export class DtlsClientTransport implements ClientTransport {
  readonly peer: string;
  readonly #udp: UdpClientTransport;
  readonly #dtls: DtlsClient;
  #timer: NodeJS.Timeout | undefined;
  #settle: ((error?: Error) => void) | undefined;
  #frame: (frame: Uint8Array) => void = () => undefined;
  #error: (error: Error) => void = () => undefined;

  constructor(options: DtlsClientTransportOptions) {
    const { identity, key } = options;
    this.#udp = new UdpClientTransport(options);
    this.peer = `dtls ${this.#udp.peer}`;
    this.#dtls = new DtlsClient(
      { identity, key, random: randomBytes },
      {
        transmit: (datagram) => this.#udp.send(datagram),
        connected: () => this.#settle?.(),
        received: (frame) => this.#frame(frame),
        ended: (reason) => this.#ended(reason),
      },
    );
    this.#udp.onFrame((datagram) => {
      this.#dtls.receive(datagram, performance.now());
      this.#wakeInTime();
    });
    this.#udp.onError((error) => this.#error(error));
  }

  /** Resolves when both sides have proven that they have the key. Rejects where the gateway does not answer, within about half a minute. */
  async open(): Promise<void> {
    await this.#udp.open();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = (error) => (error === undefined ? resolve() : reject(error));
        this.#dtls.start(performance.now());
        this.#wakeInTime();
      });
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      this.#settle = undefined;
    }
  }

  send(frame: Uint8Array): void {
    if (!this.#dtls.send(frame)) {
      this.#error(new Error(`a frame was not sent: there is no DTLS association with ${this.peer}`));
    }
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  onError(listener: (error: Error) => void): void {
    this.#error = listener;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dtls.close();
    await this.#udp.close();
  }

  #ended(reason: ClientEnd): void {
    const error = new Error(`${this.peer} ${REASONS[reason]}`);
    if (this.#settle === undefined) {
      this.#error(error);
    } else {
      this.#settle(error);
    }
  }

  #wakeInTime(): void {
    clearTimeout(this.#timer);
    const deadline = this.#dtls.nextDeadline;
    if (deadline !== undefined) {
      const wake = (): void => {
        this.#dtls.tick(Math.max(deadline, performance.now()));
        this.#wakeInTime();
      };
      this.#timer = setTimeout(wake, Math.ceil(deadline - performance.now()));
    }
  }
}
