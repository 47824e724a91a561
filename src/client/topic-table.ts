/** Topic ids that both sides know: those agreed in this connection (§6.5), and the pre-defined ones (§6.7). Two separate id spaces (T-16). */
export class TopicTable {
  readonly #ids = new Map<string, number>();
  readonly #names = new Map<number, string>();
  readonly #predefined: ReadonlyMap<number, string>;
  readonly #subscribed = new Set<number>();

  constructor(predefined: ReadonlyMap<number, string>) {
    this.#predefined = predefined;
  }

  idOf(name: string): number | undefined {
    return this.#ids.get(name);
  }

  nameOf(topicId: number): string | undefined {
    return this.#names.get(topicId);
  }

  add(topicId: number, name: string): void {
    this.forget(topicId);
    this.#ids.set(name, topicId);
    this.#names.set(topicId, name);
  }

  /** P-2: the gateway does not know this id any more. */
  forget(topicId: number): void {
    const name = this.#names.get(topicId);
    this.#names.delete(topicId);
    if (name !== undefined && this.#ids.get(name) === topicId) {
      this.#ids.delete(name);
    }
  }

  predefinedName(topicId: number): string | undefined {
    return this.#predefined.get(topicId);
  }

  /** A pre-defined id that was subscribed to is known, named or not. */
  knowsPredefined(topicId: number): boolean {
    return this.#predefined.has(topicId) || this.#subscribed.has(topicId);
  }

  addSubscribed(topicId: number): void {
    this.#subscribed.add(topicId);
  }

  /** A new connection: ids of the one before may mean something else to another gateway; R-5 brings back what is used. */
  clear(): void {
    this.#ids.clear();
    this.#names.clear();
  }
}
