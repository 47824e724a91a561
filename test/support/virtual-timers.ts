import { jest } from '@jest/globals';

/**
 * From now on timers and clocks stand still until the test moves them (`jest.advanceTimersByTimeAsync`), while sockets and files go on: how
 * long something takes by its own timers can be told whatever the speed of the machine. `jest.useRealTimers()` ends it. The waits of
 * `eventually.ts` stay in real time.
 */
export function virtualTimers(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] });
}

/** Lets what the sockets of this process have to say to each other be heard. */
export async function roundsOfEvents(): Promise<void> {
  for (let round = 0; round < 50; round++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
