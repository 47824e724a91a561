import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { initialSettings } from '../../../../src/cli/init-command.ts';
import { migrate } from '../../../../src/config/migrate/migrate.ts';
import { completeSettings, settingsSchema } from '../../../../src/config/schema.ts';
import { settingsText, topicsText } from '../../../../src/config/settings-text.ts';

const PAHO = `
#LoginID=nobody
GatewayID=7
GatewayName=Somewhere
MaxNumberOfClients=30;
KeepAlive=900
LoginID=me
Password=hush
BrokerName=broker.example
BrokerPortNo=1883
BrokerSecurePortNo=8883
AggregatingGateway=NO
QoS-1=YES
Forwarder=YES
PredefinedTopic=YES
ClientAuthentication=YES
ClientsList=clients.conf
PredefinedTopicList=topics.conf
GatewayPortNo=10000
MulticastPortNo=1883
MulticastIP=225.1.1.1
MulticastTTL=1
Baudrate=38400
SerialDevice=/dev/ttyUSB0
ApiMode=2
RFCOMMAddress=60:57:18:06:8B:72
`;
const CLIENTS = `# a list
c1, 172.16.1.11:2001
q1,172.16.1.12:2002,unstableLine,QoS-1
f1,172.16.1.13:2003,forwarder
`;

/** Settings as they would be read; throws where one of them is none. */
const read = (settings: unknown) => completeSettings(settingsSchema.parse(settings));

describe('a configuration file of EMQX', () => {
  it.each(['gateway.mqttsn {\n  gateway_id = 1\n}\n', 'gateway {\n  mqttsn {\n  }\n}\n'])(
    'is said to be none that is read, and what is: %j',
    (text) => {
      expect(() => migrate(text, () => undefined)).toThrow('/api/v5/gateways/mqttsn');
    },
  );
});

describe("settings of Eclipse Paho's gateway", () => {
  const { settings, notes } = migrate(PAHO, (path) => (path === 'clients.conf' ? CLIENTS : undefined));

  it('are ours: broker, transports, forwarders, who may connect, topics', () => {
    expect(settings).toEqual({
      gateway: { id: 7, advertiseInterval: '900s' },
      upstream: { url: 'mqtt://broker.example:1883', username: 'me' },
      transports: [
        {
          type: 'udp',
          port: 10_000,
          multicast: { group: '225.1.1.1', port: 1883, ttl: 1 },
          forwarders: ['172.16.1.13'],
        },
        { type: 'xbee', path: '/dev/ttyUSB0', baudRate: 38_400, apiMode: 2 },
      ],
      access: {
        rules: [
          { host: '172.16.1.11', clientId: ['c1'], connect: true, publish: ['#'], subscribe: ['#'] },
          { host: '172.16.1.12', qosMinus1: true, publish: ['#'] },
        ],
      },
      clients: { qosMinus1From: ['172.16.1.12'] },
      predefinedTopics: 'topics.conf',
    });
    expect(read(settings).upstream.url).toBe('mqtt://broker.example:1883');
  });

  it('have no password in what is written, and say what is left behind', () => {
    expect(JSON.stringify(settings)).not.toContain('hush');
    expect(notes).toEqual([
      expect.stringContaining('MQTTSN_UPSTREAM_PASSWORD'),
      expect.stringContaining('client id and address'),
      'RFCOMMAddress=60:57:18:06:8B:72 is not carried over.',
    ]);
  });

  it('with TLS, and a list that cannot be read', () => {
    const other = migrate(
      'BrokerName=b\nBrokerSecurePortNo=8883\nRootCAfile=/etc/ca.pem\nClientAuthentication=YES\nClientsList=x.conf\nGatewayIPv6PortNo=10000\n',
      () => undefined,
    );
    expect(other.settings).toEqual({
      upstream: { url: 'mqtts://b:8883', ca: '/etc/ca.pem' },
      transports: [{ type: 'udp', host: '::', port: 10_000 }],
    });
    expect(other.notes[0]).toContain('x.conf');
  });
});

describe('settings of bisquitt', () => {
  it.each([
    [
      'its command line',
      'bisquitt --mqtt-host broker.example --mqtt-port=1884 --mqtt-user me --mqtt-password hush --port 1883 --predefined-topic "s1;a/b;1" --predefined-topic "c/d;2" --auth',
    ],
    [
      'its environment',
      'MQTT_HOST=broker.example\nMQTT_PORT=1884\nMQTT_USER="me"\nMQTT_PASSWORD=hush\nPORT=1883\nPREDEFINED_TOPIC=s1;a/b;1,c/d;2\nAUTH=true\n',
    ],
  ])('are ours, from %s', (_what, text) => {
    const { settings, topics, notes } = migrate(text, () => undefined);
    expect(settings).toEqual({
      upstream: { url: 'mqtt://broker.example:1884', username: 'me' },
      transports: [{ type: 'udp', port: 1883 }],
    });
    expect(read(settings).transports).toHaveLength(1);
    expect(topics).toEqual(
      new Map([
        ['s1', new Map([[1, 'a/b']])],
        ['*', new Map([[2, 'c/d']])],
      ]),
    );
    expect(JSON.stringify([settings, notes])).not.toContain('hush');
    expect(notes).toEqual([expect.stringContaining('password'), expect.stringMatching(/^auth: /)]);
  });
});

describe('settings of EMQX', () => {
  const gateway = {
    gateway_id: 3,
    mountpoint: 'site/$' + '{clientid}/',
    enable_qos3: false,
    predefined: [{ id: 1, topic: 'a/b' }],
    listeners: [
      { type: 'udp', bind: '127.0.0.1:1884' },
      { type: 'dtls', bind: '1885' },
    ],
    clientinfo_override: { username: 'me', password: 'hush' },
  };

  it.each([
    ['of its API', gateway],
    ['of an export', { gateway: { mqttsn: gateway } }],
  ])('are ours, from the JSON %s', (_what, json) => {
    const { settings, topics, notes } = migrate(JSON.stringify(json), () => undefined);
    expect(settings).toEqual({
      gateway: { id: 3 },
      upstream: { username: 'me', topicPrefix: 'site/%c/' },
      transports: [
        { type: 'udp', host: '127.0.0.1', port: 1884 },
        { type: 'dtls', port: 1885, keys: 'psk.yaml' },
      ],
      clients: { qosMinus1: false },
    });
    expect(topics).toEqual(new Map([['*', new Map([[1, 'a/b']])]]));
    expect(notes).toEqual([expect.stringContaining('psk add'), expect.stringContaining('upstream.url')]);
  });

  it('are ours, from the file of the plugin before it', () => {
    const { settings, topics } = migrate(
      'mqtt.sn.port = 1884\nmqtt.sn.advertise_duration = 900\nmqtt.sn.gateway_id = 1\nmqtt.sn.enable_qos3 = off\nmqtt.sn.predefined.topic.0 = reserved\nmqtt.sn.predefined.topic.1 = /a\n',
      () => undefined,
    );
    expect(settings).toEqual({
      gateway: { id: 1, advertiseInterval: '900s' },
      transports: [{ type: 'udp', port: 1884 }],
      clients: { qosMinus1: false },
    });
    expect(topics).toEqual(new Map([['*', new Map([[1, '/a']])]]));
    expect(read(settings).gateway.id).toBe(1);
  });
});

describe("settings of cc.mqttsn's gateway", () => {
  it('are ours', () => {
    const { settings, topics, notes } = migrate(
      '# general\nmqttsn_gw_id 2\nmqttsn_advertise 60\nmqttsn_retry_period 5 # s\nmqttsn_retry_count 4\nmqttsn_predefined_topic * a/b 1\nmqttsn_broker tcp 10.0.0.1 1884\nmqttsn_auth s1 me hush\n',
      () => undefined,
    );
    expect(settings).toEqual({
      gateway: { id: 2, advertiseInterval: '60s' },
      upstream: { url: 'mqtt://10.0.0.1:1884' },
      timing: { retryInterval: '5s', retryCount: 4 },
    });
    expect(read(settings).timing.retryCount).toBe(4);
    expect(topics).toEqual(new Map([['*', new Map([[1, 'a/b']])]]));
    expect(notes[0]).toContain('upstream.credentials');
    expect(notes.join()).not.toContain('hush');
  });
});

describe('a file of nobody', () => {
  it('is refused, with those that are known', () => {
    expect(() => migrate('hello: world\n', () => undefined)).toThrow(/Eclipse Paho.*bisquitt.*EMQX.*cc\.mqttsn/);
  });
});

describe('settings as a file', () => {
  it('are what they were, with words about them', () => {
    const settings = { upstream: { url: 'mqtt://a', username: '# me' }, transports: [{ type: 'udp', port: 1884 }] };
    const text = settingsText(settings, { lines: ['Made by a test.'] });
    expect(parse(text)).toEqual(settings);
    expect(text).toMatch(/^# Made by a test\.\n/);
    expect(text).toMatch(/url: mqtt:\/\/a # Broker to which everything is forwarded\./);
    expect(parse(topicsText(new Map([['*', new Map([[1, 'a/b']])]]), 'x'))).toEqual({ '*': { 1: 'a/b' } });
  });

  it('are made from the options of init, and are right', () => {
    const made = initialSettings({
      broker: 'mqtts://broker.example',
      username: 'me',
      'password-file': 'broker-password',
      serial: ['/dev/ttyUSB0', 'tcp://10.0.0.2:3333'],
      xbee: ['/dev/ttyUSB1'],
      'home-assistant': true,
    });
    expect(parse(made)).toEqual({
      upstream: { url: 'mqtts://broker.example', username: 'me', passwordFile: 'broker-password' },
      transports: [
        { type: 'udp', port: 1884 },
        { type: 'serial', path: '/dev/ttyUSB0', baudRate: 115_200 },
        { type: 'serial', path: 'tcp://10.0.0.2:3333' },
        { type: 'xbee', path: '/dev/ttyUSB1', baudRate: 38_400, apiMode: 2 },
      ],
      homeAssistant: { enabled: true },
    });
    expect(read(parse(made)).transports).toHaveLength(4);
    expect(read(parse(initialSettings({}))).transports).toHaveLength(1);
  });
});
