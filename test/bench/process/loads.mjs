/** The loads, by name. Times are in seconds; `clients` and `rounds` are those of a whole run. */

const UPLINK = { kind: 'uplink', window: 0 };

/**
 * @typedef {object} Load
 * @property {string} name for `--loads`
 * @property {string} title what the table says
 * @property {string} kind which of the generator's
 * @property {number} clients
 * @property {'relay' | 'echo' | undefined} floor what it is compared with: the relay where that can carry it
 * @property {boolean} [restarts] the gateway is started again with the sessions that the load left
 * @property {boolean} [line] goes over a serial line
 * @property {boolean} [secure] goes over DTLS, and over plain UDP as well, by turns
 * @property {boolean} [sleeps] there are sleeping clients
 * @property {number} [senders] so many of the clients have a message under way at any time
 * @property {number} [sessions] more sessions than the default allows
 * @property {string} [only] the mode that can carry it
 * @property {number} [pairs] of so many windows, each of them twice: with somebody who looks at the one gateway, and at the other
 */

/** @type {readonly Load[]} */
export const LOADS = [
  {
    name: 'qos0-1',
    title: 'PUBLISH QoS 0, 1 client, 32 under way',
    ...UPLINK,
    qos: 0,
    clients: 1,
    window: 32,
    floor: 'relay',
  },
  {
    name: 'qos0-100',
    title: 'PUBLISH QoS 0, 100 clients, 200 under way',
    ...UPLINK,
    qos: 0,
    clients: 100,
    window: 200,
    floor: 'relay',
  },
  { name: 'qos1-1', title: 'PUBLISH QoS 1, 1 client', ...UPLINK, qos: 1, clients: 1, floor: 'relay' },
  { name: 'qos1-100', title: 'PUBLISH QoS 1, 100 clients', ...UPLINK, qos: 1, clients: 100, floor: 'relay' },
  { name: 'qos1-1000', title: 'PUBLISH QoS 1, 1,000 clients', ...UPLINK, qos: 1, clients: 1000, floor: 'relay' },
  { name: 'qos2-1', title: 'PUBLISH QoS 2, 1 client', ...UPLINK, qos: 2, clients: 1, floor: 'relay' },
  { name: 'qos2-100', title: 'PUBLISH QoS 2, 100 clients', ...UPLINK, qos: 2, clients: 100, floor: 'relay' },
  { name: 'qos2-1000', title: 'PUBLISH QoS 2, 1,000 clients', ...UPLINK, qos: 2, clients: 1000, floor: 'relay' },
  {
    name: 'qos2-kept',
    title: 'PUBLISH QoS 2, 50 persistent clients',
    ...UPLINK,
    qos: 2,
    clients: 50,
    persistent: true,
    floor: 'relay',
  },
  { name: 'down0', title: 'delivery QoS 0, 100 clients', kind: 'downlink', qos: 0, clients: 100, floor: 'relay' },
  { name: 'down1', title: 'delivery QoS 1, 100 clients', kind: 'downlink', qos: 1, clients: 100, floor: 'relay' },
  { name: 'down2', title: 'delivery QoS 2, 100 clients', kind: 'downlink', qos: 2, clients: 100, floor: 'relay' },
  {
    name: 'fan-out',
    title: 'one message to 1,000 subscribers',
    kind: 'fanOut',
    qos: 1,
    clients: 1000,
    rounds: 50,
    floor: 'relay',
  },
  { name: 'mixed', title: 'mixed site, 1,000 clients', kind: 'mixedSite', clients: 1000, minute: 3, sleeps: true },
  {
    name: 'connect-storm',
    title: 'connect storm, 1,000 clients',
    kind: 'connectStorm',
    clients: 1000,
    rounds: 5,
    floor: 'relay',
  },
  {
    name: 'wake-up-storm',
    title: 'wake-up storm, 1,000 sleepers × 5',
    kind: 'wakeUpStorm',
    clients: 1000,
    each: 5,
    rounds: 3,
    sleeps: true,
  },
  { name: 'capacity', title: 'capacity, 9,500 clients', kind: 'capacity', clients: 9500, floor: 'relay' },
  {
    name: 'start',
    title: 'start with 9,500 sleepers',
    kind: 'capacity',
    clients: 9500,
    asleep: true,
    stays: true,
    restarts: true,
    sleeps: true,
  },
  {
    name: 'sleepers',
    title: '100,000 sleepers behind forwarders',
    ...{ kind: 'capacity', clients: 100_000, behind: 1000, asleep: true, sleeps: true },
    ...{ sessions: 200_000, only: 'aggregating' },
  },
  {
    name: 'start-many',
    title: 'start with 100,000 sleepers',
    ...{ kind: 'capacity', clients: 100_000, behind: 1000, asleep: true, sleeps: true, stays: true, restarts: true },
    ...{ sessions: 200_000, only: 'aggregating' },
  },
  {
    name: 'among-many',
    title: 'PUBLISH QoS 1, 100,000 clients by turns',
    ...{ kind: 'amongMany', clients: 100_000, senders: 100, sessions: 200_000, only: 'aggregating' },
  },
  {
    name: 'watched',
    title: '1,000 messages/s of 5,000 clients, watched',
    ...{ kind: 'watched', clients: 5000, rate: 1000, pairs: 10 },
  },
  {
    name: 'dtls-handshakes',
    title: 'DTLS handshake and CONNECT, 1,000 clients',
    kind: 'handshakes',
    clients: 1000,
    secure: true,
  },
  {
    name: 'dtls-qos0',
    title: 'DTLS, QoS 0, 100 clients, 200 under way',
    ...UPLINK,
    qos: 0,
    clients: 100,
    window: 200,
    secure: true,
  },
  { name: 'dtls-qos1', title: 'DTLS, QoS 1, 1,000 clients', ...UPLINK, qos: 1, clients: 1000, secure: true },
  {
    name: 'dtls-steady',
    title: 'DTLS, QoS 1 at 1,000/s, 1,000 clients',
    ...{ kind: 'steady', clients: 1000, rate: 1000, secure: true },
  },
  {
    name: 'dtls-down1',
    title: 'DTLS, delivery QoS 1, 100 clients',
    kind: 'downlink',
    qos: 1,
    clients: 100,
    secure: true,
  },
  { name: 'dtls-capacity', title: 'DTLS, capacity, 1,000 clients', kind: 'capacity', clients: 1000, secure: true },
  { name: 'serial', title: 'PUBLISH QoS 1, serial line, 115,200 baud', kind: 'serial', qos: 1, clients: 1, line: true },
];

/** What stands below all of it. */
export const ECHOES = [
  { name: 'echo-1', title: 'echo, 1 client, 32 under way', kind: 'echo', clients: 1, window: 32 },
  { name: 'echo-100', title: 'echo, 100 clients, 200 under way', kind: 'echo', clients: 100, window: 200 },
];

/**
 * Of loads in pairs: how long a change takes to settle, and how long a window is, in seconds. Two windows in a row that one gateway is watched in have, with
 * these of a whole run, what the page and Prometheus ask for in 10 s: two answers of `/metrics` and one of the last hour.
 */
const OF_PAIRS = { whole: [3, 5], quick: [3, 5], smoke: [0.05, 0.2] };

const SIZES = {
  whole: {
    warmUp: 2,
    warmMessages: 10_000,
    duration: 5,
    rest: 1,
    clients: Number.POSITIVE_INFINITY,
    rounds: Number.POSITIVE_INFINITY,
  },
  quick: { warmUp: 1, warmMessages: 5_000, duration: 2, rest: 0.5, clients: 2000, rounds: 20 },
  smoke: { warmUp: 0.05, warmMessages: 0, duration: 0.1, rest: 0, clients: 10, rounds: 1 },
};

/**
 * A load as large as it is to be.
 * @param {Load} load
 * @param {'whole' | 'quick' | 'smoke'} size
 * @param {number} [pairs] of a load in pairs; as many as it wants
 */
export function sized(load, size, pairs) {
  const { warmUp, warmMessages, duration, rest, clients, rounds } = SIZES[size];
  const few = Math.min(load.clients, clients);
  return {
    ...load,
    ...{ warmUp, duration, rest, clients: few },
    // A serial line would take minutes.
    warmMessages: load.line ? 0 : warmMessages,
    // A small site has to say something in that time.
    ...(load.minute !== undefined && { minute: size === 'smoke' ? 0.1 : load.minute }),
    ...(load.senders !== undefined && { senders: Math.min(load.senders, Math.ceil(few / 2)) }),
    ...(load.pairs !== undefined && {
      ...{ settle: OF_PAIRS[size][0], duration: OF_PAIRS[size][1] },
      pairs: pairs ?? load.pairs,
    }),
    ...(load.rounds !== undefined && { rounds: Math.min(load.rounds, rounds) }),
    title: few === load.clients ? load.title : `${load.title} (${few})`,
  };
}
