import { describe, expect, it } from '@jest/globals';
import { frame, hex16 } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

/** With four sessions there is room for three wills of these octets. */
const LONG = 900;

/** Client `name` has a will, and says nothing more: it is lost after 15 s. */
function connect(bench: HubBench, name: string, clean = false, octets = LONG): void {
  bench.says(name, frame(`04 ${clean ? '0c' : '08'} 01 000a`, name));
  bench.says(name, frame('07 20', `wills/${name}`));
  bench.says(name, `01 ${hex16(octets + 4)} 09 ${'78'.repeat(octets)}`);
}

const waiting = (bench: HubBench): string[] =>
  [...bench.disk.values()].flatMap((record) => (record.kind === 'fired-will' ? [record.clientId] : []));

const dropped = (bench: HubBench): unknown[] => bench.notes.filter(({ type }) => type === 'client-publish-dropped');

/** The settings: a will waits for its client for a minute. */
const settings = { sessions: { limit: 4 }, upstream: { willDelay: 60_000 } };

describe('wills of lost clients that wait (I-129)', () => {
  it('are as many octets as there may be sessions of a kibibyte: the oldest of the host that has most goes, told and counted', () => {
    const bench = new HubBench({ settings });
    connect(bench, '192.0.2.1:1');
    for (const port of [1, 2, 3]) {
      connect(bench, `192.0.2.2:${port}`);
    }
    bench.wait(15_000);
    expect(waiting(bench)).toEqual(['192.0.2.1:1', '192.0.2.2:2', '192.0.2.2:3']);
    expect(dropped(bench)).toEqual([
      {
        type: 'client-publish-dropped',
        clientId: '192.0.2.2:1',
        link: 'udp:192.0.2.2:1',
        topic: 'wills/192.0.2.2:1',
        qos: 1,
        reason: 'too many wills wait for the broker, most of them of clients at this host',
      },
    ]);
    expect(bench.wait(60_000)).toHaveLength(3);
  });

  it('the same where they wait for the broker, and over a restart', () => {
    const bench = new HubBench({ settings: { sessions: { limit: 4 }, upstream: { grace: 600_000 } } });
    connect(bench, '192.0.2.1:1');
    connect(bench, '192.0.2.2:1');
    connect(bench, '192.0.2.2:2');
    bench.breaks();
    bench.wait(15_000);
    expect(waiting(bench)).toHaveLength(3);
    const next = hubRestarted(bench, { isAway: true });
    expect(waiting(next)).toEqual(['192.0.2.1:1', '192.0.2.2:1', '192.0.2.2:2']);
  });

  it('one that the broker may have stays', () => {
    const bench = new HubBench({ settings });
    for (const host of [1, 2, 3]) {
      connect(bench, `192.0.2.${host}:1`, true);
    }
    expect(bench.wait(15_000)).toHaveLength(3);
    connect(bench, '192.0.2.4:1');
    bench.wait(15_000);
    expect(waiting(bench)).toHaveLength(4);
  });

  it('one for which all others would not be enough goes alone, told and counted', () => {
    const bench = new HubBench({ settings });
    connect(bench, '192.0.2.3:8');
    connect(bench, '192.0.2.3:9');
    connect(bench, '192.0.2.3:1', false, 5_000);
    bench.wait(15_000);
    expect(waiting(bench)).toEqual(['192.0.2.3:8', '192.0.2.3:9']);
    expect(dropped(bench)).toEqual([
      {
        type: 'client-publish-dropped',
        clientId: '192.0.2.3:1',
        link: 'udp:192.0.2.3:1',
        topic: 'wills/192.0.2.3:1',
        qos: 1,
        reason: 'its will is larger than what may wait of all wills together (sessions.limit: 4, 1024 octets for each)',
      },
    ]);
    expect(bench.wait(60_000)).toHaveLength(2);
  });

  it('the same where it waits for the broker; nothing of it is left for the next start', () => {
    const bench = new HubBench({ settings: { sessions: { limit: 4 }, upstream: { grace: 600_000 } } });
    connect(bench, '192.0.2.3:8');
    connect(bench, '192.0.2.3:1', true, 5_000);
    bench.breaks();
    bench.wait(15_000);
    expect([waiting(bench), dropped(bench)]).toEqual([['192.0.2.3:8'], [expect.anything()]]);
    expect(waiting(hubRestarted(bench, { isAway: true }))).toEqual(['192.0.2.3:8']);
  });

  it('one that need not wait is published, however large it is', () => {
    const bench = new HubBench({ settings });
    connect(bench, '192.0.2.3:1', true, 5_000);
    expect(bench.wait(15_000)).toHaveLength(1);
    expect(dropped(bench)).toEqual([]);
  });
});
