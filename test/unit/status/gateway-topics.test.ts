import { describe, expect, it } from '@jest/globals';
import { START, StatusBench } from './status-bench.ts';

describe('the status of the gateway', () => {
  it('begins with online, retained, and has offline as its will', () => {
    const { broker } = new StatusBench();
    expect(broker.connects).toEqual([
      expect.objectContaining({
        clientId: undefined,
        cleanSession: true,
        requests: true,
        will: { topic: 'gw/state', message: new TextEncoder().encode('offline'), qos: 1, retain: true },
      }),
    ]);
    expect(broker.said[0]).toMatchObject({ topic: 'gw/state', text: 'online', retain: true });
    broker.breaks();
    expect(broker.retained.get('gw/state')).toBe('offline');
  });

  it('waits for the connection of the gateway itself', () => {
    const bench = new StatusBench({ isUp: false });
    bench.pass(600_000);
    expect(bench.broker.connects).toEqual([]);
    expect(bench.teller.deadline).toBeUndefined();
    bench.own(true);
    bench.settle();
    expect(bench.broker.retained.get('gw/state')).toBe('online');
  });

  it('tells version, settings and transports, and again when a transport changes, at most each 5 s', () => {
    const bench = new StatusBench({ settings: { discoveryPrefix: 'ha' } });
    expect(bench.json('gw/info')).toEqual({
      version: '1.2.3',
      gwId: 7,
      clientId: 'own',
      startedAt: '2026-11-29T12:00:00Z',
      broker: { url: 'mqtt://broker', embedded: false, mode: 'transparent' },
      homeAssistant: { discoveryPrefix: 'ha' },
      restartNeeded: false,
      restartNeededFor: [],
      transports: [],
      settings: { gateway: { id: 7 } },
    });
    bench.said();
    const traffic = { framesReceived: 0, octetsReceived: 0, framesSent: 0, octetsSent: 0 };
    bench.transports = [
      {
        ...{ name: 'udp', type: 'udp', address: '0.0.0.0:1884', state: 'down', since: START + 1_499 },
        ...{ reason: 'no network', problems: 1, traffic },
      },
    ];
    for (let i = 0; i < 50; i++) {
      bench.note({ type: 'transport-problem', transport: 'udp', code: 'ENETDOWN', reason: 'no network' });
      bench.pass(100);
    }
    const told = bench.said().filter((line) => line.startsWith('gw/info'));
    expect(told).toHaveLength(1);
    expect(bench.json('gw/info')?.transports).toEqual([
      {
        ...{ name: 'udp', type: 'udp', address: '0.0.0.0:1884', state: 'down', since: '2026-11-29T12:00:01Z' },
        reason: 'no network',
      },
    ]);
    bench.restartNeededFor = ['transports[0].port'];
    bench.note({ type: 'settings-reloaded', trigger: 'SIGHUP', changed: 0, needsRestart: 1 });
    bench.pass(5_000);
    expect(bench.json('gw/info')).toMatchObject({ restartNeeded: true, restartNeededFor: ['transports[0].port'] });
  });

  it('tells its numbers each minute', () => {
    const bench = new StatusBench();
    bench.view('a');
    bench.view('b', { state: 'asleep' });
    bench.view('c', { state: 'lost' });
    bench.counts = {
      'client-published.qos-1': 1,
      'client-published.qos1': 29,
      'client-publish-dropped.qos0': 2,
      'delivered.qos2': 10,
      'delivery-dropped.qos0': 3,
      'client-connected': 1_000,
    };
    const drop = { direction: 'down', qos: 0, reason: 'too many messages wait for the client', count: 3 } as const;
    bench.drops = [{ direction: 'up', qos: 0, reason: 'the broker is away', count: 2 }, drop];
    bench.said();
    bench.pass(59_999);
    expect(bench.said()).toEqual([]);
    bench.pass(1);
    expect(bench.broker.said.map(({ topic, retain }) => [topic, retain])).toEqual([['gw/stats', true]]);
    expect(bench.json('gw/stats')).toEqual({
      time: '2026-11-29T12:01:01Z',
      uptime: 61,
      clients: { total: 3, active: 1, asleep: 1, awake: 0, lost: 1, disconnected: 0 },
      messages: {
        ...{ fromClients: 30, toClients: 10, dropped: 5, fromClientsPerMinute: 30, toClientsPerMinute: 10 },
        droppedFor: [drop, { direction: 'up', qos: 0, reason: 'the broker is away', count: 2 }],
      },
      waiting: { messages: 3, octets: 40 },
    });
    bench.counts = { 'client-published.qos1': 36, 'delivered.qos2': 10 };
    bench.pass(60_000);
    expect(bench.json('gw/stats')).toMatchObject({ messages: { fromClientsPerMinute: 6, toClientsPerMinute: 0 } });
  });

  it('names the ten reasons for which most was dropped', () => {
    const bench = new StatusBench();
    const drop = (count: number) => ({ direction: 'up', qos: 0, reason: `reason ${count}`, count }) as const;
    bench.drops = Array.from({ length: 12 }, (_, at) => drop(at + 1));
    bench.pass(60_000);
    const { messages } = bench.json('gw/stats') as { readonly messages: { readonly droppedFor: unknown } };
    expect(messages.droppedFor).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map(drop));
  });

  it('says everything that is retained again on a new connection', () => {
    const bench = new StatusBench();
    bench.connects('a');
    bench.connects('b');
    bench.settle();
    bench.broker.retained.clear();
    bench.said();
    bench.broker.breaks();
    bench.settle();
    expect(bench.notesOf('status-down')).toEqual([
      { type: 'status-down', reason: 'closed by the broker', retryIn: 1_000 },
    ]);
    bench.pass(999);
    expect(bench.broker.connects).toHaveLength(1);
    bench.pass(1);
    expect(bench.said().map((line) => line.split(' ')[0])).toEqual([
      'gw/state',
      'gw/info',
      'gw/stats',
      'gw/clients/a/state',
      'gw/clients/b/state',
    ]);
    expect(bench.notesOf('status-up')).toHaveLength(2);
  });

  it('says online again where somebody else has said offline, such as the will of a connection that was thought dead', () => {
    const bench = new StatusBench();
    bench.said();
    bench.broker.publish('gw/state', 'offline', { retain: true });
    bench.settle();
    expect(bench.said()).toEqual(['gw/state online']);
    bench.broker.publish('gw/state', 'online', { retain: true });
    bench.settle();
    expect(bench.said()).toEqual([]);
  });

  it('says offline at the end, and nothing after it', () => {
    const bench = new StatusBench();
    bench.said();
    bench.teller.stop(bench.now);
    bench.connects('a');
    bench.settle();
    expect(bench.said()).toEqual(['gw/state offline']);
  });
});
