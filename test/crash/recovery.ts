/** Measures how long the clients are without service. */
export class Recovery {
  /** In milliseconds. */
  longest = 0;
  readonly #waiting = new Map<string, number>();

  /** The gateway is killed now. Who was not yet served since the kill before goes on waiting from there. */
  killed(clients: Iterable<string>): void {
    const now = performance.now();
    for (const client of clients) {
      this.#waiting.set(client, this.#waiting.get(client) ?? now);
    }
  }

  served(client: string): void {
    const since = this.#waiting.get(client);
    if (since !== undefined) {
      this.longest = Math.max(this.longest, performance.now() - since);
      this.#waiting.delete(client);
    }
  }
}
