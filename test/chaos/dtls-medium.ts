import { randomBytes } from 'node:crypto';
import { DtlsClient } from '../../src/transport/dtls/client/dtls-client.ts';
import { type Medium, UdpMedium } from '../crash/medium.ts';
import type { Random } from '../crash/random.ts';

/** Part of the datagrams of handshakes that are lost, each way; frames are lost by the radio. */
const LOST = 0.2;

/** Who all of them are. */
export const IDENTITY = 'crowd';
export const KEY = '8f0e1d2c3b4a59687786958a4b3c2d1e';

/** What the associations of all clients went through. */
export interface DtlsFigures {
  /** Handshakes that came to their end. */
  handshakes: number;
  moves: number;
}

/**
 * DTLS with a connection id: the association stays when the address changes, and when the gateway is started anew. A frame is sealed when it is made ready, so
 * that the radio doubles, delays and loses records. Hands are shaken when there is something to say and no association; until it stands frames are lost.
 */
export class DtlsMedium implements Medium {
  readonly #udp: UdpMedium;
  readonly #random: Random;
  readonly #figures: DtlsFigures;
  readonly #dtls: DtlsClient;
  #state: 'none' | 'handshake' | 'connected' = 'none';
  #sealed: Uint8Array[] | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame: (frame: Uint8Array) => void = () => undefined;
  #closed = false;

  constructor(port: number, random: Random, figures: DtlsFigures) {
    this.#udp = new UdpMedium(port);
    this.#random = random;
    this.#figures = figures;
    this.#dtls = new DtlsClient(
      { identity: IDENTITY, key: Buffer.from(KEY, 'hex'), random: randomBytes },
      {
        transmit: (datagram) => this.#transmit(datagram),
        connected: () => {
          this.#state = 'connected';
          figures.handshakes += 1;
        },
        received: (frame) => this.#frame(frame),
        ended: () => {
          this.#state = 'none';
        },
      },
    );
    this.#udp.onFrame((datagram) => {
      if (this.#state === 'connected' || !this.#random.chance(LOST)) {
        this.#dtls.receive(datagram, performance.now());
        this.#wakeInTime();
      }
    });
  }

  async open(): Promise<void> {
    await this.#udp.open();
    this.#shakeHands();
  }

  prepared(frame: Uint8Array): () => void {
    if (this.#state !== 'connected') {
      this.#shakeHands();
      return () => undefined;
    }
    const sealed: Uint8Array[] = [];
    this.#sealed = sealed;
    this.#dtls.send(frame);
    this.#sealed = undefined;
    const sends = sealed.map((datagram) => this.#udp.prepared(datagram));
    return () => {
      for (const send of sends) {
        send();
      }
    };
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  unanswered(): boolean {
    if (this.#state !== 'connected') {
      return false;
    }
    this.#state = 'none';
    this.#shakeHands();
    return true;
  }

  async move(): Promise<void> {
    this.#figures.moves += 1;
    await this.#udp.move();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#udp.close();
  }

  #transmit(datagram: Uint8Array): void {
    if (this.#sealed !== undefined) {
      this.#sealed.push(datagram);
    } else if (!this.#random.chance(LOST)) {
      this.#udp.prepared(datagram)();
    }
  }

  #shakeHands(): void {
    if (this.#state === 'none' && !this.#closed) {
      this.#state = 'handshake';
      this.#dtls.start(performance.now());
      this.#wakeInTime();
    }
  }

  #wakeInTime(): void {
    clearTimeout(this.#timer);
    const deadline = this.#dtls.nextDeadline;
    if (deadline !== undefined && !this.#closed) {
      const wake = (): void => {
        this.#dtls.tick(Math.max(deadline, performance.now()));
        this.#wakeInTime();
      };
      this.#timer = setTimeout(wake, Math.ceil(deadline - performance.now()));
    }
  }
}
