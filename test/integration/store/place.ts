import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import type { RestoredRecord, Store } from '../../../src/ports/store.ts';
import { type OpenedStore, openStore } from '../../../src/store/open-store.ts';

/** The place of one test: a folder that is removed after it, and stores in it that are closed before. */
export class Place {
  /** Where the store is; nothing is there yet. */
  readonly path: string;
  readonly folder: string;
  /** What was reported by the stores opened here. */
  readonly reported: string[] = [];
  readonly #stores: Store[] = [];

  constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, 'sessions');
  }

  async open(path = this.path): Promise<OpenedStore> {
    const opened = await openStore({ path, report: (message) => this.reported.push(message) });
    this.#stores.push(opened.store);
    return opened;
  }

  /** What is in the store; it is closed again. */
  async records(path = this.path): Promise<readonly RestoredRecord[]> {
    const { store, records } = await this.open(path);
    await store.close();
    return records;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A place for each test of the file. */
export function places(): () => Place {
  let place: Place | undefined;
  beforeEach(async () => {
    place = new Place(await mkdtemp(join(tmpdir(), 'session-store-')));
  });
  afterEach(async () => {
    await place?.clear();
  });
  return () => {
    if (place === undefined) {
      throw new Error('only inside a test');
    }
    return place;
  };
}
