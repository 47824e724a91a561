import { describe, expect, it } from '@jest/globals';
import { openTransports } from '../../../src/app/open-transports.ts';
import type { Transport } from '../../../src/ports/transport.ts';

/** Whatever has been resolved by now has come to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A transport whose medium answers when the test says so. */
class SlowTransport implements Transport {
  readonly name: string;
  isOpening = false;
  settle: (error?: Error) => void = () => undefined;

  constructor(name: string) {
    this.name = name;
  }

  open(): Promise<void> {
    this.isOpening = true;
    return new Promise((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
    });
  }

  perform(): void {}

  async close(): Promise<void> {}
}

describe('the transports of a gateway', () => {
  it('are opened side by side: one that takes its time keeps no other one waiting', async () => {
    const [slow, quick] = [new SlowTransport('slow'), new SlowTransport('quick')];
    const opened: Transport[] = [];
    const done = openTransports([slow, quick], opened);
    expect([slow.isOpening, quick.isOpening]).toEqual([true, true]);
    quick.settle();
    await settled();
    expect(opened).toEqual([quick]);
    slow.settle();
    await done;
    expect(opened).toEqual([quick, slow]);
  });

  it('the first in the order of the settings that cannot be opened is the reason, when all are open or not: none is left half open', async () => {
    const [first, second, third] = [new SlowTransport('a'), new SlowTransport('b'), new SlowTransport('c')];
    const opened: Transport[] = [];
    let reason: unknown;
    const done = openTransports([first, second, third], opened).catch((error: unknown) => {
      reason = error;
    });
    third.settle(new Error('c is in use'));
    second.settle(new Error('b is in use'));
    await settled();
    expect(reason).toBeUndefined();
    first.settle();
    await done;
    expect(reason).toEqual(new Error('b is in use'));
    expect(opened).toEqual([first]);
  });
});
