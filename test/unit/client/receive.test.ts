import { afterEach, describe, expect, it } from '@jest/globals';
import { ClientBench } from './client-bench.ts';

describe('client: subscribe (6.9)', () => {
  let bench: ClientBench;
  afterEach(() => bench.close());

  it('subscribes by name and knows the topic id from the SUBACK (U-1)', async () => {
    bench = await ClientBench.connected();
    const granted = bench.client.subscribe({ name: 'cmd/s1/led' }, 1);
    expect(await bench.sent()).toEqual(['0f 12 20 00 01 63 6d 64 2f 73 31 2f 6c 65 64']);
    // The message comes right behind the SUBACK.
    await bench.say('08 13 20 00 02 00 01 00', '09 0c 00 00 02 00 00 6f 6e');
    expect(await granted).toEqual({ qos: 1, topicId: 2 });
    expect(bench.heard).toEqual(['cmd/s1/led on']);
    expect(await bench.client.register('cmd/s1/led')).toBe(2);
  });

  it('subscribes with wildcards (U-2), to pre-defined ids (U-3) and short names (U-4)', async () => {
    bench = await ClientBench.connected({ predefinedTopics: new Map([[10, 'boiler/temp']]) });
    const all = Promise.all([
      bench.client.subscribe({ name: 'cmd/s1/#' }, 1),
      bench.client.subscribe({ topicId: 10 }),
      bench.client.subscribe({ short: 'tp' }, 2),
    ]);
    expect(await bench.sent()).toEqual(['0d 12 20 00 01 63 6d 64 2f 73 31 2f 23']);
    expect(await bench.say('08 13 20 00 00 00 01 00')).toEqual(['07 12 01 00 02 00 0a']);
    expect(await bench.say('08 13 00 00 0a 00 02 00')).toEqual(['07 12 42 00 03 74 70']);
    await bench.say('08 13 40 00 00 00 03 00');
    expect(await all).toEqual([
      { qos: 1, topicId: 0 },
      { qos: 0, topicId: 10 },
      { qos: 2, topicId: 0 },
    ]);
    await bench.say('08 0c 01 00 0a 00 00 31', '08 0c 02 74 70 00 00 32');
    expect(bench.heard).toEqual(['boiler/temp 1', 'tp 2']);
  });

  it('repeats SUBSCRIBE with DUP, UNSUBSCRIBE without (T-19)', async () => {
    bench = await ClientBench.connected();
    const subscribed = bench.client.subscribe({ topicId: 10 }, 1);
    expect(await bench.sent()).toEqual(['07 12 21 00 01 00 0a']);
    await bench.settle(10_000);
    expect(await bench.sent()).toEqual(['07 12 a1 00 01 00 0a']);
    await bench.say('08 13 20 00 0a 00 01 00');
    await subscribed;
    const unsubscribed = bench.client.unsubscribe({ topicId: 10 });
    expect(await bench.sent()).toEqual(['07 14 01 00 02 00 0a']);
    await bench.settle(10_000);
    expect(await bench.sent()).toEqual(['07 14 01 00 02 00 0a']);
    await bench.say('04 15 00 01', '04 15 00 02');
    await unsubscribed;
  });

  it('tells that it was refused', async () => {
    bench = await ClientBench.connected();
    const refused = expect(bench.client.subscribe({ topicId: 99 })).rejects.toMatchObject({
      request: 'SUBSCRIBE',
      returnCode: 2,
    });
    await bench.sent();
    await bench.say('08 13 00 00 00 00 01 02');
    await refused;
  });
});

describe('client: messages of the gateway (6.10)', () => {
  let bench: ClientBench;
  afterEach(() => bench.close());

  const REGISTER = '10 0a 00 05 01 01 63 6d 64 2f 73 31 2f 6c 65 64';

  it('answers REGISTER and knows the id then, also for its own publishes', async () => {
    bench = await ClientBench.connected();
    expect(await bench.say(REGISTER)).toEqual(['07 0b 00 05 01 01 00']);
    await bench.say('09 0c 00 00 05 00 00 6f 6e');
    expect(bench.heard).toEqual(['cmd/s1/led on']);
    expect(await bench.client.register('cmd/s1/led')).toBe(5);
  });

  it('refuses REGISTER of a wildcard or an id that cannot be', async () => {
    bench = await ClientBench.connected();
    expect(await bench.say('09 0a 00 05 00 01 61 2f 23')).toEqual(['07 0b 00 05 00 01 03']);
    expect(await bench.say('07 0a 00 00 00 02 61')).toEqual(['07 0b 00 00 00 02 02']);
    expect(await bench.say('08 0a 00 05 00 03 ff fe')).toEqual(['07 0b 00 05 00 03 03']);
  });

  it('answers QoS 1 with PUBACK, each time it comes', async () => {
    bench = await ClientBench.connected();
    await bench.say(REGISTER);
    expect(await bench.say('09 0c 20 00 05 00 02 6f 6e')).toEqual(['07 0d 00 05 00 02 00']);
    expect(await bench.say('09 0c b0 00 05 00 02 6f 6e')).toEqual(['07 0d 00 05 00 02 00']);
    expect(bench.messages).toMatchObject([
      { topicName: 'cmd/s1/led', topicIdType: 'normal', topicId: 5, msgId: 2, qos: 1, retain: false, dup: false },
      { qos: 1, retain: true, dup: true },
    ]);
  });

  it.each([
    ['0', '09 0c 00 00 09 00 00 6f 6e', '07 0d 00 09 00 00 02'],
    ['1', '09 0c 20 00 09 00 02 6f 6e', '07 0d 00 09 00 02 02'],
    ['2', '09 0c 40 00 09 00 02 6f 6e', '07 0d 00 09 00 02 02'],
  ])('answers QoS %s with an unknown topic id by PUBACK 0x02 (P-2)', async (_, publish, puback) => {
    bench = await ClientBench.connected();
    expect(await bench.say(publish)).toEqual([puback]);
    expect(bench.messages).toEqual([]);
  });

  it('does not mistake a pre-defined id for a normal one (T-16)', async () => {
    bench = await ClientBench.connected();
    await bench.say(REGISTER);
    expect(await bench.say('09 0c 21 00 05 00 02 6f 6e')).toEqual(['07 0d 00 05 00 02 02']);
  });

  it('takes a pre-defined id that it subscribed to without knowing its name', async () => {
    bench = await ClientBench.connected();
    void bench.client.subscribe({ topicId: 10 }).catch(() => undefined);
    await bench.sent();
    await bench.say('08 13 00 00 0a 00 01 00', '08 0c 01 00 0a 00 00 31');
    expect(bench.messages).toMatchObject([{ topicName: undefined, topicIdType: 'predefined', topicId: 10 }]);
  });

  it('delivers QoS 2 once, however often it comes before PUBREL (G-10, T-18)', async () => {
    bench = await ClientBench.connected();
    await bench.say(REGISTER);
    expect(await bench.say('09 0c 40 00 05 00 02 6f 6e')).toEqual(['04 0f 00 02']);
    expect(await bench.say('09 0c c0 00 05 00 02 6f 6e')).toEqual(['04 0f 00 02']);
    expect(await bench.say('09 0c 40 00 05 00 02 6f 6e')).toEqual(['04 0f 00 02']);
    expect(await bench.say('04 10 00 02')).toEqual(['04 0e 00 02']);
    expect(await bench.say('04 10 00 02')).toEqual(['04 0e 00 02']);
    expect(bench.heard).toEqual(['cmd/s1/led on']);
    // The MsgId is free again.
    await bench.say('0a 0c 40 00 05 00 02 6f 66 66');
    expect(bench.heard).toEqual(['cmd/s1/led on', 'cmd/s1/led off']);
  });

  it('keeps that in mind over a new connection of the same session, for repeated messages', async () => {
    bench = await ClientBench.connected({ cleanSession: false });
    await bench.say(REGISTER, '09 0c 40 00 05 00 02 6f 6e');
    await bench.say('02 18');
    const connected = bench.client.connect();
    await bench.sent();
    await bench.say('03 05 00');
    await connected;
    await bench.say(REGISTER, '09 0c c0 00 05 00 02 6f 6e');
    expect(bench.heard).toEqual(['cmd/s1/led on']);
    await bench.say('04 10 00 02', '09 0c 40 00 05 00 03 6f 6e');
    expect(bench.heard).toHaveLength(2);
  });

  it('ignores QoS -1 and what fits nothing', async () => {
    bench = await ClientBench.connected({ predefinedTopics: new Map([[10, 'x']]) });
    expect(
      await bench.say('09 0c 61 00 0a 00 00 34 32', '04 15 00 09', '03 05 00', '02 17', '07 0d 00 01 00 09 00'),
    ).toEqual([]);
    expect(bench.messages).toEqual([]);
  });

  it('ignores everything without a connection', async () => {
    bench = new ClientBench();
    expect(await bench.say(REGISTER, '02 16', '02 18', '04 10 00 02')).toEqual([]);
    expect(bench.disconnections).toEqual([]);
  });
});
