import { decode } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { encode } from '../codec/encode.ts';
import type { Message } from '../codec/message.ts';
import { NoAnswerError } from './client-error.ts';
import type { ClientTransport } from './client-transport.ts';

/** A request, how its answer is known, and how it is repeated (§6.13). */
export interface Exchange<R> {
  readonly message: Message;
  /** What a retransmission looks like where it is not the same, i.e. with DUP. */
  readonly repetition?: Message;
  /** The result, where this message is the answer; else undefined. */
  readonly answer: (message: Message) => R | undefined;
  /** Whether this message asks for the request once more, at once. */
  readonly repeatOn?: (message: Message) => boolean;
  /** SL-8: any other message of the gateway starts T_retry and the count of retransmissions anew. */
  readonly patient?: boolean;
  /** D-12: each wait is twice as long as the one before. */
  readonly growing?: boolean;
}

interface Pending {
  take(message: Message): boolean;
  restart(): void;
  fail(error: Error): void;
}

export interface WireOptions {
  readonly transport: ClientTransport;
  /** T_retry in milliseconds. */
  readonly retryInterval: number;
  /** N_retry */
  readonly retryCount: number;
  readonly onFrame: ((direction: 'sent' | 'received', frame: Uint8Array) => void) | undefined;
  /** Gets each message that answers no request. */
  readonly onMessage: (message: Message) => void;
}

/** Messages to and from the gateway: encoding, matching of answers, retransmission with T_retry and N_retry. */
export class Wire {
  readonly #options: WireOptions;
  readonly #pending = new Set<Pending>();
  #lastSent = 0;
  #lastReceived = 0;
  #lastError: Error | undefined;
  #errorListener: (error: Error) => void = () => undefined;

  constructor(options: WireOptions) {
    this.#options = options;
    options.transport.onFrame((frame) => this.#received(frame));
    options.transport.onError((error) => {
      this.#lastError = error;
      this.#errorListener(error);
    });
  }

  /** When something was last sent or received, whichever is longer ago: milliseconds of `performance.now()`. */
  get quietSince(): number {
    return Math.min(this.#lastSent, this.#lastReceived);
  }

  onError(listener: (error: Error) => void): void {
    this.#errorListener = listener;
  }

  async open(): Promise<void> {
    await this.#options.transport.open();
  }

  async close(error: Error): Promise<void> {
    this.abort(error);
    await this.#options.transport.close();
  }

  /** Throws `RangeError` where the frame is too long for the transport. */
  send(message: Message): void {
    const frame = encode(message);
    const { maxFrame = Number.POSITIVE_INFINITY, peer } = this.#options.transport;
    if (frame.length > maxFrame) {
      throw new RangeError(`${message.type} of ${frame.length} octets: to ${peer} a message has at most ${maxFrame}`);
    }
    this.#lastSent = performance.now();
    this.#options.onFrame?.('sent', frame);
    this.#options.transport.send(frame);
  }

  /** Rejects with `NoAnswerError`, or with what `abort` was given. */
  request<R>(exchange: Exchange<R>): Promise<R> {
    const { message, repetition = message, answer, repeatOn, patient = false, growing = false } = exchange;
    const { retryInterval, retryCount, transport } = this.#options;
    return new Promise<R>((resolve, reject) => {
      let tries = 1;
      let timer: NodeJS.Timeout | undefined;
      this.#lastError = undefined;
      const end = (): void => {
        clearTimeout(timer);
        this.#pending.delete(pending);
      };
      const wait = (): void => {
        clearTimeout(timer);
        timer = setTimeout(late, growing ? retryInterval * 2 ** (tries - 1) : retryInterval);
      };
      const late = (): void => {
        if (tries > retryCount) {
          transport.unanswered?.();
          pending.fail(new NoAnswerError(message.type, transport.peer, tries, this.#lastError));
          return;
        }
        tries += 1;
        wait();
        this.send(repetition);
      };
      const pending: Pending = {
        take: (received) => {
          const result = answer(received);
          if (result !== undefined) {
            end();
            resolve(result);
            return true;
          }
          if (repeatOn?.(received) === true) {
            wait();
            this.send(repetition);
            return true;
          }
          return false;
        },
        restart: () => {
          if (patient) {
            tries = 1;
            wait();
          }
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      this.send(message);
      this.#pending.add(pending);
      wait();
    });
  }

  /** Ends all requests that wait. */
  abort(error: Error): void {
    for (const pending of [...this.#pending]) {
      pending.fail(error);
    }
  }

  #received(frame: Uint8Array): void {
    this.#options.onFrame?.('received', frame);
    let message: Message;
    try {
      message = decode(frame);
    } catch (error) {
      if (error instanceof DecodeError) {
        return;
      }
      throw error;
    }
    this.#lastReceived = performance.now();
    for (const pending of [...this.#pending]) {
      if (pending.take(message)) {
        return;
      }
    }
    for (const pending of [...this.#pending]) {
      pending.restart();
    }
    this.#options.onMessage(message);
  }
}
