import { expect, it } from '@jest/globals';
import { statusClientId } from '../../../src/app/status-client-id.ts';
import { CertificateFolder } from '../../support/certificate-folder.ts';
import { makeCertificates } from '../../support/certificates.ts';
import { frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeIn, describeInEachMode } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RetainedTopics } from './retained-topics.ts';

const bench = gatewayBench();
const STATUS = { status: { enabled: true, topicPrefix: 'gw' } };

async function topicsOf(broker: Mosquitto): Promise<RetainedTopics> {
  return new RetainedTopics(await bench.peer(broker, 'gw/#'));
}

/** Sends DISCONNECT with a duration, which is answered. */
const SLEEP = frame('18 003C');

describeInEachMode('its status at the broker', () => {
  it('is retained: state, info, stats and each client, for whoever comes later', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    const sensor = await bench.client(gateway, 'sensor/1', { clean: false });
    const live = await topicsOf(broker);
    await live.has('gw/clients/sensor%2F1/state', { state: 'active' });
    await sensor.exchange(SLEEP, '02 18');
    await live.has('gw/clients/sensor%2F1/state', { state: 'asleep' });
    const late = await topicsOf(broker);
    expect(await late.says('gw/state', () => true)).toBe('online');
    await late.has('gw/clients/sensor%2F1/state', {
      clientId: 'sensor/1',
      state: 'asleep',
      connected: true,
      transport: 'udp',
      address: `127.0.0.1:${sensor.port}`,
      waiting: 0,
    });
    const info = await late.has('gw/info', { gwId: 1, restartNeeded: false });
    expect(info).toMatchObject({
      transports: [{ name: 'udp', state: 'up' }],
      settings: { status: { enabled: true, topicPrefix: 'gw' }, upstream: { url: broker.url } },
    });
    expect(JSON.parse(await late.says('gw/stats', () => true))).toMatchObject({ messages: { fromClients: 0 } });
  });

  it('goes with the session', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    await bench.client(gateway, 'a', { clean: false });
    const topics = await topicsOf(broker);
    await topics.has('gw/clients/a/state', { state: 'active' });
    expect(await gateway.embedded.operator.forget('a')).toBe(true);
    await topics.gone('gw/clients/a/state');
    const late = await bench.peer(broker, 'gw/clients/#');
    await late.settle();
    expect(late.messages).toEqual([]);
  });

  it('of a client whose session ended when it left goes when the operator forgets it, and with a restart', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    const topics = await topicsOf(broker);
    for (const clientId of ['a', 'b']) {
      const sensor = await bench.client(gateway, clientId);
      await sensor.exchange('02 18', '02 18');
      await topics.has(`gw/clients/${clientId}/state`, { state: 'disconnected' });
    }
    expect(await gateway.embedded.operator.forget('a')).toBe(true);
    await topics.gone('gw/clients/a/state');
    expect(await gateway.embedded.operator.forget('a')).toBe(false);
    await bench.client(gateway, 'c');
    await topics.has('gw/clients/c/state', { state: 'active' });
    await gateway.stop();
    await bench.gateway(broker.url, { settings: STATUS });
    await topics.gone('gw/clients/b/state');
    await topics.gone('gw/clients/c/state');
  });

  it('is offline when the gateway stops', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    const topics = await topicsOf(broker);
    await topics.says('gw/state', (text) => text === 'online');
    await gateway.stop();
    await topics.says('gw/state', (text) => text === 'offline');
  });

  it('is offline by its will, and online again, when its connection breaks; no client notices', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    await bench.client(gateway, 'a');
    const topics = await topicsOf(broker);
    await topics.has('gw/clients/a/state', { state: 'active' });
    const thief = await MqttPeer.connect(broker.url, { clientId: await statusIdOf(topics) });
    await topics.says('gw/state', (text) => text === 'offline');
    await topics.says('gw/state', (text) => text === 'online');
    thief.abandon();
    expect(gateway.notesOf('upstream-down')).toEqual([]);
    expect(gateway.notesOf('shared-connection-down')).toEqual([]);
  });

  it('is told again to a broker that has forgotten everything', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    await bench.client(gateway, 'a', { clean: false });
    await (await topicsOf(broker)).has('gw/clients/a/state', { state: 'active' });
    await broker.restart('SIGKILL');
    const topics = await topicsOf(broker);
    await topics.says('gw/state', (text) => text === 'online');
    await topics.has('gw/clients/a/state', { clientId: 'a' });
  });

  it('has no secrets in it', async () => {
    const broker = await bench.broker({ users: { anna: 'do-not-tell' } });
    const upstream = { username: 'anna', password: 'do-not-tell' };
    await bench.gateway(broker.url, { settings: { ...STATUS, upstream } });
    const peer = await MqttPeer.connect(broker.url, upstream);
    bench.cleanUp(() => peer.close());
    await peer.subscribe('gw/#');
    const info = await new RetainedTopics(peer).says('gw/info', () => true);
    expect(info).not.toMatch(/do-not-tell|anna/);
  });
});

describeIn('transparent', 'its status at the broker', () => {
  it('goes the way of the other connections: TLS with a client certificate, and MQTT 5', async () => {
    const certificates = await makeCertificates();
    const folder = await CertificateFolder.make();
    bench.cleanUp(() => folder.dispose());
    const [ca, cert, key] = await Promise.all([
      folder.write('ca.pem', certificates.ca),
      folder.write('cert.pem', certificates.cert),
      folder.write('key.pem', certificates.key),
    ]);
    const broker = await bench.broker({ tls: { ...certificates, requireCertificate: true } });
    const upstream = { ca, cert, key, protocolVersion: 5 };
    await bench.gateway(broker.tlsUrl, { settings: { ...STATUS, upstream } });
    const topics = await topicsOf(broker);
    await topics.says('gw/state', (text) => text === 'online');
    const id = await statusIdOf(topics);
    await broker.logged(new RegExp(`New client connected from \\S+ as ${id} \\(p5,`));
  });
});

async function statusIdOf(topics: RetainedTopics): Promise<string> {
  const { clientId } = JSON.parse(await topics.says('gw/info', () => true));
  return statusClientId(clientId);
}

describeIn('aggregating', 'its status at the broker', () => {
  const wills = (broker: Mosquitto): number => broker.log.split('Will message specified').length - 1;

  it('is on a connection of its own, and the shared one has no will then', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: STATUS });
    await bench.client(gateway, 'a');
    const topics = await topicsOf(broker);
    await topics.has('gw/clients/a/state', { state: 'active' });
    expect(wills(broker)).toBe(1);
    const id = await statusIdOf(topics);
    await broker.logged(new RegExp(`New client connected from \\S+ as ${id} \\(`));
  });

  it('stays with the shared connection where it is not enabled', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: { status: { topicPrefix: 'gw' } } });
    await bench.client(gateway, 'a');
    const topics = await topicsOf(broker);
    await topics.says('gw/state', (text) => text === 'online');
    expect(wills(broker)).toBe(1);
    expect([...topics.all.keys()]).toEqual(['gw/state']);
    expect(broker.log).not.toMatch(/-status/);
  });
});

/** A broker that closes the connection on packets of more than so many octets: on `info`, and on nothing else that is said here. */
const CLOSES_ON_INFO = { settings: ['max_packet_size 1200'] };

describeInEachMode('a broker that closes the connection on a status topic', () => {
  it('is left with a warning, and no publish of a client suffers', async () => {
    const broker = await bench.broker(CLOSES_ON_INFO);
    const settings = { ...STATUS, upstream: { protocolVersion: 4 } };
    const gateway = await bench.gateway(broker.url, { settings });
    const peer = await bench.peer(broker, 'tp');
    const sensor = await bench.client(gateway, 'a');
    let sent = 0;
    const off = gateway.waitForNote('status-off');
    let isOff = false;
    void off.then(() => {
      isOff = true;
    });
    while (!isOff) {
      sent++;
      const msgId = sent.toString(16).padStart(4, '0');
      await sensor.exchange(`0A 0C 22 7470 ${msgId} 7879 7A`, `07 0D 7470 ${msgId} 00`);
    }
    expect((await off).topic).toBe('gw/info');
    expect(gateway.notesOf('status-down').length).toBeGreaterThanOrEqual(2);
    await peer.message(sent);
    await peer.settle();
    expect(peer.messages).toHaveLength(sent);
    expect(gateway.notesOf('upstream-down')).toEqual([]);
    expect(gateway.notesOf('shared-connection-down')).toEqual([]);
    expect(gateway.notesOf('client-disconnected')).toEqual([]);
    const { log } = broker;
    await sensor.exchange('08 0C 22 7470 FFFF 78', '07 0D 7470 FFFF 00');
    await eventually('the broker to have had it', () => broker.log.length > log.length);
    expect(broker.log.slice(log.length)).not.toMatch(/-status/);
  });
});
