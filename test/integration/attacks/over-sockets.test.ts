import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { DtlsClientTransport } from '../../../src/client/dtls-client-transport.ts';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { Collected } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, gathered } from '../../support/modes.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

const KEYS = { alice: '00112233445566778899aabbccddeeff', mallory: 'ffeeddccbbaa99887766554433221100' };

/** Somebody with a key, as `pub` and `sub` have it. */
class Keyed {
  readonly #transport: DtlsClientTransport;
  readonly #heard = new Collected<Uint8Array>('frames of the gateway');
  #taken = 0;

  constructor(gateway: GatewayUnderTest, identity: keyof typeof KEYS) {
    const key = Buffer.from(KEYS[identity], 'hex');
    this.#transport = new DtlsClientTransport({ host: '127.0.0.1', port: gateway.port('dtls'), identity, key });
    this.#transport.onFrame((received) => this.#heard.add(received));
    this.#transport.onError(() => undefined); // the gateway has ended
    bench.cleanUp(() => this.#transport.close());
  }

  async open(): Promise<this> {
    await this.#transport.open();
    return this;
  }

  send(hex: string): void {
    this.#transport.send(octetsOf(hex));
  }

  async expect(pattern: string): Promise<string> {
    const received = hexOf(await this.#heard.nth(++this.#taken)).replaceAll(' ', '');
    expect(received).toMatch(new RegExp(`^${pattern}$`));
    return received;
  }

  async exchange(hex: string, pattern: string): Promise<string> {
    this.send(hex);
    return this.expect(pattern);
  }
}

describeInEachMode('the session of a sensor with a key, over real sockets and a restart (I-117)', () => {
  it('is woken, taken and ended by that one alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attacks-'));
    bench.cleanUp(() => rm(folder, { recursive: true }));
    const psk = Object.entries(KEYS)
      .map(([identity, key]) => `${identity}: ${key}\n`)
      .join('');
    const settings = {
      transports: [
        { type: 'udp', host: '127.0.0.1', port: 0 },
        { type: 'dtls', host: '127.0.0.1', port: 0 },
      ],
      sessions: { path: join(folder, 'sessions') },
      upstream: { gatewayClientId: 'mqtt-sn-gw-1-abcdef' },
    };
    const broker = await bench.broker();
    const peer = await bench.peer(broker);
    const first = await bench.gateway(broker.url, { settings, psk });
    const alice = await new Keyed(first, 'alice').open();
    await alice.exchange(connectFrame('v', false, 1_000), '030500');
    await alice.exchange(frame('12 20 0700', 'c/d'), '08132000010700' + '00');
    await alice.exchange(frame('18 0e10'), '0218');
    await first.stop();

    const second = await bench.gateway(broker.url, { settings, psk });
    await second.waitForNote('sessions-restored');
    await peer.publish('c/d', 'secret', 1);
    await gathered(broker, 'v', 1);
    const plain = await bench.sensor(second);
    const mallory = await new Keyed(second, 'mallory').open();
    await plain.exchange(frame('16', 'v'), '02 18');
    await plain.exchange(connectFrame('v', false, 1_000), '03 05 03');
    await plain.exchange(`06 fe 00 01 02 03 ${frame('16', 'v')}`, '06 fe .. 01 02 03 02 18');
    await mallory.exchange(frame('16', 'v'), '0218');
    await mallory.exchange(connectFrame('v', true, 1_000), '030503');
    expect(second.notesOf('client-refused').map(({ reason }) => reason)).toEqual(
      new Array(2).fill('its client id belongs to another identity'),
    );
    const again = await new Keyed(second, 'alice').open();
    const message = await again.exchange(frame('16', 'v'), `0d0c200001....${Buffer.from('secret').toString('hex')}`);
    await again.exchange(`07 0d 0001 ${message.slice(10, 14)} 00`, '0217');
    await plain.expectNothingBefore();
  });
});
