/**
 * What one message costs in the core, and whether the number of clients matters. Whole figures depend on the machine; the ratios, taken
 * in one run, are what counts. `npm run build && node test/bench/core.mjs`
 */
import { decode } from '../../dist/codec/decode.js';
import { DEFAULT_CORE_SETTINGS } from '../../dist/core/contract/core-settings.js';
import { GatewayCore } from '../../dist/core/gateway-core.js';

const ROUNDS = 5;
const MESSAGES = 200_000;
const MANY = 100_000;

/** A short-form frame: MsgType and what follows in hexadecimal, then a text. */
function frame(hex, text = '') {
  const body = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from(text)]);
  return Buffer.concat([Buffer.of(body.length + 1), body]);
}

/** As from the UDP transport: the same link and peer again for each frame of a client. */
const senders = Array.from({ length: MANY }, (_, n) => ({
  link: `udp:${n}`,
  peer: { transport: 'udp', host: `${n}`, address: `${n}` },
}));

/** A frame of client `n`. */
function received(n, frame) {
  const { link, peer } = senders[n];
  return { type: 'frame-received', link, peer, frame };
}

function gatewayWith(clients) {
  const core = new GatewayCore({
    settings: { ...DEFAULT_CORE_SETTINGS, sessions: { ...DEFAULT_CORE_SETTINGS.sessions, limit: clients } },
    predefinedTopics: new Map(),
    random: () => 0.5,
  });
  core.handle({ type: 'transport-opened', transport: 'udp', maxFrame: 1472, broadcast: false }, 0);
  for (let n = 0; n < clients; n++) {
    core.handle(received(n, frame('04040104b0', `client-${n}`)), n / 1000);
    core.handle({ type: 'upstream-connected', connection: n + 1, sessionPresent: false }, n / 1000);
    core.handle(received(n, frame('0a00000001', 'sensors/temperature')), n / 1000);
  }
  return core;
}

/** Nanoseconds for each call, the median of some rounds. */
function measure(run) {
  const results = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let n = 0; n < MESSAGES; n++) {
      run(n);
    }
    results.push(Number(process.hrtime.bigint() - start) / MESSAGES);
  }
  return results.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

const qos0 = frame('0c0000010000', '21.5');
const qos1 = frame('0c2000010002', '21.5');

function publishQos0(core, clients) {
  return measure((n) => core.handle(received(n % clients, qos0), 1000 + n / 1000));
}

function publishQos1(core, clients) {
  return measure((n) => {
    const now = 2000 + n / 1000;
    const effects = core.handle(received(n % clients, qos1), now);
    const publish = effects.find(({ type }) => type === 'upstream-publish');
    const { connection, packetId } = publish;
    core.handle({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBACK', reasonCode: 0 }, now);
  });
}

const few = gatewayWith(100);
const before = process.memoryUsage().heapUsed;
const many = gatewayWith(MANY);
const heap = process.memoryUsage().heapUsed - before;
const baseline = measure(() => decode(qos0));

const rows = [
  ['decode of a PUBLISH', baseline],
  ['PUBLISH QoS 0, 100 clients', publishQos0(few, 100)],
  [`PUBLISH QoS 0, ${MANY} clients`, publishQos0(many, MANY)],
  ['PUBLISH QoS 1 and PUBACK, 100 clients', publishQos1(few, 100)],
  [`PUBLISH QoS 1 and PUBACK, ${MANY} clients`, publishQos1(many, MANY)],
];
for (const [name, nanoseconds] of rows) {
  console.log(
    `${name.padEnd(42)} ${nanoseconds.toFixed(0).padStart(6)} ns   ${(nanoseconds / baseline).toFixed(1).padStart(6)} × decode`,
  );
}
console.log(`heap for each connected client with one topic: ${(heap / MANY / 1024).toFixed(1)} KiB`);
