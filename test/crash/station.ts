import { decode } from '../../src/codec/decode.ts';
import { describeFrame } from '../../src/codec/describe.ts';
import { encode } from '../../src/codec/encode.ts';
import type { Message, MessageOf } from '../../src/codec/message.ts';
import type { Journal } from './journal.ts';
import { type Medium, UdpMedium } from './medium.ts';
import type { Radio } from './radio.ts';

/** The gateway said DISCONNECT, or would if it could: the client has to connect again. */
export class SentAway extends Error {}
/** The run is over. */
export class Closed extends Error {}

/** How long a station waits for an answer before it repeats, in milliseconds. Short, for the sake of a short test. */
const RETRY_INTERVAL = 250;
/** How often it repeats until it thinks that it is the way that is lost. */
const PATIENCE = 12;
/** Keep-alive unless told otherwise, in seconds. */
const KEEP_ALIVE = 60;

interface Waiting {
  take(message: Message): boolean;
  fail(error: Error): void;
}

export interface StationOptions {
  readonly clientId: string;
  readonly port: number;
  readonly journal: Journal;
  readonly radio: Radio;
  /** In seconds. */
  readonly keepAlive?: number;
  /** Sees each message of the gateway. */
  readonly onSign?: (message: Message) => void;
  /** A message of the gateway's that answers nothing. */
  readonly onMessage?: (message: Message) => void;
}

/**
 * The radio side of a persistent client that outlives any gateway: one exchange at a time, repeated with the same MsgId (and DUP) until it is
 * answered, however long that takes.
 */
export class Station {
  readonly clientId: string;
  readonly #options: StationOptions;
  readonly #medium: Medium;
  #waiting: Waiting | undefined;
  #closed = false;
  #lastMsgId = 0;

  constructor(options: StationOptions) {
    this.clientId = options.clientId;
    this.#options = options;
    this.#medium = options.radio.medium?.(options.port) ?? new UdpMedium(options.port);
    this.#medium.onFrame((frame) => {
      const message = decode(frame);
      options.radio.carry('down', message, () => this.#received(message, frame));
    });
  }

  async open(): Promise<void> {
    await this.#medium.open();
  }

  /** Goes on with another address, as behind a NAT that has forgotten it. */
  async move(): Promise<void> {
    await this.#medium.move();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting?.fail(new Closed());
    await this.#medium.close();
  }

  nextMsgId(): number {
    this.#lastMsgId = this.#lastMsgId === 0xffff ? 1 : this.#lastMsgId + 1;
    return this.#lastMsgId;
  }

  send(message: Message): void {
    const frame = encode(message);
    const { journal, radio } = this.#options;
    const copies = radio.carry('up', message, this.#medium.prepared(frame));
    journal.add(this.clientId, () => `> ${copies === 0 ? 'LOST ' : ''}${describeFrame(frame, { payload: true })}`);
  }

  /** Sends until `answer` gives something. Rejects with `SentAway` (a DISCONNECT that is not the answer) or `Closed`. */
  ask<R>(message: Message, answer: (message: Message) => R | undefined, repetition: Message = message): Promise<R> {
    if (this.#waiting !== undefined) {
      throw new Error(`${this.clientId} has an exchange under way`);
    }
    return new Promise<R>((resolve, reject) => {
      const end = (): void => {
        clearInterval(timer);
        this.#waiting = undefined;
      };
      let unanswered = 0;
      const timer = setInterval(() => {
        unanswered += 1;
        if (unanswered % PATIENCE === 0 && this.#medium.unanswered()) {
          this.#waiting?.fail(new SentAway()); // as if the gateway had said so: it has to connect again
          return;
        }
        this.send(repetition);
      }, RETRY_INTERVAL);
      this.#waiting = {
        take: (received) => {
          const result = answer(received);
          if (result !== undefined) {
            end();
            resolve(result);
          } else if (message.type === 'PINGREQ' && received.type !== 'DISCONNECT') {
            unanswered = 0;
            timer.refresh(); // SL-8
          }
          return result !== undefined;
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      if (this.#closed) {
        this.#waiting.fail(new Closed());
      } else {
        this.send(message);
      }
    });
  }

  /** CONNECT with CleanSession 0, again and again until it is accepted. */
  async connect(): Promise<void> {
    const message: Message = {
      type: 'CONNECT',
      will: false,
      cleanSession: false,
      protocolId: 1,
      duration: this.#options.keepAlive ?? KEEP_ALIVE,
      clientId: this.clientId,
    };
    for (;;) {
      try {
        const returnCode = await this.ask(message, (received) =>
          received.type === 'CONNACK' ? received.returnCode : undefined,
        );
        if (returnCode === 0) {
          return;
        }
      } catch (error) {
        // A DISCONNECT of before may still be under way.
        if (!(error instanceof SentAway)) {
          throw error;
        }
      }
      await pause(RETRY_INTERVAL);
    }
  }

  /** Asleep from the answer on. */
  async sleep(seconds: number): Promise<void> {
    await this.ask({ type: 'DISCONNECT', duration: seconds }, ({ type }) => (type === 'DISCONNECT' ? true : undefined));
  }

  /** Undefined: the gateway does not want it now. */
  async register(topicName: string): Promise<number | undefined> {
    const msgId = this.nextMsgId();
    const { topicId, returnCode } = await this.ask({ type: 'REGISTER', topicId: 0, msgId, topicName }, (received) =>
      received.type === 'REGACK' && received.msgId === msgId ? received : undefined,
    );
    return returnCode === 0 ? topicId : undefined;
  }

  async subscribe(topicName: string, qos: 1 | 2): Promise<MessageOf<'SUBACK'>> {
    const msgId = this.nextMsgId();
    const message: MessageOf<'SUBSCRIBE'> = {
      type: 'SUBSCRIBE',
      dup: false,
      qos,
      msgId,
      topic: { topicIdType: 'normal', topicName },
    };
    return this.ask(
      message,
      (received) => (received.type === 'SUBACK' && received.msgId === msgId ? received : undefined),
      {
        ...message,
        dup: true,
      },
    );
  }

  #received(message: Message, frame: Uint8Array): void {
    this.#options.journal.add(this.clientId, () => `< ${describeFrame(frame, { payload: true })}`);
    if (this.#closed) {
      return;
    }
    this.#options.onSign?.(message);
    if (this.#waiting?.take(message)) {
      return;
    }
    if (message.type === 'DISCONNECT') {
      this.#waiting?.fail(new SentAway());
    } else {
      this.#options.onMessage?.(message);
    }
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
