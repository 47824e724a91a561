/**
 * A transport of one's own for the MQTT-SN gateway: a packet radio (RFM69, nRF24, LoRa, …) on a microcontroller that speaks lines of text over TCP, as
 * a sketch of a page can. One line is one packet:
 *
 *   RX <node> <hex> [<rssi>]   microcontroller → gateway   a packet came from this node, heard with so many dBm
 *   TX <node> <hex>            gateway → microcontroller   send this to the node; node 255 is everybody
 *   OK / FAIL                  microcontroller → gateway   the last TX was acknowledged on the air, or was not
 *
 * To adapt it: put what your radio needs in place of the socket (`node:net`), be it `serialport`, SPI or Bluetooth. What the gateway wants of a module is
 * told in docs/own-transport.md; the types below come from there, and are checked by an editor without any step of compilation.
 *
 * In the settings:
 *
 *   transports:
 *     - type: ./line-radio.js
 *       name: barn
 *       options: { host: 192.168.1.30, port: 4403, maxPacket: 61 }
 */
import { connect } from 'node:net';

/** The version of the interface for which this was written. */
export const transportInterface = 1;

/** The address of everybody. */
const ALL = 255;
/** A line that is longer than this is noise. */
const LONGEST_LINE = 1_024;

/** @type {import('mqtt-sn-gateway').TransportModule['createTransport']} */
export function createTransport(context) {
  const { host, port, maxPacket } = checked(context.options);

  /** @type {import('node:net').Socket | undefined} */
  let socket;
  /** Who waits for OK or FAIL. The gateway sends the next frame when this one has its answer (`window` is 1). */
  /** @type {{ resolve: () => void, reject: (error: Error) => void } | undefined} */
  let answered;

  /** @param {number} node @param {Uint8Array} frame @returns {Promise<void>} */
  function transmit(node, frame) {
    return new Promise((resolve, reject) => {
      answered = { resolve, reject };
      socket?.write(`TX ${node} ${Buffer.from(frame).toString('hex')}\n`);
    });
  }

  /** @param {string} line */
  function take(line) {
    const [word, node, hex, rssi] = line.trim().split(' ');
    switch (word) {
      case 'RX': {
        if (!isNode(Number(node)) || !/^([0-9a-f]{2})+$/i.test(hex ?? '')) {
          context.discarded(line.length);
          return;
        }
        context.received(node, Buffer.from(hex, 'hex'));
        if (rssi !== undefined) {
          context.signal(node, { rssi: Number(rssi) });
        }
        return;
      }
      case 'OK':
        answered?.resolve();
        return;
      case 'FAIL':
        answered?.reject(new Error('no acknowledgement on the air'));
        return;
      default:
        context.discarded(line.length);
    }
  }

  return {
    // Resolves when frames can be exchanged. Whatever goes wrong before that is told by rejecting: the gateway tries again later.
    async open() {
      socket = await connected(host, port);
      let rest = '';
      socket.setEncoding('latin1');
      socket.on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
        for (const line of lines) {
          take(line);
        }
      });
      // Whatever goes wrong after that is told by `lost`: the gateway closes this transport and starts the module again.
      socket.on('error', (error) => context.lost(error));
      socket.on('close', () => context.lost('the microcontroller has closed the connection'));
      return {
        description: `packet radio at ${host}:${port}, packets of ${maxPacket} octets`,
        maxFrame: maxPacket,
        octetsPerSecond: 1_200, // what the air carries, so that nobody repeats what is still on its way
        overhead: 8,
      };
    },

    // The promise settles when the radio can take the next frame: until then the gateway keeps the others in their order of urgency.
    send: (address, frame) => transmit(Number(address), frame),

    // Without this function nothing would be advertised on this transport.
    broadcast: (frame) => transmit(ALL, frame),

    close() {
      socket?.removeAllListeners('close');
      socket?.destroy();
    },
  };
}

/** The options, or an `Error` that says what was expected and what was found. @param {Readonly<Record<string, unknown>>} options */
function checked({ host, port, maxPacket = 61, ...others }) {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new Error(`unknown option "${unknown}": there are host, port and maxPacket`);
  }
  if (typeof host !== 'string' || host === '') {
    throw new Error(`option host: expected the address of the microcontroller, found ${JSON.stringify(host)}`);
  }
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`option port: expected a number from 1 to 65535, found ${JSON.stringify(port)}`);
  }
  if (typeof maxPacket !== 'number' || !Number.isInteger(maxPacket) || maxPacket < 16 || maxPacket > 255) {
    throw new Error(`option maxPacket: expected a number from 16 to 255, found ${JSON.stringify(maxPacket)}`);
  }
  return { host, port, maxPacket };
}

/** @param {number} node */
function isNode(node) {
  return Number.isInteger(node) && node >= 0 && node < ALL;
}

/** @param {string} host @param {number} port @returns {Promise<import('node:net').Socket>} */
function connected(host, port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
