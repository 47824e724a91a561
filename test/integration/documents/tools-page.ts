import type { Page } from './pages.ts';

/** Keys of all who speak DTLS: `sensor-1`, and the sensors of a simulation. */
const KEYS = Array.from(
  { length: 21 },
  (_, index) => `sensor-${index}: "00112233445566778899aabbccddee${10 + index}"\n`,
);
const TOKEN = '0123456789abcdef0123456789abcdef';

/** A sensor says something; its session stays. */
const PUBLISH = 'mqtt-sn-gateway pub -i sensor-1 -c -t a/b -m 1 -q 1';

/** Has no client left: a gateway shows the frames of ten, and simulations that were ended leave more behind. */
const FORGET = [
  'ask() { curl -sf -H "Authorization: Bearer $MQTT_SN_GATEWAY_TOKEN" "$@"; }',
  'url=http://127.0.0.1:8884/api/v1/clients',
  "for id in $(ask $url?limit=1000 | jq -r '.items[].clientId'); do ask -X DELETE $url/$id; done",
].join('\n');

/** A simulation goes: the gateway has its clients. */
const simulates = (clients: RegExp): { until: RegExp; meanwhile: string } => ({
  until: clients,
  meanwhile: 'mqtt-sn-gateway clients',
});

export const TOOLS: Page = {
  name: 'docs/tools.md',
  blocks: { 'site.yaml': 'duration:' },
  files: {
    token: TOKEN,
    'psk.yaml': KEYS.join(''),
    'first.yaml': `http: { tokenFile: token }\ntransports: [{ type: udp }, { type: dtls, keys: psk.yaml }]\nsessions: { path: memory }\n`,
    'dump.txt': '0000  0b 0c 20 00 01 00 02 32 31 2e 35\n',
  },
  before: [
    'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=gateway.example',
    '  -addext subjectAltName=DNS:gateway.example -keyout gateway.key -out gateway.crt 2>/dev/null',
    '&& text2pcap -q -u 10000,10000 dump.txt site.pcapng',
    '&& hash=$(echo annas-password | mqtt-sn-gateway hash-password)',
    '&& printf "%s\\n"',
    '"http: { host: 127.0.0.3, allowedHosts: [gateway.example], cert: gateway.crt, key: gateway.key, users: [{ name: anna, passwordHash: \'$hash\' }] }"',
    "'transports: [{ type: udp, port: 1885, host: 127.0.0.3 }]' 'broker: { port: 2883 }' 'sessions: { path: memory }' > second.yaml",
  ].join(' '),
  gateways: ['--config first.yaml', '--config second.yaml'],
  environment: { MQTT_SN_GATEWAY_PASSWORD: 'annas-password', MQTT_SN_GATEWAY_TOKEN: TOKEN },
  commands: [
    ['mqtt-sn-gateway pub -h 192.168.1.2', { exits: 0 }],
    [
      "mqtt-sn-gateway sub -h 192.168.1.2 -t 'sensors/#' -v",
      { until: /^sensors\/2 7$/m, meanwhile: 'mqtt-sn-gateway pub -t sensors/2 -m 7' },
    ],
    ['socat pty', { until: /there/, meanwhile: 'test ! -e ~/sensor-end || echo there' }],
    [
      "mqtt-sn-gateway sub -h 192.168.1.2 -i sensor-1 -t 'cmd/#' -q 1 --sleep 30s",
      { until: /asleep/, meanwhile: 'mqtt-sn-gateway client sensor-1' },
    ],
    ['mqtt-sn-gateway search', { says: /1884/ }],
    ['mqtt-sn-gateway search 192.168.1.255 gateway.example:1885 --wait 5', { says: /1885/ }],
    ['mqtt-sn-gateway ping -h 192.168.1.2 --count 10', { exits: 0 }],
    ['mqtt-sn-gateway status', { exits: 0 }],
    ['mqtt-sn-gateway clients --state lost', { exits: 0 }],
    ['mqtt-sn-gateway client sensor-1', { says: /sensor-1/, first: PUBLISH }],
    ['mqtt-sn-gateway trace sensor-1 --token-file token', { until: /PUBLISH/, meanwhile: PUBLISH }],
    [
      'mqtt-sn-gateway disconnect sensor-1 --token-file token',
      {
        first: [
          '(mqtt-sn-gateway sub -i sensor-1 -t a/b >sub.txt 2>&1 &)',
          "until mqtt-sn-gateway client sensor-1 | grep -q '^State *active'; do sleep 0.2; done",
        ].join('\n'),
      },
    ],
    ['mqtt-sn-gateway forget sensor-1 --token-file token', { says: /is forgotten/, first: PUBLISH }],
    ['mqtt-sn-gateway reload --url https://gateway.example:8884', { exits: 0 }],
    ['mqtt-sn-gateway simulate -h 192.168.1.2', simulates(/sim-/)],
    ['mqtt-sn-gateway simulate --sleepers 5', simulates(/sim-/)],
    [
      'mqtt-sn-gateway simulate --serial /dev/ttyUSB0',
      { notHere: 'wants a real line; simulate-and-capture.test.ts goes over a pseudo-terminal' },
    ],
    ['mqtt-sn-gateway simulate --dtls', simulates(/dtls/)],
    ['mqtt-sn-gateway simulate site.yaml --json', simulates(/sim-/)],
    ['mqtt-sn-gateway decode 0b 0c', { says: /PUBLISH/ }],
    ["mqtt-sn-gateway decode '20260504 CONNECT", { says: /CONNECT.*sensor-1/s }],
    ['mqtt-sn-gateway decode site.pcapng --port 10000', { says: /PUBLISH/ }],
    ['mqtt-sn-gateway decode - < dump.txt', { says: /PUBLISH/ }],
    [
      'mqtt-sn-gateway capture --pcap site.pcapng --token-file token',
      {
        first: FORGET,
        until: /there/,
        meanwhile: [
          'mqtt-sn-gateway simulate --publishers 3 --interval 200ms --messages 15 --id-prefix s- --quiet',
          'test $(stat -c %s site.pcapng) -lt 600 || echo there',
        ].join('\n'),
      },
    ],
    [
      'mqtt-sn-gateway capture --pcap - sensor-1 | tshark',
      {
        first: PUBLISH,
        until: /PUBLISH|Publish/,
        meanwhile: PUBLISH,
      },
    ],
    ['tshark -d udp.port==1884,mqttsn -r site.pcapng', { says: /MQTT-SN/ }],
  ],
};
