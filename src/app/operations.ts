import type { AggregatingCore } from '../core/aggregating-core.ts';
import type { TellOperator } from '../core/contract/effect.ts';
import type { Input } from '../core/contract/input.ts';
import type { Clock, Millis } from '../ports/clock.ts';
import type { GatewayOperator, OperatorPublish } from '../ports/operator.ts';
import type { Driver } from './driver.ts';

/** How long the operator waits for the disk. */
const PATIENCE: Millis = 20_000;
/** What waits for the disk at a time. */
const MOST = 1_000;

const STOPPED = 'the gateway has stopped';
const NOT_WRITTEN = `it is done, and the disk has not taken it within ${PATIENCE / 1_000} s: whether it outlives a crash is not known`;
const TOO_MANY = 'the disk has not taken what was done before: try again in a moment';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What is fed, with the token of its answer. */
type InputWith = (token: number) => Input;

export interface OperationsParts {
  readonly core: Pick<AggregatingCore, 'isThere' | 'session'>;
  readonly driver: Pick<Driver, 'feed'>;
  readonly clock: Clock;
  /** Forgets what is said of a client that has no session (any more). False: nothing was. */
  readonly forgetDeparted: (clientId: string) => boolean;
}

/** What the operator does, as inputs of the core; what becomes of it is told by an effect. */
export class Operations implements GatewayOperator {
  readonly #parts: OperationsParts;
  /** What is under way, by token. The core bounds publishes, and tells of each. */
  readonly #waiting = new Map<number, Waiting>();
  #waitingForDisk = 0;
  #lastToken = 0;
  #hasEnded = false;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  async disconnect(clientId: string): Promise<boolean> {
    if (!this.#parts.core.isThere(clientId)) {
      return false;
    }
    await this.#onDisk((token) => ({ type: 'operator-disconnected', clientId, token }));
    return true;
  }

  async forget(clientId: string): Promise<boolean> {
    const { core, forgetDeparted } = this.#parts;
    if (core.session(clientId) === undefined) {
      return forgetDeparted(clientId);
    }
    await this.#onDisk((token) => ({ type: 'operator-forgot', clientId, token }));
    return true;
  }

  publish({ topic, clientId, payload, qos, retain }: OperatorPublish): Promise<void> {
    return this.#asked((token) => ({ type: 'operator-published', token, topic, clientId, payload, qos, retain }));
  }

  /** What has become of something. */
  readonly told = ({ token, problem }: TellOperator): void => {
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    if (problem === undefined) {
      waiting?.resolve();
    } else {
      waiting?.reject(new Error(problem));
    }
  };

  /** The gateway has stopped: nobody hears of what is under way any more. */
  end(): void {
    this.#hasEnded = true;
    for (const token of [...this.#waiting.keys()]) {
      this.told({ type: 'tell-operator', token, problem: STOPPED });
    }
  }

  /** Feeds an input, and waits for its answer. */
  #asked(inputWith: InputWith): Promise<void> {
    if (this.#hasEnded) {
      return Promise.reject(new Error(STOPPED));
    }
    return new Promise((resolve, reject) => {
      const token = ++this.#lastToken;
      this.#waiting.set(token, { resolve, reject });
      this.#parts.driver.feed(inputWith(token));
    });
  }

  /** The same where the answer waits for the disk: not for ever. */
  async #onDisk(inputWith: InputWith): Promise<void> {
    if (this.#waitingForDisk >= MOST) {
      throw new Error(TOO_MANY);
    }
    const { clock } = this.#parts;
    this.#waitingForDisk += 1;
    let cancel: () => void = () => undefined;
    try {
      await this.#asked((token) => {
        cancel = clock.wakeAt(clock.now() + PATIENCE, () =>
          this.told({ type: 'tell-operator', token, problem: NOT_WRITTEN }),
        );
        return inputWith(token);
      });
    } finally {
      cancel();
      this.#waitingForDisk -= 1;
    }
  }
}
