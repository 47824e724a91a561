import { afterEach, describe, expect, it } from '@jest/globals';
import {
  EndedByGatewayError,
  NoAnswerError,
  NotConnectedError,
  RejectedError,
} from '../../../src/client/client-error.ts';
import { ClientBench, CONNECT } from './client-bench.ts';

const WILL = { topic: 'will/s1', message: 'offline', qos: 1, retain: true } as const;
const WILLTOPIC = '0a 07 30 77 69 6c 6c 2f 73 31';
const WILLMSG = '09 09 6f 66 66 6c 69 6e 65';

describe('client: connection set-up (6.2)', () => {
  let bench: ClientBench;
  afterEach(() => bench.close());

  it('sends CONNECT and is active with the CONNACK', async () => {
    bench = new ClientBench();
    const connected = bench.client.connect();
    expect(await bench.sent()).toEqual([CONNECT]);
    expect(bench.client.state).toBe('connecting');
    expect(await bench.say('03 05 00')).toEqual([]);
    await connected;
    expect(bench.client.state).toBe('active');
  });

  it('asks to keep the session, with another keep-alive', async () => {
    bench = new ClientBench({ cleanSession: false, keepAlive: 300 });
    void bench.client.connect().catch(() => undefined);
    expect(await bench.sent()).toEqual(['0e 04 00 01 01 2c 73 65 6e 73 6f 72 2d 31']);
  });

  it('goes through the will dialogue (C-2)', async () => {
    bench = new ClientBench({ will: WILL });
    const connected = bench.client.connect();
    expect(await bench.sent()).toEqual(['0e 04 0c 01 00 3c 73 65 6e 73 6f 72 2d 31']);
    expect(await bench.say('02 06')).toEqual([WILLTOPIC]);
    expect(await bench.say('02 08')).toEqual([WILLMSG]);
    await bench.say('03 05 00');
    await connected;
  });

  it('answers a repeated WILLTOPICREQ or WILLMSGREQ again, at once (C-7)', async () => {
    bench = new ClientBench({ will: WILL });
    const connected = bench.client.connect();
    await bench.sent();
    expect(await bench.say('02 06')).toEqual([WILLTOPIC]);
    expect(await bench.say('02 06')).toEqual([WILLTOPIC]);
    expect(await bench.say('02 08')).toEqual([WILLMSG]);
    expect(await bench.say('02 08')).toEqual([WILLMSG]);
    // A WILLTOPICREQ that was under way for long.
    expect(await bench.say('02 06')).toEqual([]);
    await bench.say('03 05 00');
    await connected;
  });

  it('repeats WILLTOPIC and WILLMSG after T_retry', async () => {
    bench = new ClientBench({ will: WILL });
    const connected = bench.client.connect();
    await bench.sent();
    await bench.say('02 06');
    await bench.settle(9_999);
    expect(await bench.sent()).toEqual([]);
    await bench.settle(1);
    expect(await bench.sent()).toEqual([WILLTOPIC]);
    await bench.say('02 08');
    await bench.settle(10_000);
    expect(await bench.sent()).toEqual([WILLMSG]);
    await bench.say('03 05 00');
    await connected;
  });

  it('ignores WILLTOPICREQ without a will', async () => {
    bench = new ClientBench();
    const connected = bench.client.connect();
    await bench.sent();
    expect(await bench.say('02 06')).toEqual([]);
    await bench.say('03 05 00');
    await connected;
  });

  it.each([
    ['03 05 01', 1, 'congestion (0x01)'],
    ['03 05 03', 3, 'not supported (0x03)'],
    ['03 05 80', 0x80, 'reserved return code (0x80)'],
  ])('tells the return code of a refusal: %s', async (frame, returnCode, text) => {
    bench = new ClientBench();
    const refused = expect(bench.client.connect()).rejects.toMatchObject({
      name: 'RejectedError',
      request: 'CONNECT',
      returnCode,
    });
    await bench.sent();
    await bench.say(frame);
    await refused;
    expect(new RejectedError('CONNECT', returnCode).message).toContain(text);
    expect(bench.client.state).toBe('disconnected');
  });

  it('gives up after N_retry retransmissions of the same CONNECT (T-r1)', async () => {
    bench = new ClientBench();
    const outcome = bench.client.connect().catch((error: unknown) => error);
    for (let tries = 1; tries <= 4; tries += 1) {
      expect(await bench.sent()).toEqual([CONNECT]);
      if (tries === 2) {
        bench.gateway.fail(new Error('connection refused'));
      }
      await bench.settle(10_000);
    }
    const error = await outcome;
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({
      request: 'CONNECT',
      tries: 4,
      cause: expect.objectContaining({ message: 'connection refused' }),
    });
    expect(await bench.sent()).toEqual([]);
    expect(bench.client.state).toBe('disconnected');
    expect(bench.disconnections).toEqual([]);
  });

  it('uses its own T_retry and N_retry', async () => {
    bench = new ClientBench({ retryInterval: 100, retryCount: 1 });
    const outcome = expect(bench.client.connect()).rejects.toThrow(
      'no answer to CONNECT from the scripted gateway after 2 tries',
    );
    await bench.settle(100);
    expect(await bench.sent()).toEqual([CONNECT, CONNECT]);
    await bench.settle(100);
    await outcome;
  });

  it('reads on after frames that are no messages', async () => {
    bench = new ClientBench();
    const connected = bench.client.connect();
    await bench.sent();
    expect(await bench.say('', '00', '03 05', '02 03', '05 05 00 00 00')).toEqual([]);
    await bench.say('03 05 00');
    await connected;
  });

  it('refuses everything but QoS -1 without a connection', async () => {
    bench = new ClientBench();
    const { client } = bench;
    await expect(client.publish({ name: 'a' }, 'x')).rejects.toBeInstanceOf(NotConnectedError);
    await expect(client.register('a')).rejects.toBeInstanceOf(NotConnectedError);
    await expect(client.subscribe({ name: 'a' })).rejects.toBeInstanceOf(NotConnectedError);
    await expect(client.ping()).rejects.toBeInstanceOf(NotConnectedError);
    await expect(client.sleep(10)).rejects.toBeInstanceOf(NotConnectedError);
    await expect(client.wake()).rejects.toBeInstanceOf(NotConnectedError);
    await client.disconnect();
    expect(await bench.sent()).toEqual([]);
  });

  it('rejects what waits when it is closed', async () => {
    bench = new ClientBench();
    const outcome = expect(bench.client.connect()).rejects.toBeInstanceOf(NotConnectedError);
    await bench.sent();
    await bench.client.close();
    await outcome;
    expect(bench.gateway.isOpen).toBe(false);
  });

  it('shows each frame both ways', async () => {
    const seen: string[] = [];
    bench = await ClientBench.connected({ onFrame: (direction, frame) => seen.push(`${direction} ${frame.length}`) });
    expect(seen).toEqual(['sent 14', 'received 3']);
  });
});

describe('client: the end of a connection (6.12)', () => {
  let bench: ClientBench;
  afterEach(() => bench.close());

  it('says DISCONNECT and waits for the answer', async () => {
    bench = await ClientBench.connected();
    const ended = bench.client.disconnect();
    expect(await bench.sent()).toEqual(['02 18']);
    expect(bench.gateway.isOpen).toBe(true);
    await bench.say('02 18');
    await ended;
    expect(bench.client.state).toBe('disconnected');
    expect(bench.gateway.isOpen).toBe(false);
    expect(bench.disconnections).toEqual([]);
  });

  it('tells when nobody answers its DISCONNECT, and frees the medium', async () => {
    bench = await ClientBench.connected();
    const ended = expect(bench.client.disconnect()).rejects.toMatchObject({ request: 'DISCONNECT', tries: 4 });
    await bench.settle(40_000);
    await ended;
    expect(await bench.sent()).toEqual(['02 18', '02 18', '02 18', '02 18']);
    expect(bench.gateway.isOpen).toBe(false);
  });

  it('tells that the gateway ended it, rejects what waits, and does not answer (X-4)', async () => {
    bench = await ClientBench.connected();
    const waiting = expect(bench.client.publish({ topicId: 10 }, 'x', { qos: 1 })).rejects.toBeInstanceOf(
      EndedByGatewayError,
    );
    await bench.sent();
    expect(await bench.say('02 18')).toEqual([]);
    await waiting;
    expect(bench.client.state).toBe('disconnected');
    expect(bench.disconnections).toEqual([{ reason: 'gateway', error: expect.any(EndedByGatewayError) }]);
    // It can come back.
    const connected = bench.client.connect();
    expect(await bench.sent()).toEqual([CONNECT]);
    await bench.say('03 05 00');
    await connected;
  });

  it('updates its will (6.4)', async () => {
    bench = await ClientBench.connected();
    const topic = bench.client.updateWillTopic({ topic: 'will/s1b', qos: 1, retain: false });
    expect(await bench.sent()).toEqual(['0b 1a 20 77 69 6c 6c 2f 73 31 62']);
    await bench.say('03 1b 00');
    await topic;
    const message = expect(bench.client.updateWillMessage('gone')).rejects.toMatchObject({
      request: 'WILLMSGUPD',
      returnCode: 3,
    });
    expect(await bench.sent()).toEqual(['06 1c 67 6f 6e 65']);
    await bench.say('03 1d 03');
    await message;
    const deleted = bench.client.updateWillTopic(undefined);
    expect(await bench.sent()).toEqual(['02 1a']);
    await bench.say('03 1b 00');
    await deleted;
  });

  it('asks a gateway who it is, without a connection and ever more slowly (D-12)', async () => {
    bench = new ClientBench({ retryInterval: 1_000 });
    const found = bench.client.searchGateway(1);
    expect(await bench.sent()).toEqual(['03 01 01']);
    await bench.settle(1_000);
    expect(await bench.sent()).toEqual(['03 01 01']);
    await bench.settle(1_999);
    expect(await bench.sent()).toEqual([]);
    await bench.settle(1);
    expect(await bench.sent()).toEqual(['03 01 01']);
    bench.gateway.say('03 02 07');
    expect(await found).toEqual({ gwId: 7 });
  });
});

describe('client: keep-alive (6.11)', () => {
  let bench: ClientBench;
  afterEach(() => bench.close());

  it('sends PINGREQ by itself within each period', async () => {
    bench = await ClientBench.connected({ keepAlive: 20 });
    for (let n = 0; n < 3; n += 1) {
      await bench.settle(14_999);
      expect(await bench.sent()).toEqual([]);
      await bench.settle(1);
      expect(await bench.sent()).toEqual(['02 16']);
      await bench.say('02 17');
    }
  });

  it('sends none while there is traffic in both directions', async () => {
    bench = await ClientBench.connected({ keepAlive: 20 });
    for (let n = 0; n < 5; n += 1) {
      await bench.settle(10_000);
      const published = bench.client.publish({ topicId: 10 }, '', { qos: 1 });
      const sent = await bench.sent();
      expect(sent).toEqual([expect.stringMatching(/^07 0c 21 00 0a .. ..$/)]);
      expect(await bench.say(`07 0d 00 0a ${sent[0]?.slice(15, 20)} 00`)).toEqual([]);
      await published;
    }
  });

  it('sends it although QoS 0 publishes go out, which nobody acknowledges', async () => {
    bench = await ClientBench.connected({ keepAlive: 20 });
    await bench.settle(10_000);
    await bench.client.publish({ topicId: 10 }, '');
    await bench.sent();
    await bench.settle(5_000);
    expect(await bench.sent()).toEqual(['02 16']);
  });

  it('is lost when nobody answers (T-r2)', async () => {
    bench = await ClientBench.connected({ keepAlive: 20 });
    await bench.settle(15_000 + 40_000);
    expect(await bench.sent()).toEqual(['02 16', '02 16', '02 16', '02 16']);
    expect(bench.client.state).toBe('lost');
    expect(bench.disconnections).toEqual([{ reason: 'no-answer', error: expect.any(NoAnswerError) }]);
    await bench.settle(100_000);
    expect(await bench.sent()).toEqual([]);
  });

  it('sends none with keep-alive 0', async () => {
    bench = await ClientBench.connected({ keepAlive: 0 });
    await bench.settle(100_000_000);
    expect(await bench.sent()).toEqual([]);
  });

  it('answers the PINGREQ of the gateway (K-5)', async () => {
    bench = await ClientBench.connected();
    expect(await bench.say('02 16')).toEqual(['02 17']);
  });
});

describe('client: sleep (6.14)', () => {
  let bench: ClientBench;
  afterEach(() => bench.close());

  async function asleep(): Promise<void> {
    bench = await ClientBench.connected({ keepAlive: 20 });
    const sleeping = bench.client.sleep(300);
    expect(await bench.sent()).toEqual(['04 18 01 2c']);
    await bench.say('02 18');
    await sleeping;
  }

  it('goes to sleep with DISCONNECT and its duration, and sends no keep-alive', async () => {
    await asleep();
    expect(bench.client.state).toBe('asleep');
    await bench.settle(300_000);
    expect(await bench.sent()).toEqual([]);
    // SL-13: to send it would have to connect.
    await expect(bench.client.publish({ topicId: 1 }, 'x')).rejects.toThrow(/asleep/);
    // K-5: only an active client answers probes.
    expect(await bench.say('02 16')).toEqual([]);
  });

  it('wakes with its client id, takes what was kept, and sleeps on with the PINGRESP', async () => {
    await asleep();
    const woken = bench.client.wake();
    expect(await bench.sent()).toEqual(['0a 16 73 65 6e 73 6f 72 2d 31']);
    expect(bench.client.state).toBe('awake');
    expect(await bench.say('10 0a 00 05 01 01 63 6d 64 2f 73 31 2f 6c 65 64')).toEqual(['07 0b 00 05 01 01 00']);
    expect(await bench.say('09 0c 20 00 05 00 02 6f 6e')).toEqual(['07 0d 00 05 00 02 00']);
    await bench.say('02 17');
    await woken;
    expect(bench.heard).toEqual(['cmd/s1/led on']);
    expect(bench.client.state).toBe('asleep');
  });

  it('starts T_retry anew with each message while it is awake (SL-8)', async () => {
    await asleep();
    const woken = bench.client.wake();
    await bench.sent();
    await bench.settle(9_000);
    expect(await bench.say('08 0c 02 74 70 00 00 31')).toEqual([]);
    await bench.settle(9_999);
    expect(await bench.sent()).toEqual([]);
    await bench.settle(1);
    expect(await bench.sent()).toEqual(['0a 16 73 65 6e 73 6f 72 2d 31']);
    await bench.say('02 17');
    await woken;
  });

  it('sleeps on when nobody answers its PINGREQ', async () => {
    await asleep();
    const outcome = expect(bench.client.wake()).rejects.toBeInstanceOf(NoAnswerError);
    await bench.settle(40_000);
    await outcome;
    expect(bench.client.state).toBe('asleep');
    expect(bench.disconnections).toEqual([]);
  });

  it('takes a DISCONNECT that comes while it is asleep for the answer to a repeated one of its own (T-31 e)', async () => {
    await asleep();
    expect(await bench.say('02 18')).toEqual([]);
    expect(bench.client.state).toBe('asleep');
    expect(bench.disconnections).toEqual([]);
  });

  it('is disconnected when the gateway does not know it any more (T-09)', async () => {
    await asleep();
    const outcome = expect(bench.client.wake()).rejects.toBeInstanceOf(NotConnectedError);
    await bench.sent();
    await bench.say('02 18');
    await outcome;
    expect(bench.client.state).toBe('disconnected');
  });

  it('takes a new duration (SL-12)', async () => {
    await asleep();
    const longer = bench.client.sleep(600);
    expect(await bench.sent()).toEqual(['04 18 02 58']);
    await bench.say('02 18');
    await longer;
    expect(bench.client.state).toBe('asleep');
  });

  it('comes back with CONNECT that keeps session and registrations (SL-10)', async () => {
    bench = await ClientBench.connected();
    const registered = bench.client.register('a/b');
    await bench.sent();
    await bench.say('07 0b 00 03 00 01 00');
    await registered;
    const sleeping = bench.client.sleep(300);
    await bench.sent();
    await bench.say('02 18');
    await sleeping;
    const connected = bench.client.connect();
    expect(await bench.sent()).toEqual(['0e 04 00 01 00 3c 73 65 6e 73 6f 72 2d 31']);
    await bench.say('03 05 00');
    await connected;
    await bench.client.publish({ name: 'a/b' }, 'x');
    expect(await bench.sent()).toEqual(['08 0c 00 00 03 00 00 78']);
  });

  it('leaves with a plain DISCONNECT (SL-11)', async () => {
    await asleep();
    const ended = bench.client.disconnect();
    expect(await bench.sent()).toEqual(['02 18']);
    await bench.say('02 18');
    await ended;
  });
});
