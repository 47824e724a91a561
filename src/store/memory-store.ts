import type { Store, StoredRecord, StoreWrite } from '../ports/store.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import { notOpen } from './store-error.ts';

/**
 * For `sessions.path: memory`: nothing outlives the process. In all else it behaves as the store on disk: records are taken as they are
 * at the call, and an instance that is opened again gives them back.
 */
export class MemoryStore implements Store {
  readonly #texts = new Map<string, string>();
  #isOpen = false;

  async open(): Promise<readonly StoredRecord[]> {
    this.#isOpen = true;
    return Array.from(this.#texts, ([key, text]) => decodeRecord(key, text));
  }

  async write(writes: readonly StoreWrite[]): Promise<void> {
    if (!this.#isOpen) {
      throw notOpen();
    }
    // All or nothing: what cannot be encoded is found before the first change.
    const changes = writes.map(({ key, record }) => [key, record && encodeRecord(key, record)] as const);
    for (const [key, text] of changes) {
      if (text === undefined) {
        this.#texts.delete(key);
      } else {
        this.#texts.set(key, text);
      }
    }
  }

  async read(keys: readonly string[]): Promise<readonly (StoredRecord | undefined)[]> {
    return keys.map((key) => {
      const text = this.#texts.get(key);
      return text === undefined ? undefined : decodeRecord(key, text);
    });
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }
}
