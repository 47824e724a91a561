import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClientDetail } from '../../../../src/http/api-contract.ts';
import { ApiError } from '../../../../src/http/page/model/api-error.ts';
import { FrameTrace } from '../../../../src/http/page/model/frame-trace.ts';
import { madeUpClient } from '../../../support/made-up-gateway.ts';

const UNTIL = '2026-11-29T12:00:00.000Z';

let listeners: Map<string, (event: { readonly data: string }) => void>;
let opened: string[];
let closed: number;
let stopped: number;
let client: () => Promise<ClientDetail>;
let start: () => Promise<{ readonly traceUntil: string }>;
let trace: FrameTrace;

beforeEach(() => {
  jest.useFakeTimers();
  [listeners, opened, closed, stopped] = [new Map(), [], 0, 0];
  client = async () => madeUpClient(1, { traceUntil: UNTIL });
  start = async () => ({ traceUntil: UNTIL });
  const api = {
    startTrace: () => start(),
    stopTrace: async () => {
      stopped += 1;
    },
    traceUrl: (clientId: string) => `trace of ${clientId}`,
    client: () => client(),
  };
  const openStream = (url: string) => {
    opened.push(url);
    listeners = new Map();
    return {
      addEventListener: (name: string, listener: (event: { readonly data: string }) => void) => {
        listeners.set(name, listener);
      },
      close: () => {
        closed += 1;
      },
    };
  };
  trace = new FrameTrace(api, openStream, 'sensor-1');
});

afterEach(() => {
  jest.useRealTimers();
});

function say(name: string, data: unknown = {}): void {
  listeners.get(name)?.({ data: JSON.stringify(data) });
}

describe('the trace of a client', () => {
  it('shows frames, and how many were left out, until the gateway ends it', async () => {
    await trace.start(60);
    expect(opened).toEqual(['trace of sensor-1']);
    expect(trace.state.get()).toEqual({ until: Date.parse(UNTIL), ended: false, problem: undefined });
    say('frame', { text: 'PINGREQ' });
    say('missed', { frames: 7 });
    expect(trace.lines.get()).toEqual([
      { number: 1, type: 'frame', frame: { text: 'PINGREQ' } },
      { number: 2, type: 'missed', frames: 7 },
    ]);
    say('end');
    expect(trace.state.get()).toMatchObject({ until: undefined, ended: true });
    expect(trace.lines.get()).toHaveLength(2);
  });

  it('keeps the last lines, not all of them', async () => {
    await trace.start(60);
    for (let number = 1; number <= 1_200; number += 1) {
      say('frame', { text: `${number}` });
    }
    expect(trace.lines.get()).toHaveLength(500);
    expect(trace.lines.get().at(-1)).toMatchObject({ number: 1_200 });
  });

  it('is not on where the gateway refuses, and says why', async () => {
    start = async () => {
      throw new ApiError(503, 'The frames of 10 clients are shown already.');
    };
    await trace.start(60);
    expect(trace.state.get()).toEqual({
      ...{ until: undefined, ended: false },
      problem: 'The frames of 10 clients are shown already.',
    });
    expect(opened).toEqual([]);
  });

  it('is switched off at the gateway by whoever stops it, and not by whoever looks elsewhere', async () => {
    await trace.start(60);
    trace.leave();
    expect([closed, stopped]).toEqual([1, 0]);
    trace.attach(1);
    await trace.stop();
    expect([closed, stopped]).toEqual([2, 1]);
    expect(trace.state.get().ended).toBe(true);
  });

  it('goes on after its stream broke, as long as it is on at the gateway', async () => {
    await trace.start(60);
    say('error');
    await jest.advanceTimersByTimeAsync(2_000);
    expect(opened).toHaveLength(2);
    client = async () => {
      throw new ApiError(0, 'The gateway does not answer.');
    };
    say('error');
    await jest.advanceTimersByTimeAsync(10_000);
    expect([opened.length, trace.state.get().ended]).toEqual([2, false]);
    client = async () => madeUpClient(1, { traceUntil: null });
    await jest.advanceTimersByTimeAsync(2_000);
    expect([opened.length, trace.state.get().ended]).toEqual([2, true]);
  });
});
