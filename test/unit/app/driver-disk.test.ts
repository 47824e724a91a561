import { describe, expect, it } from '@jest/globals';
import { connectFrame, frame, hex16 } from '../../support/core-bench.ts';
import { bench, SlowStore, settled } from './driver-bench.ts';

/** A persistent client `s` on #1 whose CONNACK waits for the disk. */
function connecting() {
  const store = new SlowStore();
  const all = { ...bench(store), store };
  all.driver.start({ type: 'tick' });
  all.from('s', connectFrame('s', false));
  all.driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
  return all;
}

/** The same, with the session on disk. */
async function connected() {
  const all = connecting();
  all.store.pending[0]?.done();
  await settled();
  all.news();
  return all;
}

const FULL = new Error('no space left on device');
const PUBLISH_QOS_2 = '08 0c 40 0001 0007 78';
const REGISTER = frame('0a 0000 0001', 'a/b');

describe('the driver and the store', () => {
  it('sends no answer before what it promises is on disk', async () => {
    const { store, news } = connecting();
    expect(news()).toEqual(['#1 CONNECT s']);
    expect(store.pending.map(({ durable, writes }) => [durable, writes[0]?.key])).toEqual([[true, 'session/s']]);
    store.pending[0]?.done();
    await settled();
    expect(news()).toEqual(['s < 030500']);
  });

  it('keeps the order of one client behind a write that is under way, and lets nobody else wait for it (I-38)', async () => {
    const { store, from, news } = connecting();
    news();
    from('t', '03 01 00'); // SEARCHGW
    from('u', connectFrame('u'));
    expect(news()).toEqual(['t < 030201', '#2 CONNECT u clean']);
    from('s', REGISTER);
    from('s', '02 16');
    from('s', frame('0c 00 0001 0000', 'x'));
    store.pending[0]?.done();
    await settled();
    expect(news()).toEqual(['s < 030500']);
    store.pending[1]?.done();
    await settled();
    expect(news()).toEqual(['s < 070b0001000100', 's < 0217', '#1 PUBLISH qos0 a/b "x"']);
  });

  it('waits for nothing where nothing is promised', async () => {
    const { store, from, news } = await connected();
    from('s', '04 18 00 3c');
    store.pending[1]?.done();
    await settled();
    expect(news()).toEqual(['s < 0218']);
    from('u', frame('16', 's')); // a new address
    expect(store.pending[2]?.durable).toBe(false);
    expect(news()).toEqual(['u < 0217']);
  });

  it.each([
    // A session that is not there may come back by a loss of power, where it was erased without waiting.
    ['forgets a session', 'operator-forgot', []],
    ['sends a client away', 'operator-disconnected', ['operator 8: done']],
  ] as const)('whoever %s is told so when that is on disk, and not before', async (_what, type, atOnce) => {
    const { driver, store, news, clock } = await connected();
    driver.feed({ type, clientId: 's', token: 7 });
    driver.feed({ type, clientId: 'nobody', token: 8 });
    expect(news().filter((line) => line.startsWith('operator'))).toEqual(atOnce);
    expect(store.pending[1]).toMatchObject({ durable: true });
    store.pending[1]?.fail(FULL);
    await settled();
    expect(news()).toEqual([]);
    await clock.pass(500);
    store.pending[2]?.done();
    await settled();
    expect(news()).toContain('operator 7: done');
  });

  it('is drained when nothing waits any more', async () => {
    const { driver, store } = connecting();
    let drained = false;
    const wait = driver.drained().then(() => {
      drained = true;
    });
    await settled();
    expect(drained).toBe(false);
    store.pending[0]?.done();
    await wait;
    expect(drained).toBe(true);
  });

  it('sends to an address nothing that waited for the client that had it before (T-50)', async () => {
    const { store, from, news, driver } = await connected();
    from('s', REGISTER);
    from('s', connectFrame('t'));
    news();
    driver.feed({ type: 'upstream-connected', connection: 2, sessionPresent: false });
    expect(news()).toEqual(['s < 030500']);
    store.pending[1]?.done();
    await settled();
    expect(news().filter((line) => line.startsWith('s <'))).toEqual([]);
  });

  it('says nothing to an address before what its client was told, also where it has no session any more', async () => {
    const { store, from, news } = await connected();
    from('s', '02 18');
    from('s', REGISTER);
    expect(news()).toEqual([]);
    store.pending[1]?.done();
    await settled();
    expect(news()).toEqual(['s < 0218', '#1 DISCONNECT', 's < 0218']);
  });
});

describe('a disk that is full (I-23)', () => {
  it('CONNECT and its repetition are not answered before the session is on disk', async () => {
    const { store, clock, from, news } = connecting();
    news();
    store.pending[0]?.fail(FULL);
    await settled();
    from('s', connectFrame('s', false));
    expect(news()).toEqual([]);
    await clock.pass(500);
    expect(store.pending[1]?.writes.map(({ key }) => key)).toEqual(['session/s']);
    store.pending[1]?.fail(FULL);
    await settled();
    from('s', connectFrame('s', false));
    expect(news()).toEqual([]);
    await clock.pass(1_000);
    store.pending[2]?.done();
    await settled();
    expect(news()).toEqual(['s < 030500', 's < 030500', 's < 030500']);
  });

  it('a QoS 2 PUBLISH does not go to the broker before it is on disk, however often it comes', async () => {
    const { store, clock, from, news } = await connected();
    from('s', REGISTER);
    store.pending[1]?.done();
    await settled();
    news();
    from('s', PUBLISH_QOS_2);
    store.pending[2]?.fail(FULL);
    await settled();
    from('s', PUBLISH_QOS_2.replace('40', 'c0'));
    from('s', '04 10 0007');
    expect(news()).toEqual([]);
    await clock.pass(500);
    expect(store.pending[3]?.writes.map(({ key }) => key)).toContain('exchange/s/1');
    store.pending[3]?.done();
    await settled();
    expect(news()).toEqual(['#1 PUBLISH qos2 id1 a/b "x"']);
  });

  it('is told once, and once that it works again; what was only to be written some day is written, too', async () => {
    const { store, clock, notes, from } = await connected();
    from('s', '04 18 00 3c');
    store.pending[1]?.done();
    await settled();
    from('u', frame('16', 's')); // not durable
    for (let attempt = 2; attempt < 12; attempt++) {
      store.pending[attempt]?.fail(FULL);
      await settled();
      await clock.pass(5_000);
    }
    expect(notes.filter(({ type }) => type === 'store-problem')).toEqual([
      { type: 'store-problem', reason: 'no space left on device' },
    ]);
    expect(store.pending.at(-1)?.writes.map(({ record }) => record)).toContainEqual(
      expect.objectContaining({ kind: 'session', link: 'udp:u' }),
    );
    store.pending.at(-1)?.done();
    await settled();
    expect(notes.filter(({ type }) => type === 'store-recovered')).toEqual([{ type: 'store-recovered', seconds: 50 }]);
  });

  it('the last change of a record is what is written in the end', async () => {
    const { store, clock, from, news } = await connected();
    from('s', '04 18 00 3c');
    from('s', '04 18 00 78');
    store.pending[1]?.fail(FULL);
    await settled();
    await clock.pass(500);
    expect(store.pending[2]?.writes).toEqual([
      { key: 'session/s', record: expect.objectContaining({ sleepDuration: 120_000 }) },
    ]);
    store.pending[2]?.done();
    await settled();
    expect(news()).toEqual(['s < 0218']); // of the last one (I-63)
  });
});

describe('a client that waits for a full disk while its session changes (I-62, I-63)', () => {
  /** `s` (keep-alive 60 s, will "w") is connected as #1, and the disk is full. */
  async function waiting() {
    const store = new SlowStore();
    const all = { ...bench(store), store };
    all.driver.start({ type: 'tick' });
    all.from('s', frame('04 08 01 003c', 's'));
    all.from('s', frame('07 00', 'w'));
    all.from('s', frame('09', 'gone'));
    all.driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    all.store.pending[0]?.done();
    await settled();
    all.news();
    return all;
  }

  /** Every attempt to write fails for so long. */
  async function full(all: Awaited<ReturnType<typeof waiting>>, milliseconds: number): Promise<void> {
    const { store, clock } = all;
    const end = clock.time + milliseconds;
    while (clock.time < end) {
      store.pending.at(-1)?.fail(FULL);
      await settled();
      await clock.pass(Math.min(500, end - clock.time));
    }
  }

  async function works({ store, clock }: Awaited<ReturnType<typeof waiting>>): Promise<void> {
    for (let round = 0; round < 15; round++) {
      store.pending.at(-1)?.done();
      await settled();
      await clock.pass(500);
    }
  }

  it('is lost by then: its will and the note do not wait, for nobody is told', async () => {
    const all = await waiting();
    await all.clock.pass(89_000);
    all.news();
    await all.clock.pass(1_500); // K-4
    expect(all.news()).toEqual(['#1 close without DISCONNECT']);
    expect(all.notes).toContainEqual(expect.objectContaining({ type: 'client-lost', clientId: 's', will: true }));
    expect(all.store.pending.at(-1)).toMatchObject({ durable: false });
    await full(all, 5_000);
    expect(all.news()).toEqual([]);
  });

  it('what it was to be told before it left is not sent any more: only the end of it is on the disk', async () => {
    const all = await waiting();
    all.from('s', REGISTER);
    await full(all, 3_000);
    all.from('s', REGISTER);
    all.from('s', '02 18');
    await full(all, 3_000);
    expect(all.news()).toEqual([]);
    await works(all);
    expect(all.news()).toEqual(['s < 0218', '#1 DISCONNECT']);
  });

  it('nor CONNACK, where the broker has gone and the client was let go', async () => {
    const store = new SlowStore();
    const all = { ...bench(store), store };
    all.driver.start({ type: 'tick' });
    all.from('s', connectFrame('s', false));
    all.driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    all.news();
    await full(all, 2_000);
    all.driver.feed({ type: 'upstream-lost', connection: 1, reason: 'taken over', takenOver: true });
    await full(all, 2_000);
    await works(all);
    expect(all.news().filter((line) => line.startsWith('s <'))).toEqual(['s < 0218']);
  });

  it('nor CONNACK, where both came before the disk was known to be full', async () => {
    const store = new SlowStore();
    const all = { ...bench(store), store };
    all.driver.start({ type: 'tick' });
    all.from('s', connectFrame('s', false));
    all.driver.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false });
    all.driver.feed({ type: 'upstream-lost', connection: 1, reason: 'taken over', takenOver: true });
    all.news();
    await full(all, 2_000);
    await works(all);
    expect(all.news().filter((line) => line.startsWith('s <'))).toEqual(['s < 0218']);
  });

  it('what does not change its session leaves the answers in their order', async () => {
    const all = await waiting();
    all.from('s', REGISTER);
    await full(all, 3_000);
    all.from('s', frame('0a 0000 0002', 'c/d'));
    await full(all, 3_000);
    await works(all);
    expect(all.news()).toEqual(['s < 070b0001000100', 's < 070b0002000200']);
  });

  it('for less than a second it hears everything', async () => {
    const all = await waiting();
    all.from('s', REGISTER);
    all.from('s', '02 18');
    await works(all);
    expect(all.news()).toEqual(['s < 070b0001000100', 's < 0218', '#1 DISCONNECT']);
  });
});

describe('a disk that hangs (I-38)', () => {
  it('is told after three seconds; who does not need it is served', async () => {
    const { clock, notes, from, news, driver } = await connected();
    from('s', REGISTER);
    await clock.pass(2_999);
    expect(notes.map(({ type }) => type)).not.toContain('store-stalled');
    await clock.pass(1);
    expect(notes).toContainEqual({ type: 'store-stalled', seconds: 3 });
    from('c', connectFrame('c'));
    driver.feed({ type: 'upstream-connected', connection: 2, sessionPresent: false });
    from('c', frame('0a 0000 0001', 'c/c'));
    from('c', frame('0c 20 0001 0002', 'x'));
    from('c', '02 16');
    from('t', '03 01 00');
    expect(news()).toEqual([
      '#2 CONNECT c clean',
      'c < 030500',
      'c < 070b0001000100',
      '#2 PUBLISH qos1 id1 c/c "x"',
      'c < 0217',
      't < 030201',
    ]);
  });

  it('a message for a client that waits is neither given up nor acknowledged, and goes out when the disk is back (T-r6)', async () => {
    const { store, clock, from, news, driver } = await connected();
    from('s', REGISTER);
    await clock.pass(1_000);
    const message = {
      topic: 'ab',
      payload: new Uint8Array(0),
      packetId: 5,
      qos: 1,
      retain: false,
      dup: false,
    } as const;
    driver.feed({ type: 'upstream-message', connection: 1, ...message });
    for (let second = 0; second < 300; second += 5) {
      await clock.pass(5_000);
      from('s', '02 16');
    }
    expect(news()).toEqual([]);
    store.pending[1]?.done();
    await settled();
    const lines = news();
    expect(lines[0]).toBe('s < 070b0001000100');
    expect(lines.slice(1, -1)).toEqual(Array.from({ length: 60 }, () => 's < 0217'));
    expect(lines.at(-1)).toBe('s < 070c2261620001');
    await clock.pass(10_000);
    expect(news()).toEqual(['s < 070ca261620001']);
  });

  it('takes no more from a client that waits than it can hold, and nothing of that is acknowledged', async () => {
    const { store, from, news, notes } = await connected();
    from('s', REGISTER);
    store.pending[1]?.done();
    await settled();
    news();
    from('s', frame('0a 0000 0002', 'c/d'));
    for (let count = 0; count < 1_200; count++) {
      from('s', frame(`0c 00 0001 0000`, hex16(count)));
    }
    from('t', '03 01 00');
    expect(news()).toEqual(['t < 030201']);
    expect(notes).toContainEqual({ type: 'message-not-taken', clientId: 's', message: 'frame' });
    store.pending[2]?.done();
    await settled();
    const lines = news();
    expect(lines.length).toBeGreaterThan(400);
    expect(lines.length).toBeLessThanOrEqual(1_000);
    from('s', frame(`0c 00 0001 0000`, 'on'));
    expect(news()).toEqual(['#1 PUBLISH qos0 a/b "on"']);
  });

  it('a record that breaks its type ends the session of its client alone, and promises nothing', async () => {
    const { store, from, news, notes, driver } = await connected();
    from('s', '04 18 00 3c');
    from('s', REGISTER);
    from('u', connectFrame('u', false));
    driver.feed({ type: 'upstream-connected', connection: 2, sessionPresent: false });
    news();
    store.pending[1]?.done();
    await settled();
    expect(news()).toEqual(['s < 0218']);
    expect(store.pending[2]?.writes.map(({ key }) => key)).toEqual(['topic/s/1', 'session/u']);
    store.pending[2]?.fail(new TypeError('topicName: text expected'));
    await settled();
    expect(store.pending[3]?.writes.map(({ key }) => key)).toEqual(['topic/s/1']);
    store.pending[3]?.fail(new TypeError('topicName: text expected'));
    await settled();
    expect(notes).toContainEqual({ type: 'store-problem', reason: 'topic/s/1: topicName: text expected' });
    expect(store.pending[4]?.writes.map(({ key }) => key)).toEqual(['session/u']);
    store.pending[4]?.done();
    await settled();
    expect(news()).toEqual(['u < 030500']);
    store.pending[5]?.done();
    await settled();
    expect(news()).toEqual(['s < 0218', '#1 DISCONNECT']);
  });
});
