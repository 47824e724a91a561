import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CidClient } from '../../support/cid-client.ts';
import { freePort } from '../../support/free-port.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { programBench } from './program-under-test.ts';

const KEYS = { sleeper: '00112233445566778899aabbccddeeff', other: 'ffeeddccbbaa99887766554433221100' };
const CONNECT = '0d0400010e10736c6565706572';
const SUBSCRIBE_CMD = '081220000263 6d64'.replace(' ', '');
const SLEEP = '04180e10';
const WAKE = '0916736c6565706572';

const program = programBench();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

/** A sensor with a connection id, over a socket. */
class Sensor {
  readonly #socket: RawSensor;
  readonly #client: CidClient;
  readonly #handshake: ReturnType<CidClient['handshake']>;

  private constructor(socket: RawSensor, identity: keyof typeof KEYS) {
    this.#socket = socket;
    const key = Buffer.from(KEYS[identity], 'hex');
    const roundTrip = (): never => {
      throw new Error('datagrams go over the socket');
    };
    this.#client = new CidClient({ identity, key, ownCid: Buffer.from('c1d2', 'hex'), roundTrip });
    this.#handshake = this.#client.handshake();
  }

  static async open(port: number, identity: keyof typeof KEYS): Promise<Sensor> {
    const socket = await RawSensor.open({ port });
    ends.push(() => socket.close());
    return new Sensor(socket, identity);
  }

  /** All of its handshake but for the gateway's last answer. */
  async begin(): Promise<void> {
    let step = this.#handshake.next();
    for (let n = 0; n < 2 && !step.done; n++) {
      this.#socket.send(step.value);
      step = this.#handshake.next([await this.#next(22)]);
    }
    this.#socket.send(step.value ?? '');
  }

  async connect(): Promise<this> {
    await this.begin();
    this.#handshake.next([await this.#next(20)]);
    return this;
  }

  say(frame: string): void {
    this.#socket.send(this.#client.record(23, Buffer.from(frame, 'hex')));
  }

  /** The next frame, as hexadecimal. */
  async hear(): Promise<string> {
    for (;;) {
      const [content] = this.#client.open(Buffer.from(await this.#next(25)));
      if (content?.type === 23) {
        return content.plain.toString('hex');
      }
    }
  }

  async ask(frame: string): Promise<string> {
    this.say(frame);
    return this.hear();
  }

  /** Types of the first records of all datagrams that have come. */
  get heard(): readonly (number | undefined)[] {
    return this.#socket.received.map(([type]) => type);
  }

  async #next(type: number): Promise<Uint8Array> {
    for (;;) {
      const datagram = await this.#socket.next();
      if (datagram[0] === type) {
        return datagram;
      }
    }
  }
}

describe('a key that is removed while its client sleeps', () => {
  it('delivers nothing to anybody until the key is back: not over the former association, nor to another key, nor to none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'key-removed-'));
    ends.push(() => rm(folder, { recursive: true }));
    const broker = await Mosquitto.start();
    ends.push(() => broker.dispose());
    const peer = await MqttPeer.connect(broker.url);
    ends.push(() => peer.close());
    const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 });
    const keys = (...identities: (keyof typeof KEYS)[]): Promise<void> =>
      write('psk.yaml', identities.map((identity) => `${identity}: ${KEYS[identity]}\n`).join(''));
    const port = await freePort();
    await keys('sleeper', 'other');
    await write(
      'gateway.yaml',
      [
        `transports: [{ type: udp, host: 127.0.0.1, port: 0 }, { type: dtls, host: 127.0.0.1, port: ${port} }]`,
        `upstream: { url: "${broker.url}" }`,
        `sessions: { path: "${join(folder, 'store')}" }`,
        'logging: { level: debug }',
        '',
      ].join('\n'),
    );
    const gateway = await program(['-c', join(folder, 'gateway.yaml')]);
    const plainPort = await gateway.ready();
    const sleeper = await (await Sensor.open(port, 'sleeper')).connect();
    expect(await sleeper.ask(CONNECT)).toBe('030500');
    expect(await sleeper.ask(SUBSCRIBE_CMD)).toMatch(/^081320....000200$/);
    expect(await sleeper.ask(SLEEP)).toBe('0218');

    await keys('other');
    gateway.kill('SIGHUP');
    await gateway.line(
      / info {2}DTLS association over: its identity has no key any more, or another one .*identity=sleeper/,
    );
    await gateway.line(/settings read again \(SIGHUP\): 1 change in effect/);
    await peer.publish('cmd', 'on', 1);

    sleeper.say(WAKE);
    await gateway.line(/DTLS record dropped: unknown-association/);
    const again = await Sensor.open(port, 'sleeper');
    await again.begin();
    await gateway.line(
      / warn {2}DTLS handshake failed: the file of keys does not have the identity .*identity=sleeper/,
    );
    const other = await (await Sensor.open(port, 'other')).connect();
    expect(await other.ask(WAKE)).toBe('0218');
    const plain = await RawSensor.open({ port: plainPort });
    ends.push(() => plain.close());
    await plain.exchange(WAKE, '02 18');
    await plain.expectNothingBefore();
    expect(again.heard).toEqual(again.heard.map(() => 22)); // not even a word that the key is wrong
    expect(gateway.output).not.toContain(KEYS.sleeper);

    await keys('sleeper', 'other');
    gateway.kill('SIGHUP');
    await gateway.lines.find(
      'the second change',
      (line) => /read again/.test(line) && gateway.output.split('read again').length === 3,
    );
    const back = await (await Sensor.open(port, 'sleeper')).connect();
    expect(await back.ask(WAKE)).toMatch(/^090c........6f6e$|^090c20........6f6e$/);
  });
});
