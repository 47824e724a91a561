import { randomBytes } from 'node:crypto';
import { type ClientEnd, DtlsClient } from '../transport/dtls/client/dtls-client.ts';
import type { ClientTransport } from './client-transport.ts';
import { UdpClientTransport, type UdpClientTransportOptions } from './udp-client-transport.ts';

export interface DtlsClientTransportOptions extends UdpClientTransportOptions {
  /** Who the client is, for the gateway. */
  readonly identity: string;
  /** Its pre-shared key. */
  readonly key: Uint8Array;
  /** What carries the datagrams, in place of UDP to `host` and `port`. */
  readonly medium?: ClientTransport;
}

/** Why there is no association, and what to do about it. */
const REASONS: Readonly<Record<ClientEnd, string>> = {
  unanswered: 'does not answer, or not with this identity and key: compare them with its file of keys, and its port',
  refused: 'refuses a DTLS association: its log says why',
  closed: 'has closed the DTLS association',
};

/** Frames that wait for an association; what comes before them is lost, as on the way. */
const MAX_WAITING = 16;

/**
 * MQTT-SN over DTLS 1.2 with a pre-shared key (RFC 6347): each frame is one record. An association stays for as long as the client, over sleep and new
 * connections. Where the gateway has ended it, or answers nothing any more (it was started anew and has forgotten it), hands are shaken again for the next
 * frame, which waits for that.
 */
export class DtlsClientTransport implements ClientTransport {
  readonly peer: string;
  readonly #udp: ClientTransport;
  readonly #dtls: DtlsClient;
  #state: 'none' | 'handshake' | 'connected' = 'none';
  /** How often it was closed. */
  #closed = 0;
  #timer: NodeJS.Timeout | undefined;
  #waiting: Uint8Array[] = [];
  /** Who waits for the end of the handshake. */
  #settle: ((error?: Error) => void)[] = [];
  #frame: (frame: Uint8Array) => void = () => undefined;
  #error: (error: Error) => void = () => undefined;

  constructor(options: DtlsClientTransportOptions) {
    const { identity, key } = options;
    this.#udp = options.medium ?? new UdpClientTransport(options);
    this.peer = `dtls ${this.#udp.peer}`;
    this.#dtls = new DtlsClient(
      { identity, key, random: randomBytes },
      {
        transmit: (datagram) => this.#udp.send(datagram),
        connected: () => this.#connected(),
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
    const times = this.#closed;
    await this.#udp.open();
    if (this.#closed !== times) {
      throw this.#wasClosed();
    }
    if (this.#state === 'connected') {
      return;
    }
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle.push((error) => (error === undefined ? resolve() : reject(error)));
        this.#shakeHands();
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  send(frame: Uint8Array): void {
    if (this.#state === 'connected' && this.#dtls.send(frame)) {
      return;
    }
    this.#waiting = [...this.#waiting, frame].slice(-MAX_WAITING);
    this.#shakeHands();
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  onError(listener: (error: Error) => void): void {
    this.#error = listener;
  }

  unanswered(): void {
    if (this.#state === 'connected') {
      this.#dtls.close(); // says so, in case that it is only the answers that are lost
      this.#state = 'none';
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dtls.close();
    this.#state = 'none';
    this.#waiting = [];
    this.#closed += 1;
    this.#tell(this.#wasClosed());
    await this.#udp.close();
  }

  #wasClosed(): Error {
    return new Error(`the DTLS association with ${this.peer} was closed`);
  }

  #shakeHands(): void {
    if (this.#state !== 'handshake') {
      this.#state = 'handshake';
      this.#dtls.start(performance.now());
      this.#wakeInTime();
    }
  }

  #connected(): void {
    this.#state = 'connected';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const frame of waiting) {
      this.#dtls.send(frame);
    }
    this.#tell(undefined);
  }

  #ended(reason: ClientEnd): void {
    this.#state = 'none';
    this.#waiting = [];
    const error = new Error(`${this.peer} ${REASONS[reason]}`);
    if (this.#settle.length === 0) {
      this.#error(error);
    }
    this.#tell(error);
  }

  #tell(error: Error | undefined): void {
    for (const settle of this.#settle.splice(0)) {
      settle(error);
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
