/** What is done with a command of a document. */
export type Way =
  /**
   * It is run, ends with this exit code (0), and says something that fits; `first` is run before it. With `again` it is run until the
   * last one that goes on says it.
   */
  | { readonly exits?: number; readonly says?: RegExp; readonly first?: string; readonly again?: RegExp }
  /** It is run (after `first`) until it says something that fits, then it gets Ctrl-C. `meanwhile` is run again and again; what it says counts too. */
  | { readonly until: RegExp; readonly meanwhile?: string; readonly first?: string }
  /** It goes on beside those that follow, as soon as it says something that fits. */
  | { readonly staysFrom: RegExp }
  /** It cannot be run here, and why. */
  | { readonly notHere: string };

/** A document with commands, and what there is before the first of them. */
export interface Page {
  readonly name: string;
  /** Commands by how they begin, in the order of the document. */
  readonly commands: readonly (readonly [begin: string, way: Way])[];
  /** Whether mosquitto runs, at broker.example. */
  readonly broker?: true;
  /** Arguments of gateways that run beside them. */
  readonly gateways?: readonly string[];
  /** Blocks of the document that are files, by the first line that they have. */
  readonly blocks?: Readonly<Record<string, string>>;
  /** Files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Commands that are run before everything else. */
  readonly before?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const READY = /MQTT-SN gateway ready/;
/** Something that is as soon as it is started. */
const AT_ONCE = /^/;

const PI = { notHere: 'changes the system of a Raspberry Pi, with apt and systemd' };
const IMAGES = { notHere: 'no images can be had where the tests run' };

const BOARD = { notHere: 'needs a toolchain, sources or a board that Debian has no package of' };

export const PAGES: readonly Page[] = [
  {
    name: 'CONTRIBUTING.md',
    commands: [['npm ci && npm test', { notHere: 'is this run of the tests' }]],
  },
  {
    name: 'README.md',
    broker: true,
    commands: [
      ['npm ci && npm start', { until: READY }],
      ['npm start -- --broker mqtt://broker.example:1883', { until: READY }],
      ['npm start', { staysFrom: READY }],
      ["mosquitto_sub -t '#' -v", { staysFrom: AT_ONCE }],
      ['node bin/mqtt-sn-gateway.js pub -i sensor-1', { again: /^sensors\/boiler\/temperature 21\.5$/m }],
      ["node bin/mqtt-sn-gateway.js sub -t 'cmd/boiler/#' -v", { staysFrom: AT_ONCE }],
      ['mosquitto_pub -t cmd/boiler/valve -m open', { again: /^cmd\/boiler\/valve open$/m }],
      ['node bin/mqtt-sn-gateway.js check-config config/gateway.yaml', { says: /upstream/ }],
      ['npm ci && npm test', { notHere: 'is this run of the tests' }],
    ],
  },
  {
    name: 'docs/access.md',
    blocks: { 'gateway.yaml': 'access:' },
    commands: [['mqtt-sn-gateway access test', { says: /granted by access rule "greenhouse"/ }]],
  },
  {
    name: 'docs/containers.md',
    commands: [
      ['podman build', IMAGES],
      ['podman run', IMAGES],
    ],
  },
  {
    name: 'docs/dtls.md',
    blocks: { 'gateway.yaml': 'transports:' },
    before: [
      'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost',
      '  -keyout gateway.pem -out certificate.pem 2>/dev/null',
      '&& cp gateway.pem sensor.key && cat certificate.pem >> gateway.pem && cp certificate.pem sensors.pem',
    ].join(' '),
    commands: [
      ['node bin/mqtt-sn-gateway.js psk add sensor-1', { says: /Key:/ }],
      ['npm start -- --config gateway.yaml', { staysFrom: READY }],
      ['node bin/mqtt-sn-gateway.js sub --dtls', { staysFrom: AT_ONCE }],
      ['node bin/mqtt-sn-gateway.js pub --dtls', { again: /^a\/b 21\.5$/m }],
      ['KEY=', { says: /03 05 00 07 0b(\s+..){5} 08 13(\s+..){6}\s+07 0d(\s+..){5}\s+02 18\s+02 17\s+02 18/ }],
      [
        'socat OPENSSL-DTLS-SERVER',
        {
          until: / 03 05 00/,
          meanwhile: [
            "{ sleep 1; env printf '\\x0a\\x04\\x04\\x01\\x00\\x3cwith'; sleep 1; } | openssl s_client -dtls1_2 -connect 127.0.0.1:8884",
            '-cert sensors.pem -key sensor.key -quiet -nocommands -no_ign_eof | od -An -v -tx1',
          ].join(' '),
        },
      ],
    ],
  },
  {
    name: 'docs/embedding.md',
    commands: [
      [
        'npm install mqtt-sn-gateway',
        { notHere: 'asks a registry; packed.test.ts installs the package from its file' },
      ],
    ],
  },
  {
    name: 'docs/grafana.md',
    gateways: [''],
    commands: [
      ['promtool check config', { says: /SUCCESS/ }],
      ['promtool check rules', { says: /SUCCESS/ }],
      [
        'prometheus --config.file=config/prometheus/prometheus.yml',
        {
          until: /^1$/m,
          meanwhile: `curl -s 'http://127.0.0.1:9090/api/v1/query?query=up' | jq -r '.data.result[].value[1]' || true`,
        },
      ],
    ],
  },
  {
    name: 'docs/http.md',
    gateways: [''],
    environment: { TOKEN: 'a-token-of-the-page', MQTTSN_HTTP_TOKEN: 'a-token-of-the-page' },
    commands: [
      [
        'curl -sN -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8884/api/v1/events?events=incident',
        { until: /event: incident/, meanwhile: 'mqtt-sn-gateway pub --topic-id 99 -m x -q 1 --quiet || true' },
      ],
      [`curl -s -H "Authorization: Bearer $TOKEN" 'http://127.0.0.1:8884/api/v1/clients?state=lost`, { exits: 0 }],
      ['curl -s -H "Authorization: Bearer $TOKEN" -H \'Content-Type: application/json\'', { says: /^$/ }],
      [
        'curl -s -H "Authorization: Bearer $TOKEN" -X DELETE',
        { says: /^$/, first: 'mqtt-sn-gateway pub -i sensor-1 -c -t a -m 1 -q 1' },
      ],
    ],
  },
  {
    name: 'docs/monitoring.md',
    gateways: [''],
    commands: [
      [
        'curl -i http://127.0.0.1:8884/readyz',
        { says: /200 OK/, first: 'curl -fsS --retry 60 --retry-delay 1 -o /dev/null http://127.0.0.1:8884/readyz' },
      ],
    ],
  },
  {
    name: 'docs/mosquitto.md',
    blocks: { 'mosquitto.conf': 'listener 8883', acl: 'user gateway', 'gateway.yaml': 'upstream:' },
    before: 'echo user root >> mosquitto.conf', // in the test's own network nobody else is there to change to
    commands: [
      ['openssl req -x509', { exits: 0 }],
      ['openssl req -newkey', { exits: 0 }],
      ['echo "subjectAltName', { exits: 0 }],
      ['openssl x509 -req', { exits: 0 }],
      ['openssl rand', { exits: 0 }],
      ['mosquitto_passwd -b -c passwords gateway', { exits: 0 }],
      ['mosquitto_passwd -b passwords anna', { exits: 0 }],
      ['mosquitto -c mosquitto.conf', { staysFrom: /mosquitto version \S+ running/ }],
      ['mqtt-sn-gateway --config gateway.yaml', { staysFrom: READY }],
      ['mosquitto_sub -h broker.example', { staysFrom: AT_ONCE }],
      ['mqtt-sn-gateway pub', { again: /^sensors\/1\/temperature 21\.5$/m }],
    ],
  },
  {
    name: 'docs/predefined-topics.md',
    commands: [
      ['npm start -- --predefined-topics config/predefined-topics.yaml', { staysFrom: READY }],
      ['node bin/mqtt-sn-gateway.js pub --topic-id 1 -m 21.5 -q -1', { exits: 0 }],
    ],
  },
  {
    name: 'docs/raspberry-pi.md',
    commands: [
      ['curl -fsSL https://deb.nodesource.com', PI],
      [
        'npm ci && npm run deb',
        { notHere: 'builds into the clone under test; debian-package.test.ts does it elsewhere' },
      ],
      ['sudo apt install ./mqtt-sn-gateway', PI],
      ['systemctl status', PI],
      ['sudo mqtt-sn-gateway check-config /etc/mqtt-sn-gateway/gateway.yaml', PI],
      ['sudo systemctl reload', PI],
      ['journalctl', PI],
      ['mqtt-sn-gateway pub -t sensors/pi', PI],
      ['sudo npm install -g', { notHere: 'installs for all users; packed.test.ts installs into a folder' }],
      ['mqtt-sn-gateway --broker', { notHere: 'is what the README does' }],
    ],
  },
  {
    name: 'docs/rabbitmq.md',
    commands: [
      ['sudo rabbitmqctl add_user', { notHere: 'changes a RabbitMQ of the system' }],
      ['sudo rabbitmqctl set_permissions', { notHere: 'changes a RabbitMQ of the system' }],
    ],
  },
  { name: 'docs/riot.md', commands: [['make -C examples/firmware/riot', BOARD]] },
  {
    name: 'docs/status-topics.md',
    files: { 'gateway.yaml': 'status: { enabled: true, requests: true }\n' },
    gateways: ['--config gateway.yaml'],
    commands: [
      [
        "mosquitto_sub -v -t 'mqtt-sn-gateway/1/#'",
        { until: /^mqtt-sn-gateway\/1\/state online\n.*\/info \{"version"/ms },
      ],
      ["mosquitto_sub -t 'mqtt-sn-gateway/1/response/#'", { staysFrom: AT_ONCE }],
      ['mosquitto_pub -t mqtt-sn-gateway/1/request/disconnect', { again: /"correlation":1/ }],
    ],
  },
  {
    name: 'docs/upgrading.md',
    broker: true,
    files: {
      'gateway.conf':
        'BrokerName=broker.example\nBrokerPortNo=1883\nGatewayPortNo=10000\nLoginID=gateway\nPassword=secret\n',
    },
    commands: [
      ['sudo systemctl stop', PI],
      ['sudo cp -a', PI],
      ['sudo systemctl start', PI],
      ['mqtt-sn-gateway import gateway.conf -o gateway.yaml', { says: /^Password is not written/m }],
      ['mqtt-sn-gateway check-config gateway.yaml', { says: /no problems/ }],
      ['mqtt-sn-gateway doctor gateway.yaml', { says: /lets the gateway in/ }],
    ],
  },
  { name: 'docs/wolfmqtt.md', commands: [['cc -o sensor examples/firmware/wolfmqtt/sensor.c', BOARD]] },
  {
    name: 'docs/zephyr.md',
    commands: [
      ['west build', BOARD],
      ['west flash', BOARD],
    ],
  },
];
