/** Part of the keep-alive period after which the client pings: leaves the gateway's tolerance to retransmissions. */
const PING_AFTER = 0.75;

/** Sends PINGREQ when one of the two directions has been quiet for too long (§6.11). QoS 0 publishes alone do not tell that the gateway lives. */
export class KeepAlive {
  readonly #quietSince: () => number;
  readonly #ping: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #period = 0;

  /** `quietSince`: milliseconds of `performance.now()`. `ping` deals with its own failure. */
  constructor(quietSince: () => number, ping: () => Promise<void>) {
    this.#quietSince = quietSince;
    this.#ping = ping;
  }

  /** `keepAlive`: seconds; 0: none. */
  start(keepAlive: number): void {
    this.stop();
    this.#period = keepAlive * 1000 * PING_AFTER;
    if (this.#period > 0) {
      this.#wait(this.#period);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#period = 0;
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), Math.max(milliseconds, 1));
  }

  async #look(): Promise<void> {
    const due = this.#quietSince() + this.#period - performance.now();
    if (due <= 0) {
      await this.#ping();
    }
    if (this.#period > 0) {
      this.#wait(due > 0 ? due : this.#period);
    }
  }
}
