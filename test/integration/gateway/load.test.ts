import { expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';
import { numbers } from '../../support/numbers.ts';
import { octetsOf, type RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

describeInEachMode('200 clients at once', () => {
  it('connect, register, publish and subscribe, and everything arrives', async () => {
    const broker = await bench.broker({ maxQueuedMessages: 10_000 });
    const gateway = await bench.gateway(broker.url);
    const peer = await bench.peer(broker, 'up/#');
    const names = Array.from({ length: 200 }, (_, n) => `sensor-${n}`);
    const sensors = await Promise.all(names.map((name) => bench.client(gateway, name)));
    expect(gateway.sessionCount).toBe(200);

    await Promise.all(
      sensors.map(async (sensor, n) => {
        await sensor.exchange(frame('0a 0000 0001', `up/${n}`), '07 0B 00 01 00 01 00');
        await sensor.exchange(frame('0c 20 0001 0002', `from ${n}`), '07 0D 00 01 00 02 00');
        await sensor.exchange(frame('12 20 0003', 'cmd/all'), '08 13 20 00 02 00 03 00');
      }),
    );
    await peer.message(200);
    expect(peer.messages.map(({ topic, payload }) => `${topic} ${payload}`).sort()).toEqual(
      names.map((_, n) => `up/${n} from ${n}`).sort(),
    );

    await peer.publish('cmd/all', 'on', 1);
    // Each sensor has one datagram under way at a time: more than 277 small ones do not fit into a socket's usual buffer.
    await Promise.all(
      sensors.map(async (sensor) => {
        await sensor.expect('09 0C 20 00 02 00 01 6F 6E');
        sensor.send('07 0D 00 02 00 01 00');
      }),
    );
    await eventually('200 deliveries', () => gateway.notesOf('delivered').length === 200);
    await Promise.all(sensors.map((sensor) => sensor.exchange('02 18', '02 18')));
    expect(gateway.notesOf('client-lost')).toEqual([]);
  });
});

describeInEachMode('strangers', () => {
  it('without a valid CONNECT open no connection to the broker (2.2, field notes 31)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const strangers = await Promise.all(Array.from({ length: 5 }, () => bench.sensor(gateway)));
    const frames = [
      '', // an empty datagram
      '01 00 04', // truncated
      '02 16 00', // too long
      '02 03', // reserved type
      '05 04 04 01 00', // CONNECT without ClientId field
      '06 04 04 01 00 3C', // CONNECT with empty ClientId (T-01)
      '07 04 04 02 00 3C 61', // CONNECT of another protocol (C-6)
      '08 04 04 01 00 3C C3 28', // CONNECT, ClientId not UTF-8 (T-02)
      '0A 04 0C 01 00 3C 77 69 6C 6C', // CONNECT that never finishes its will dialogue
      '0B 0C 20 00 01 00 02 32 31 2E 35', // PUBLISH of nobody (T-10)
      '07 12 22 00 07 74 70', // SUBSCRIBE of nobody
      '09 0C 61 00 0A 00 00 34 32', // QoS −1 to an unknown id
      '02 16', // PINGREQ of nobody
      '02 18', // DISCONNECT of nobody
      '04 18 01 2C', // sleep of nobody (T-31)
      '07 0D 00 01 00 02 00', // PUBACK to nothing
      '05 FE 00 12 34 02 16', // behind a forwarder
    ];
    for (const sensor of strangers) {
      for (const octets of frames) {
        sensor.send(octets);
      }
    }
    await eventually('all of it', () => gateway.framesReceived === strangers.length * frames.length);
    await bench.client(gateway, 'sensor-1');
    await gateway.connected();
    expect(broker.log.match(/New connection from/g)).toHaveLength(2); // that of the gateway, and that of sensor-1 or of all clients
  });

  it('flooding the gateway with 20,000 datagrams of garbage do not disturb a client', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const peer = await bench.peer(broker, 'up/temp');
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 01 00 01 00');
    await sensor.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 02 00 01 00');
    const strangers = await Promise.all(Array.from({ length: 20 }, () => bench.sensor(gateway)));

    let working = true;
    let rounds = 0;
    const flood = floodFrom(strangers, gateway, () => rounds < ROUNDS).finally(() => {
      working = false;
    });
    for (; working; rounds += 1) {
      await sensor.exchange('08 0C 20 00 01 00 02 31', '07 0D 00 01 00 02 00');
      await sensor.exchange('02 16', '02 17');
      await peer.publish('cmd/led', 'on', 1);
      const publish = await sensor.expect('09 0C 20 00 02 .. .. 6F 6E');
      sensor.send(Uint8Array.of(7, 0x0d, ...publish.subarray(3, 7), 0));
    }
    await flood;
    await peer.message(rounds);
    expect(rounds).toBeGreaterThanOrEqual(ROUNDS);
    expect(gateway.sessionCount).toBe(1);
    expect(gateway.notesOf('client-lost')).toEqual([]);
    expect(broker.log.match(/New connection from/g)).toHaveLength(3); // those of the gateway, of sensor-1 or of all clients, and of the peer
  });

  /** At least; it goes on until the client has been served ROUNDS times in the middle of it. */
  const GARBAGE = 20_000;
  const ROUNDS = 11;
  const BATCH = 50;

  /** Garbage in batches that the socket buffer holds; the next one goes when the gateway has read the last. */
  async function floodFrom(
    strangers: readonly RawSensor[],
    gateway: GatewayUnderTest,
    goesOn: () => boolean,
  ): Promise<void> {
    const random = numbers(1);
    for (let sent = 0; sent < GARBAGE || goesOn(); sent += BATCH) {
      const before = gateway.framesReceived;
      for (let n = 0; n < BATCH; n += 1) {
        strangers[(sent + n) % strangers.length]?.send(garbage(random));
      }
      await eventually('the gateway to read', () => gateway.framesReceived >= before + BATCH);
    }
  }

  /** Random octets, mutilated frames, and requests without a session; no CONNECT, and no QoS −1 that would be valid. */
  function garbage(random: (below: number) => number): Uint8Array {
    const kind = random(3);
    if (kind === 0) {
      const octets = Uint8Array.from({ length: random(40) }, () => random(256));
      return octets[1] === 0x04 || octets[1] === 0x0c || octets[0] === 1 ? Uint8Array.of(0) : octets;
    }
    if (kind === 1) {
      return octetsOf(connectFrame(`stranger-${random(1_000)}`)).subarray(0, 1 + random(10));
    }
    return octetsOf(
      ['02 16', '0B 0C 20 00 01 00 02 32 31 2E 35', '0F 12 20 00 04 63 6D 64 2F 73 31 2F 6C 65 64', '04 18 01 2C'][
        random(4)
      ] ?? '',
    );
  }
});
