/** Whether the gateway lives and whether it can do its work, for whoever watches over it: systemd, a container's host, a load balancer. */
import type { LoopDelay } from '../../observe/loop-delay.ts';
import type { Millis } from '../../ports/clock.ts';
import type { Site } from '../../ports/site.ts';

/** A disk that has not answered for so long will not, without somebody's help: the log has warned of it since 3 s. */
export const DISK_PATIENCE: Millis = 30_000;
/** An event loop that is late by so much answers nobody in time. */
const LOOP_PATIENCE: Millis = 5_000;

/** One thing that was looked at. Anybody may see it: no reasons of others, no addresses. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** How it is, in a few words. */
  readonly state: string;
}

/** What is served: JSON, `{ "status": "ok" | "failing", "checks": [ … ] }`, and 200 where all is well, 503 where not. */
export interface HealthAnswer {
  readonly status: 200 | 503;
  /** Content type. */
  readonly type: string;
  readonly content: string;
}

/** `/healthz`: the event loop turns, the disk answers. Where not, a restart may help. */
export function aliveAnswer(site: Pick<Site, 'storeStalledFor'>, loop: Pick<LoopDelay, 'recent'>): HealthAnswer {
  return answerOf([loopCheck(loop.recent), storeCheck(site.storeStalledFor())]);
}

/** `/readyz`: every transport is open, and the broker can be reached. Where not, a restart does not help: something outside is missing. */
export function readyAnswer(site: Pick<Site, 'broker' | 'transports'>): HealthAnswer {
  const transports = site.transports().map(({ name, state }) => ({
    name: `transport ${name}`,
    ok: state === 'up',
    state: state === 'up' ? 'open' : 'closed',
  }));
  const { state } = site.broker();
  return answerOf([...transports, { name: 'broker', ok: state === 'reachable', state }]);
}

function loopCheck(delay: Millis): HealthCheck {
  return { name: 'event loop', ok: delay < LOOP_PATIENCE, state: `late by ${Math.round(delay)} ms` };
}

function storeCheck(stalledFor: Millis | undefined): HealthCheck {
  if (stalledFor === undefined) {
    return { name: 'session store', ok: true, state: 'in memory' };
  }
  const ok = stalledFor < DISK_PATIENCE;
  return { name: 'session store', ok, state: ok ? 'answers' : `no answer for ${Math.floor(stalledFor / 1000)} s` };
}

function answerOf(checks: readonly HealthCheck[]): HealthAnswer {
  const ok = checks.every((check) => check.ok);
  const content = `${JSON.stringify({ status: ok ? 'ok' : 'failing', checks })}\n`;
  return { status: ok ? 200 : 503, type: 'application/json; charset=utf-8', content };
}
