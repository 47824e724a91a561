import type { Observer } from '../ports/observer.ts';
import type { Store } from '../ports/store.ts';
import type { Transport } from '../ports/transport.ts';
import type { Upstream } from '../ports/upstream.ts';
import type { StatusService } from '../status/status-service.ts';
import type { EmbeddedBroker } from '../upstream/embedded-broker.ts';
import type { Driver } from './driver.ts';
import type { Operations } from './operations.ts';

/** Milliseconds for the broker connections to say DISCONNECT and end. */
const UPSTREAM_CLOSE_TIMEOUT = 2_500;
/** Milliseconds for the disk to take what the last answers promise. */
const DISK_TIMEOUT = 1_000;
/** Milliseconds for the store to be closed: a slow disk has nearly all the time that a stop may take. */
const STORE_TIMEOUT = 4_000;

/** What a gateway is made of that has to be ended. */
export interface Running {
  readonly driver: Driver;
  readonly upstream: Upstream;
  readonly store: Store;
  /** Undefined: DTLS associations end with the process. */
  readonly associations: { close(): Promise<void> } | undefined;
  readonly transports: readonly Transport[];
  readonly operations: Operations;
  readonly broker: EmbeddedBroker | undefined;
  readonly observer: Observer;
  /** Undefined: nothing is said of the gateway. */
  readonly status: Pick<StatusService, 'stop'> | undefined;
}

/**
 * DISCONNECT goes out to the clients first, then the broker's connections end, then the sockets are closed. What a disk that is full
 * or hangs has not taken by then is not promised to anybody. Resolves when the store is closed, or the disk does not let go of it; false: something hangs
 * at the disk, and a thread with it.
 */
export async function stopGateway({
  driver,
  upstream,
  store,
  associations,
  transports,
  operations,
  broker,
  observer,
  status,
}: Running): Promise<boolean> {
  const said = status?.stop(); // before its clients are sent away, of which nothing is said
  driver.feed({ type: 'operator-stopped' });
  driver.stop();
  await inTime(driver.drained());
  if (driver.unwritten > 0) {
    const reason = `${driver.unwritten} changes could not be written; what waited for them has not been answered`;
    observer.note({ type: 'store-problem', reason });
  }
  operations.end();
  await Promise.all([upstream.close(UPSTREAM_CLOSE_TIMEOUT), said]);
  await Promise.all(transports.map((transport) => transport.close()));
  const areKept = associations === undefined || (await inTime(associations.close()));
  if (!areKept) {
    const reason =
      'the disk does not answer: DTLS associations go on only if the machine is not started anew meanwhile';
    observer.note({ type: 'store-problem', reason });
  }
  await broker?.close();
  driver.releaseStore();
  const closed = store.close().catch((error: Error) => observer.note({ type: 'store-problem', reason: error.message }));
  const isClosed = await inTime(closed, STORE_TIMEOUT);
  if (!isClosed) {
    observer.note({ type: 'store-problem', reason: 'the disk does not answer: the store stays open' });
  }
  return isClosed && areKept;
}

/** Whether it has ended while the disk may take its time. */
async function inTime(work: Promise<unknown>, limit = DISK_TIMEOUT): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limit);
  });
  const ended = await Promise.race([work.then(() => true), timeout]);
  clearTimeout(timer); // it would keep the process alive
  return ended;
}
