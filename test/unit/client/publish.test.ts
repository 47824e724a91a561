import { afterEach, describe, expect, it } from '@jest/globals';
import { ClientBench } from './client-bench.ts';

// "a/b" registered with MsgId 1, answered with topic id 3.
const REGISTER = '09 0a 00 00 00 01 61 2f 62';
const REGACK = '07 0b 00 03 00 01 00';

describe('client: publish (6.5, 6.6)', () => {
  let bench: ClientBench;
  afterEach(() => bench.close());

  async function withTopic(options = {}): Promise<void> {
    bench = await ClientBench.connected(options);
    const registered = bench.client.register('a/b');
    expect(await bench.sent()).toEqual([REGISTER]);
    await bench.say(REGACK);
    expect(await registered).toBe(3);
  }

  it('registers a name once', async () => {
    await withTopic();
    expect(await bench.client.register('a/b')).toBe(3);
    expect(await bench.sent()).toEqual([]);
  });

  it('registers one name at a time, and a name that two ask for once (R-3)', async () => {
    bench = await ClientBench.connected();
    const both = Promise.all([bench.client.register('a/b'), bench.client.register('c'), bench.client.register('a/b')]);
    expect(await bench.sent()).toEqual([REGISTER]);
    expect(await bench.say(REGACK)).toEqual(['07 0a 00 00 00 02 63']);
    await bench.say('07 0b 00 04 00 02 00');
    expect(await both).toEqual([3, 4, 3]);
  });

  it('ignores a REGACK that is not for it (R-14)', async () => {
    bench = await ClientBench.connected();
    const registered = bench.client.register('a/b');
    await bench.sent();
    await bench.say('07 0b 00 09 00 02 00', REGACK);
    expect(await registered).toBe(3);
  });

  it('tells that a name was refused', async () => {
    bench = await ClientBench.connected();
    const refused = expect(bench.client.register('a/b')).rejects.toMatchObject({ request: 'REGISTER', returnCode: 1 });
    await bench.sent();
    await bench.say('07 0b 00 00 00 01 01');
    await refused;
  });

  it('repeats REGISTER without any change, and is lost when nobody answers', async () => {
    bench = await ClientBench.connected();
    const outcome = expect(bench.client.register('a/b')).rejects.toMatchObject({
      name: 'NoAnswerError',
      request: 'REGISTER',
    });
    await bench.settle(40_000);
    await outcome;
    expect(await bench.sent()).toEqual([REGISTER, REGISTER, REGISTER, REGISTER]);
    expect(bench.client.state).toBe('lost');
    expect(bench.disconnections).toHaveLength(1);
  });

  it('registers before the first publish of a name, and sends QoS 0 without waiting', async () => {
    bench = await ClientBench.connected();
    const published = bench.client.publish({ name: 'a/b' }, '21.5');
    expect(await bench.sent()).toEqual([REGISTER]);
    expect(await bench.say(REGACK)).toEqual(['0b 0c 00 00 03 00 00 32 31 2e 35']);
    await published;
    await bench.client.publish({ name: 'a/b' }, '', { retain: true });
    expect(await bench.sent()).toEqual(['07 0c 10 00 03 00 00']);
  });

  it('sends pre-defined ids and short names without REGISTER, and two-octet names as short ones only when told', async () => {
    bench = await ClientBench.connected();
    await bench.client.publish({ topicId: 10 }, '42');
    await bench.client.publish({ short: 'tp' }, '42');
    expect(await bench.sent()).toEqual(['09 0c 01 00 0a 00 00 34 32', '09 0c 02 74 70 00 00 34 32']);
    void bench.client.publish({ name: 'tp' }, '42').catch(() => undefined);
    expect(await bench.sent()).toEqual(['08 0a 00 00 00 01 74 70']);
    await expect(bench.client.publish({ short: 'abc' }, '42')).rejects.toBeInstanceOf(TypeError);
  });

  it('publishes with QoS -1 without a connection (6.8)', async () => {
    bench = new ClientBench();
    await bench.client.publish({ topicId: 10 }, '42', { qos: -1 });
    await bench.client.publish({ short: 'tp' }, '42', { qos: -1, retain: true });
    expect(await bench.sent()).toEqual(['09 0c 61 00 0a 00 00 34 32', '09 0c 72 74 70 00 00 34 32']);
    await expect(bench.client.publish({ name: 'a/b' }, '42', { qos: -1 })).rejects.toBeInstanceOf(TypeError);
    expect(bench.client.state).toBe('disconnected');
  });

  it('waits for the PUBACK of QoS 1', async () => {
    await withTopic();
    let done = false;
    const published = bench.client.publish({ name: 'a/b' }, 'x', { qos: 1 }).then(() => {
      done = true;
    });
    expect(await bench.sent()).toEqual(['08 0c 20 00 03 00 02 78']);
    await bench.say('07 0d 00 03 00 07 00', '04 0f 00 02');
    expect(done).toBe(false);
    await bench.say('07 0d 00 03 00 02 00');
    await published;
  });

  it('repeats QoS 1 with DUP and the same MsgId (T-r5)', async () => {
    await withTopic();
    const published = bench.client.publish({ name: 'a/b' }, 'x', { qos: 1, retain: true });
    expect(await bench.sent()).toEqual(['08 0c 30 00 03 00 02 78']);
    await bench.settle(20_000);
    expect(await bench.sent()).toEqual(['08 0c b0 00 03 00 02 78', '08 0c b0 00 03 00 02 78']);
    await bench.say('07 0d 00 03 00 02 00');
    await published;
    await bench.settle(20_000);
    expect(bench.gateway.taken()).toEqual([]);
  });

  it('goes through all of QoS 2, repeating PUBLISH with DUP and PUBREL without', async () => {
    await withTopic();
    const published = bench.client.publish({ name: 'a/b' }, 'x', { qos: 2 });
    expect(await bench.sent()).toEqual(['08 0c 40 00 03 00 02 78']);
    await bench.settle(10_000);
    expect(await bench.sent()).toEqual(['08 0c c0 00 03 00 02 78']);
    expect(await bench.say('04 0f 00 02')).toEqual(['04 10 00 02']);
    await bench.settle(10_000);
    expect(await bench.sent()).toEqual(['04 10 00 02']);
    // The answer to the repeated PUBLISH.
    expect(await bench.say('04 0f 00 02')).toEqual(['04 10 00 02']);
    await bench.say('04 0e 00 02');
    await published;
    // P-8
    expect(await bench.say('04 0f 00 02')).toEqual(['04 10 00 02']);
    expect(await bench.say('04 0e 00 02')).toEqual([]);
  });

  it('tells that QoS 2 was refused, by PUBACK', async () => {
    await withTopic();
    const refused = expect(bench.client.publish({ topicId: 10 }, 'x', { qos: 2 })).rejects.toMatchObject({
      request: 'PUBLISH',
      returnCode: 3,
    });
    await bench.sent();
    await bench.say('07 0d 00 0a 00 02 00');
    await bench.say('07 0d 00 0a 00 02 03');
    await refused;
    expect(bench.client.state).toBe('active');
  });

  it('has one QoS 1 or 2 publish under way, the others wait in order (P-6); QoS 0 does not', async () => {
    await withTopic();
    const all = Promise.all([
      bench.client.publish({ name: 'a/b' }, '1', { qos: 1 }),
      bench.client.publish({ name: 'a/b' }, '2', { qos: 2 }),
      bench.client.publish({ name: 'a/b' }, '3', { qos: 1 }),
      bench.client.publish({ name: 'a/b' }, '0'),
    ]);
    expect(await bench.sent()).toEqual(['08 0c 20 00 03 00 02 31', '08 0c 00 00 03 00 00 30']);
    expect(await bench.say('07 0d 00 03 00 02 00')).toEqual(['08 0c 40 00 03 00 03 32']);
    expect(await bench.say('04 0f 00 03')).toEqual(['04 10 00 03']);
    expect(await bench.say('04 0e 00 03')).toEqual(['08 0c 20 00 03 00 04 33']);
    await bench.say('07 0d 00 03 00 04 00');
    await all;
  });

  it('has more under way when told', async () => {
    await withTopic({ maxInflight: 2 });
    const all = Promise.all(['1', '2', '3'].map((data) => bench.client.publish({ name: 'a/b' }, data, { qos: 1 })));
    expect(await bench.sent()).toEqual(['08 0c 20 00 03 00 02 31', '08 0c 20 00 03 00 03 32']);
    expect(await bench.say('07 0d 00 03 00 03 00')).toEqual(['08 0c 20 00 03 00 04 33']);
    await bench.say('07 0d 00 03 00 02 00', '07 0d 00 03 00 04 00');
    await all;
  });

  it('registers again when the gateway has forgotten the topic id, and publishes again (P-2)', async () => {
    await withTopic();
    const published = bench.client.publish({ name: 'a/b' }, 'x', { qos: 1 });
    await bench.sent();
    expect(await bench.say('07 0d 00 03 00 02 02')).toEqual(['09 0a 00 00 00 03 61 2f 62']);
    expect(await bench.say('07 0b 00 08 00 03 00')).toEqual(['08 0c 20 00 08 00 04 78']);
    await bench.say('07 0d 00 08 00 04 00');
    await published;
  });

  it('does that only once', async () => {
    await withTopic();
    const refused = expect(bench.client.publish({ name: 'a/b' }, 'x', { qos: 1 })).rejects.toMatchObject({
      returnCode: 2,
    });
    await bench.sent();
    await bench.say('07 0d 00 03 00 02 02');
    await bench.say('07 0b 00 08 00 03 00');
    expect(await bench.say('07 0d 00 08 00 04 02')).toEqual([]);
    await refused;
  });

  it('cannot cure an unknown pre-defined id (P-4)', async () => {
    bench = await ClientBench.connected();
    const refused = expect(bench.client.publish({ topicId: 10 }, 'x', { qos: 1 })).rejects.toMatchObject({
      returnCode: 2,
    });
    await bench.sent();
    expect(await bench.say('07 0d 00 0a 00 01 02')).toEqual([]);
    await refused;
  });

  it('tells of the refusal of a QoS 0 publish afterwards, and registers before the next', async () => {
    await withTopic();
    await bench.client.publish({ name: 'a/b' }, 'x');
    await bench.sent();
    await bench.say('07 0d 00 03 00 00 02');
    expect(bench.rejections).toEqual([{ topicId: 3, returnCode: 2 }]);
    void bench.client.publish({ name: 'a/b' }, 'x').catch(() => undefined);
    expect(await bench.sent()).toEqual(['09 0a 00 00 00 02 61 2f 62']);
  });

  it('checks the topic id of a PUBACK when it is strict (T-22)', async () => {
    await withTopic({ strict: true });
    const published = bench.client.publish({ name: 'a/b' }, 'x', { qos: 1 });
    await bench.sent();
    await bench.say('07 0d 00 00 00 02 00');
    await bench.settle(10_000);
    expect(await bench.sent()).toEqual(['08 0c a0 00 03 00 02 78']);
    await bench.say('07 0d 00 03 00 02 00');
    await published;
  });

  it('takes any topic id in a PUBACK when it is not (T-22)', async () => {
    await withTopic();
    const published = bench.client.publish({ name: 'a/b' }, 'x', { qos: 1 });
    await bench.sent();
    await bench.say('07 0d 00 00 00 02 00');
    await published;
  });

  it('forgets its registrations with a new connection', async () => {
    await withTopic();
    await bench.say('02 18');
    const connected = bench.client.connect();
    await bench.sent();
    await bench.say('03 05 00');
    await connected;
    void bench.client.publish({ name: 'a/b' }, 'x').catch(() => undefined);
    expect(await bench.sent()).toEqual(['09 0a 00 00 00 02 61 2f 62']);
  });
});
