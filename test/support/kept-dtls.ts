import type { AssociationKeeper } from '../../src/ports/association-store.ts';
import { AssociationStore, type AssociationStoreOptions } from '../../src/store/association-store.ts';
import type { DtlsServerOptions } from '../../src/transport/dtls/server/dtls-server.ts';
import { CidClient } from './cid-client.ts';
import { DtlsBench, IDENTITY, KEY } from './dtls-bench.ts';

/** Where a roamer is at first. */
export const ROAMER_HOME = '192.0.2.1:5000';

/** A DTLS server without a network, with the associations that are in a folder: those of roamers; those of our own client end with it. */
export class KeptServer {
  readonly store: AssociationStore;
  readonly bench: DtlsBench;

  constructor(
    options: Partial<AssociationStoreOptions> & Pick<AssociationStoreOptions, 'path' | 'onProblem'>,
    server: Partial<DtlsServerOptions> = {},
  ) {
    this.store = new AssociationStore({ isTrusted: true, boot: () => 'this boot', memory: 'none', ...options });
    const { store } = this;
    // Our own client wants no connection id for what it gets.
    const keeper: AssociationKeeper = {
      keep: (association) => association.peerCid.length > 0 && store.keep(association),
      mark: (...args) => store.mark(...args),
      reserve: (...args) => store.reserve(...args),
      forget: (link) => store.forget(link),
    };
    this.bench = new DtlsBench({ keeper, ...server });
    this.bench.server.resume(this.store.claim('dtls'), this.bench.now);
    this.store.forgetUnclaimed();
  }

  get texts(): string[] {
    return this.bench.frames.map(({ text }) => text);
  }

  /** All that the store has been told so far is written, or thrown away. */
  written(): Promise<void> {
    return new Promise((resolve) => this.store.mark('of nobody', { highest: 0, near: 0, far: 0 }, resolve));
  }

  async stop(): Promise<void> {
    this.bench.server.close();
    await this.store.close();
  }
}

/** A client with a connection id, at whatever server runs; every record that it got. */
export class Roamer {
  run: KeptServer;
  address: string;
  readonly got: Uint8Array[] = [];
  readonly client: CidClient;

  constructor(run: KeptServer, address = ROAMER_HOME) {
    this.address = address;
    this.run = run;
    this.client = new CidClient({
      ...{ identity: IDENTITY, key: KEY, ownCid: Buffer.from('c1d2', 'hex') },
      roundTrip: (datagram) => this.run.bench.deliver(this.address, datagram),
    });
    this.client.connect();
  }

  get link(): string {
    return `dtls:${this.client.serverCid.toString('hex')}`;
  }

  /** Sends a frame down `times` times; how many went. */
  down(times = 1): number {
    const sent = Array.from({ length: times }, () => this.run.bench.server.send(this.link, Buffer.from('down')));
    const datagrams = this.run.bench.take(this.address);
    this.got.push(...datagrams);
    this.client.hear(datagrams);
    return sent.filter(Boolean).length;
  }

  /** Numbers of what came, each of which must be there once. */
  get numbers(): number[] {
    return this.got.map((record) => Buffer.from(record).readUIntBE(5, 6));
  }
}
