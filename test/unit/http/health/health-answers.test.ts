import { describe, expect, it } from '@jest/globals';
import { aliveAnswer, readyAnswer } from '../../../../src/http/health/health-answers.ts';
import type { BrokerView, TransportView } from '../../../../src/ports/site.ts';
import { siteAtRest } from '../site-at-rest.ts';

const SITE = siteAtRest();
const IN_TIME = { recent: 1.7 };

function broker(state: BrokerView['state']): BrokerView {
  return { ...SITE.broker(), state, reason: 'connect ECONNREFUSED 192.0.2.9:1883' };
}

function transports(...states: TransportView['state'][]): TransportView[] {
  return states.flatMap((state, n) =>
    SITE.transports().map((one) => ({ ...one, name: `t${n}`, state, reason: 'no such device /dev/secret' })),
  );
}

describe('/healthz', () => {
  it('is 200 while the loop turns and sessions are in memory', () => {
    const { status, type, content } = aliveAnswer(SITE, IN_TIME);
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(content)).toEqual({
      status: 'ok',
      checks: [
        { name: 'event loop', ok: true, state: 'late by 2 ms' },
        { name: 'session store', ok: true, state: 'in memory' },
      ],
    });
  });

  it('is 200 while the disk takes its time, and 503 when it has not answered for 30 s', () => {
    const stalled = (milliseconds: number) => aliveAnswer(siteAtRest({ storeStalledFor: () => milliseconds }), IN_TIME);
    expect(stalled(0)).toMatchObject({ status: 200, content: expect.stringContaining('"answers"') });
    expect(stalled(29_999)).toMatchObject({ status: 200, content: expect.stringContaining('"answers"') });
    const { status, content } = stalled(31_500);
    expect(status).toBe(503);
    expect(JSON.parse(content)).toMatchObject({
      status: 'failing',
      checks: [{ ok: true }, { name: 'session store', ok: false, state: 'no answer for 31 s' }],
    });
  });

  it('is 503 where the loop is late by seconds', () => {
    expect(aliveAnswer(SITE, { recent: 4_999 }).status).toBe(200);
    expect(aliveAnswer(SITE, { recent: 5_000 }).status).toBe(503);
  });

  it('does not ask whether the broker is there: a restart would not bring it back', () => {
    expect(aliveAnswer(siteAtRest({ broker: () => broker('unreachable') }), IN_TIME).status).toBe(200);
  });
});

describe('/readyz', () => {
  it('is 200 where all transports are open and the broker can be reached', () => {
    const { status, content } = readyAnswer(siteAtRest({ transports: () => transports('up', 'up') }));
    expect(status).toBe(200);
    expect(JSON.parse(content)).toEqual({
      status: 'ok',
      checks: [
        { name: 'transport t0', ok: true, state: 'open' },
        { name: 'transport t1', ok: true, state: 'open' },
        { name: 'broker', ok: true, state: 'reachable' },
      ],
    });
  });

  it('is 503 where one transport is closed, and names it', () => {
    const { status, content } = readyAnswer(siteAtRest({ transports: () => transports('up', 'down') }));
    expect(status).toBe(503);
    expect(JSON.parse(content).checks).toContainEqual({ name: 'transport t1', ok: false, state: 'closed' });
  });

  it.each(['connecting', 'unreachable'] as const)('is 503 where the broker is %s', (state) => {
    const { status, content } = readyAnswer(siteAtRest({ broker: () => broker(state) }));
    expect(status).toBe(503);
    expect(JSON.parse(content).checks).toContainEqual({ name: 'broker', ok: false, state });
  });

  it('tells nobody why, for anybody may ask', () => {
    const site = siteAtRest({ broker: () => broker('unreachable'), transports: () => transports('down') });
    expect(readyAnswer(site).content).not.toMatch(/192|secret|ECONN/);
  });
});
