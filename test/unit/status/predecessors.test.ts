import { describe, expect, it } from '@jest/globals';
import { StatusBench } from './status-bench.ts';
import { VirtualBroker } from './virtual-broker.ts';

const INFO = JSON.stringify({ clientId: 'own', homeAssistant: null });

function brokerWith(retained: Readonly<Record<string, string>>): VirtualBroker {
  const broker = new VirtualBroker();
  for (const [topic, text] of Object.entries(retained)) {
    broker.retained.set(topic, text);
  }
  return broker;
}

function clientTopics({ broker }: StatusBench): string[] {
  return [...broker.retained.keys()].filter((topic) => topic.startsWith('gw/clients'));
}

describe('what the broker has retained from before a start (I-108)', () => {
  const LEFT = {
    'gw/state': 'offline',
    'gw/info': INFO,
    'gw/clients/gone/state': '{}',
    'gw/clients/a%2Fb/state': '{}',
    'gw/clients/there/state': '{}',
    'gw/clients/%zz/state': 'of somebody else',
    'gw/clients/x/y/state': 'of somebody else',
  };

  it('goes, of clients that are known no more', () => {
    const bench = new StatusBench({ broker: brokerWith(LEFT), isUp: false });
    bench.view('there');
    bench.own(true);
    bench.pass(30_000);
    expect(clientTopics(bench)).toEqual(['gw/clients/there/state', 'gw/clients/%zz/state', 'gw/clients/x/y/state']);
    expect(bench.json('gw/clients/there/state')).toMatchObject({ state: 'active' });
    expect(bench.broker.unsubscribed).toContain('gw/clients/+/state');
  });

  it('is looked for until nothing is left, however little the broker says at a time', () => {
    const bench = new StatusBench({ isUp: false });
    const { broker } = bench;
    for (let i = 0; i < 500; i++) {
      broker.retained.set(`gw/clients/gone${i}/state`, '{}');
    }
    broker.mostRetained = 200;
    bench.own(true);
    bench.pass(120_000);
    expect(clientTopics(bench)).toEqual([]);
    const rounds = broker.subscribed.filter((filter) => filter === 'gw/clients/+/state').length;
    expect(rounds).toBe(4);
    bench.pass(600_000);
    expect(broker.subscribed.filter((filter) => filter === 'gw/clients/+/state')).toHaveLength(rounds);
  });

  it('is looked for again where the connection broke meanwhile, and not on later connections', () => {
    const bench = new StatusBench({ broker: brokerWith({}), isUp: false });
    bench.own(true);
    bench.pass(1_000);
    bench.broker.retained.set('gw/clients/gone/state', '{}');
    bench.broker.breaks();
    bench.pass(60_000);
    expect(clientTopics(bench)).toEqual([]);
    const { length } = bench.broker.subscribed.filter((filter) => filter === 'gw/clients/+/state');
    bench.broker.breaks();
    bench.pass(60_000);
    expect(bench.broker.subscribed.filter((filter) => filter === 'gw/clients/+/state')).toHaveLength(length);
  });

  it('goes at the pace of everything else', () => {
    const bench = new StatusBench({ isUp: false });
    for (let i = 0; i < 1_000; i++) {
      bench.broker.retained.set(`gw/clients/gone${i}/state`, '{}');
    }
    bench.own(true);
    bench.pass(5_000);
    expect(clientTopics(bench).length).toBeGreaterThanOrEqual(400);
    bench.pass(20_000);
    expect(clientTopics(bench)).toEqual([]);
  });

  it('of another gateway stays, with a warning, until that one is gone', () => {
    const info = JSON.stringify({ clientId: 'another' });
    const broker = brokerWith({ ...LEFT, 'gw/state': 'online', 'gw/info': info });
    const bench = new StatusBench({ broker });
    bench.pass(60_000);
    expect(clientTopics(bench)).toContain('gw/clients/gone/state');
    expect(bench.notesOf('status-problem')).toEqual([
      {
        type: 'status-problem',
        reason:
          'another gateway (client id "another") says its status at gw/state already: give each its own status.topicPrefix, or gateway.id',
      },
    ]);
    broker.publish('gw/state', 'offline', { retain: true });
    bench.pass(60_000);
    expect(clientTopics(bench)).not.toContain('gw/clients/gone/state');
    expect(broker.retained.get('gw/state')).toBe('online');
  });

  it.each([
    ['its own, whose end the broker has not noticed', { 'gw/state': 'online' }],
    ['another one, which is gone', { 'gw/info': JSON.stringify({ clientId: 'another' }) }],
    ['nobody who says who he is', { 'gw/state': 'online', 'gw/info': 'no JSON' }],
  ])('goes where it is of %s', (_, more) => {
    const bench = new StatusBench({ broker: brokerWith({ ...LEFT, ...more }) });
    bench.pass(60_000);
    expect(clientTopics(bench)).not.toContain('gw/clients/gone/state');
    expect(bench.notesOf('status-problem')).toEqual([]);
  });

  it('devices of Home Assistant go with their clients, before them', () => {
    const broker = brokerWith({
      ...LEFT,
      'gw/info': JSON.stringify({ clientId: 'own', homeAssistant: { discoveryPrefix: 'ha' } }),
    });
    broker.retained.set('ha/device/mqtt-sn_gw__gone/config', '{}');
    const bench = new StatusBench({ broker, settings: { discoveryPrefix: 'ha' } });
    bench.pass(60_000);
    expect([...broker.retained.keys()].filter((topic) => topic.startsWith('ha/'))).toEqual([
      'ha/device/mqtt-sn_gw/config',
    ]);
    const topics = bench.said().map((line) => line.split(' ')[0]);
    expect(topics.indexOf('ha/device/mqtt-sn_gw__gone/config')).toBeLessThan(topics.indexOf('gw/clients/gone/state'));
  });

  it.each([
    ['another prefix', 'other'],
    ['nothing', undefined],
  ])('devices go from a former prefix where Home Assistant is told at %s now', (_, discoveryPrefix) => {
    const info = JSON.stringify({ clientId: 'own', homeAssistant: { discoveryPrefix: 'ha' } });
    const broker = brokerWith({ ...LEFT, 'gw/info': info });
    for (const object of ['', '__gone', '__there', '__a_2fb']) {
      broker.retained.set(`ha/device/mqtt-sn_gw${object}/config`, '{}');
    }
    const bench = new StatusBench({ broker, settings: { discoveryPrefix }, isUp: false });
    bench.view('there');
    bench.own(true);
    bench.pass(60_000);
    expect([...broker.retained.keys()].filter((topic) => topic.startsWith('ha/'))).toEqual([]);
    expect(broker.retained.has('other/device/mqtt-sn_gw__there/config')).toBe(discoveryPrefix === 'other');
  });

  it.each(['a/#', '', '+/b', 7, 'x'.repeat(2_000)])('a former prefix %j is none', (discoveryPrefix) => {
    const info = JSON.stringify({ clientId: 'own', homeAssistant: { discoveryPrefix } });
    const bench = new StatusBench({ broker: brokerWith({ 'gw/info': info }) });
    bench.pass(60_000);
    expect(bench.said().filter((line) => !line.startsWith('gw/'))).toEqual([]);
  });
});
