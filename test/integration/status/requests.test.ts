import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { Collected } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';

const bench = gatewayBench();

interface Answer {
  readonly topic: string;
  readonly json: unknown;
  readonly properties: IPublishPacket['properties'];
}

const clients: MqttClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync()));
});

/** Somebody who asks, and hears answers at some topics. */
async function asker(broker: Mosquitto, protocolVersion: 4 | 5, ...filters: string[]) {
  const client = connect(broker.url, { protocolVersion, reconnectPeriod: 0 });
  clients.push(client);
  const answers = new Collected<Answer>('answers');
  client.on('message', (topic, payload, { properties }) =>
    answers.add({ topic, json: JSON.parse(payload.toString()), properties }),
  );
  await client.subscribeAsync(filters);
  return {
    answers,
    ask: (what: string, request: object, options: IClientPublishOptions = {}) =>
      client.publishAsync(`gw/request/${what}`, JSON.stringify(request), options),
  };
}

describe('requests at the broker', () => {
  const STATUS = { status: { enabled: true, topicPrefix: 'gw', requests: true } };

  it('list the clients and send one away', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    const sensor = await bench.client(gateway, 'a', { clean: false });
    await broker.logged(/gw\/request\/\+ \(QoS 0\)/);
    const { answers, ask } = await asker(broker, 4, 'gw/response/+');
    await ask('clients', { correlation: 1 });
    expect(await answers.nth(1)).toMatchObject({
      topic: 'gw/response/clients',
      json: { status: 'ok', correlation: 1, data: { total: 1, clients: [{ clientId: 'a', state: 'active' }] } },
    });
    await ask('disconnect', { clientId: 'a' });
    await sensor.expect('02 18');
    expect((await answers.nth(2)).json).toEqual({ status: 'ok', data: { clientId: 'a' } });
    await ask('disconnect', { clientId: 'nobody' });
    expect((await answers.nth(3)).json).toMatchObject({ status: 'error' });
    await gateway.waitForNote('operator-acted', { action: 'disconnect', clientId: 'a', by: 'MQTT' });
  });

  it('MQTT 5: are answered at the response topic with the correlation data', async () => {
    const broker = await bench.broker();
    const program = { reload: async () => ({ changed: [], needsRestart: [], problems: [] }), needsRestart: [] };
    await bench.gateway(broker.url, {
      settings: { ...STATUS, upstream: { protocolVersion: 5 } },
      program: () => ({ ...program, logLevel: 'warn' }),
    });
    await broker.logged(/gw\/request\/\+ \(QoS 0\)/);
    const { answers, ask } = await asker(broker, 5, 'mine/+', 'gw/response/+');
    const correlationData = Buffer.of(0, 7, 255);
    await ask('log-level', {}, { properties: { responseTopic: 'mine/1', correlationData } });
    const { topic, json, properties } = await answers.nth(1);
    expect({ topic, json }).toEqual({ topic: 'mine/1', json: { status: 'ok', data: { level: 'warn' } } });
    expect(properties?.correlationData).toEqual(correlationData);
    await ask('reload', {});
    expect(await answers.nth(2)).toMatchObject({ topic: 'gw/response/reload', json: { status: 'ok' } });
  });

  it('are not heard unless they are asked for', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: { status: { enabled: true, topicPrefix: 'gw' } } });
    await bench.client(gateway, 'a', { clean: false });
    const { answers, ask } = await asker(broker, 4, 'gw/response/+', 'gw/stats');
    await answers.nth(1); // the status is said
    await ask('forget', { clientId: 'a' });
    await ask('forget', { clientId: 'a' }, { qos: 1 });
    expect(broker.log).not.toContain('gw/request/+');
    expect(gateway.sessionCount).toBe(1);
  });
});
