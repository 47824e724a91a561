import type { Message } from '../codec/message.ts';
import { NoAnswerError, NotConnectedError } from './client-error.ts';
import type { Disconnection } from './client-options.ts';

/** §6.14, Fig. 4; `connecting` from CONNECT to CONNACK. */
export type ClientState = 'disconnected' | 'connecting' | 'active' | 'asleep' | 'awake' | 'lost';

/** In which state the client is, what it may send in it, and what ends a connection without its doing. */
export class ConnectionState {
  readonly #ended: (disconnection: Disconnection) => void;
  #current: ClientState = 'disconnected';

  /** `ended`: called once for each end. */
  constructor(ended: (disconnection: Disconnection) => void) {
    this.#ended = ended;
  }

  get current(): ClientState {
    return this.#current;
  }

  is(...states: readonly ClientState[]): boolean {
    return states.includes(this.#current);
  }

  become(state: ClientState): void {
    this.#current = state;
  }

  /** Throws `NotConnectedError` where a message of this type has to wait for another state. */
  need(type: Message['type'], states: readonly ClientState[] = ['active']): void {
    if (!states.includes(this.#current)) {
      throw new NotConnectedError(`${type} cannot be sent: the client is ${this.#current}`);
    }
  }

  /** T-r2: a client whose retransmissions were in vain takes itself for disconnected. Settles as `exchange` does. */
  async supervised<R>(exchange: Promise<R>): Promise<R> {
    try {
      return await exchange;
    } catch (error) {
      if (error instanceof NoAnswerError && this.#current === 'active') {
        this.end('lost', { reason: 'no-answer', error });
      }
      throw error;
    }
  }

  /** The connection is over without the client's doing. */
  end(state: 'disconnected' | 'lost', disconnection: Disconnection): void {
    this.#current = state;
    this.#ended(disconnection);
  }
}
