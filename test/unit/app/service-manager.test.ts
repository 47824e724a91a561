import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ServiceManager, type ServiceManagerParts } from '../../../src/app/service-manager.ts';
import { ManualClock } from '../../support/manual-clock.ts';

class Bench {
  readonly clock = new ManualClock();
  readonly told: string[][] = [];
  readonly failures: string[] = [];
  status = 'broker reachable';
  stalledFor: number | undefined;
  error: Error | undefined;
  readonly manager: ServiceManager;

  constructor(environment: ServiceManagerParts['environment'] = {}) {
    this.manager = new ServiceManager({
      environment: { NOTIFY_SOCKET: '/run/systemd/notify', ...environment },
      pid: 7,
      clock: this.clock,
      status: () => this.status,
      storeStalledFor: () => this.stalledFor,
      failed: (reason) => this.failures.push(reason),
      tell: async (assignments) => {
        this.told.push([...assignments]);
        if (this.error !== undefined) {
          throw this.error;
        }
      },
    });
  }

  /** What is told while so many seconds pass, each with time for what comes later. */
  async after(seconds: number): Promise<string[][]> {
    for (let second = 0; second < seconds; second++) {
      this.clock.advance(1_000);
      await turn();
    }
    await turn();
    return this.told.splice(0);
  }
}

describe('what systemd is told (sd_notify)', () => {
  it('is nothing where it has not asked', async () => {
    const bench = new Bench({ NOTIFY_SOCKET: undefined, WATCHDOG_USEC: '3000000' });
    bench.manager.ready();
    bench.manager.stopping();
    expect(await bench.after(30)).toEqual([]);
    expect(bench.clock.waiting).toBe(0);
  });

  it('is that the gateway is ready, and how it is when that changes, in one line', async () => {
    const bench = new Bench();
    bench.manager.ready();
    expect(await bench.after(25)).toEqual([['READY=1', 'STATUS=broker reachable']]);
    bench.status = 'broker unreachable\nrefused';
    expect(await bench.after(25)).toEqual([['STATUS=broker unreachable refused']]);
  });

  it('is three signs of life in the time that the watchdog allows, for this process alone', async () => {
    const bench = new Bench({ WATCHDOG_USEC: '9000000', WATCHDOG_PID: '7' });
    bench.manager.ready();
    expect(await bench.after(9)).toEqual([
      ['READY=1', 'STATUS=broker reachable', 'WATCHDOG=1'],
      ...[['WATCHDOG=1'], ['WATCHDOG=1'], ['WATCHDOG=1']],
    ]);
    const other = new Bench({ WATCHDOG_USEC: '9000000', WATCHDOG_PID: '8' });
    other.manager.ready();
    expect(await other.after(9)).toEqual([['READY=1', 'STATUS=broker reachable']]);
  });

  it('is no sign of life while the session store does not answer for half a minute', async () => {
    const bench = new Bench({ WATCHDOG_USEC: '9000000' });
    bench.manager.ready();
    await bench.after(1);
    bench.stalledFor = 29_999;
    expect(await bench.after(3)).toEqual([['WATCHDOG=1']]);
    bench.stalledFor = 30_000;
    expect(await bench.after(9)).toEqual([]);
    bench.stalledFor = 0;
    expect(await bench.after(3)).toEqual([['WATCHDOG=1']]);
  });

  it('is that the gateway stops, and nothing after that', async () => {
    const bench = new Bench({ WATCHDOG_USEC: '9000000' });
    bench.manager.ready();
    await bench.after(1);
    bench.manager.stopping();
    bench.status = 'something else';
    expect(await bench.after(30)).toEqual([['STOPPING=1']]);
    expect(bench.clock.waiting).toBe(0);
  });

  it('that cannot be told is a problem once, until it can be told again', async () => {
    const bench = new Bench({ WATCHDOG_USEC: '3000000' });
    bench.error = new Error('there is no program systemd-notify');
    bench.manager.ready();
    await bench.after(5);
    expect(bench.failures).toEqual(['there is no program systemd-notify']);
    bench.error = undefined;
    await bench.after(2);
    bench.error = new Error('again');
    await bench.after(5);
    expect(bench.failures).toEqual(['there is no program systemd-notify', 'again']);
  });
});
