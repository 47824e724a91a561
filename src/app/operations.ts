import type { AggregatingCore } from '../core/aggregating-core.ts';
import type { TellOperator } from '../core/contract/effect.ts';
import type { GatewayOperator, OperatorPublish } from '../ports/operator.ts';
import type { Driver } from './driver.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const STOPPED = 'the gateway has stopped';

/** What the operator does, as inputs of the core; what becomes of a publish is told by an effect. */
export class Operations implements GatewayOperator {
  readonly #core: Pick<AggregatingCore, 'isThere' | 'session'>;
  readonly #driver: Pick<Driver, 'feed'>;
  /** Publishes that are under way, by token. The core bounds them, and tells of each. */
  readonly #waiting = new Map<number, Waiting>();
  #lastToken = 0;
  #hasEnded = false;

  constructor(core: Pick<AggregatingCore, 'isThere' | 'session'>, driver: Pick<Driver, 'feed'>) {
    this.#core = core;
    this.#driver = driver;
  }

  disconnect(clientId: string): boolean {
    const isThere = this.#core.isThere(clientId);
    if (isThere) {
      this.#driver.feed({ type: 'operator-disconnected', clientId });
    }
    return isThere;
  }

  forget(clientId: string): boolean {
    const isKnown = this.#core.session(clientId) !== undefined;
    if (isKnown) {
      this.#driver.feed({ type: 'operator-forgot', clientId });
    }
    return isKnown;
  }

  publish({ topic, clientId, payload, qos, retain }: OperatorPublish): Promise<void> {
    if (this.#hasEnded) {
      return Promise.reject(new Error(STOPPED));
    }
    return new Promise((resolve, reject) => {
      const token = ++this.#lastToken;
      this.#waiting.set(token, { resolve, reject });
      this.#driver.feed({ type: 'operator-published', token, topic, clientId, payload, qos, retain });
    });
  }

  /** What has become of a publish. */
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
}
