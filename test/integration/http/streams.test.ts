import { describe, expect, it } from '@jest/globals';
import type { ClientChanges, TracedFrame } from '../../../src/http/api-contract.ts';
import { incidentSchema, overviewSchema } from '../../../src/http/schemas.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { eventually } from '../../support/eventually.ts';
import { httpBench, type ServedPage, type StreamReader } from '../../support/http-bench.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const page = httpBench();
const TOKEN = 'a-token-of-the-test';
const OPERATOR = { headers: { authorization: `Bearer ${TOKEN}` } };

const published = (clientId: string): Note => ({
  ...{ type: 'client-published', clientId, link: 'udp:192.0.2.7:4000', qos: 0 },
});

/** The changes that a stream has told so far. */
function changesIn(stream: StreamReader): ClientChanges[] {
  return stream.named('clients').map(({ data }) => data as unknown as ClientChanges);
}

describe('the event stream', () => {
  it('begins with the overview, and has it again each second', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const stream = await served.stream('/api/v1/events');
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    await eventually('the first', () => stream.named('overview').length === 1);
    clock.advance(1_000);
    await eventually('the second', () => stream.named('overview').length === 2);
    expect(overviewSchema.safeParse(stream.named('overview')[1]?.data).error).toBeUndefined();
  });

  it('has the events that are asked for, and no others', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const stream = await served.stream('/api/v1/events?events=incident');
    served.gateway.note({ type: 'store-problem', reason: 'the disk is full' });
    clock.advance(5_000);
    await eventually('the incident', () => stream.named('incident').length === 1);
    expect(incidentSchema.parse(stream.named('incident')[0]?.data).text).toBe('session store: the disk is full');
    expect(stream.events.items).toHaveLength(1);
    const wrong = await served.get('/api/v1/events?events=overview,passwords');
    expect([wrong.status, wrong.json().detail]).toEqual([400, expect.stringContaining('passwords')]);
  });

  it('computes nothing while nobody looks, and each thing once for all who do', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const { asked, observing } = served.gateway;
    const before = asked.counts;
    clock.advance(5_000); // the history of the hour looks each ten seconds
    expect([asked.counts - before, served.gateway.observing]).toEqual([0, observing]);
    const streams = await Promise.all([1, 2, 3].map(() => served.stream('/api/v1/events')));
    await eventually('all', () => streams.every((stream) => stream.named('overview').length === 1));
    const begun = asked.counts;
    clock.advance(1_000);
    expect(asked.counts - begun).toBe(1);
    expect(served.gateway.observing).toBe(observing + 1);
    for (const stream of streams) {
      stream.close();
    }
    await eventually('nobody', () => served.gateway.observing === observing);
    const left = asked.counts;
    clock.advance(3_000);
    expect(asked.counts - left).toBe(0);
  });

  it('tells which clients have changed, those first that have another state, and those that are gone', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const { gateway } = served;
    const stream = await served.stream('/api/v1/events?events=clients');
    for (let number = 0; number < 150; number++) {
      gateway.add(`s${number}`);
      gateway.note(published(`s${number}`));
    }
    const link = 'udp:192.0.2.7:4000';
    gateway.note({ type: 'client-asleep', clientId: 's149', link, duration: 60 });
    gateway.note({ type: 'session-expired', clientId: 'gone', link, reason: 'nothing came for 7 d' });
    clock.advance(1_000);
    clock.advance(1_000);
    clock.advance(1_000);
    clock.advance(2_000);
    await eventually('all events', () => changesIn(stream).length === 4);
    const [first, ...others] = changesIn(stream);
    expect(first?.removed).toEqual(['gone']);
    expect(first?.changed.map(({ clientId }) => clientId).slice(0, 3)).toEqual(['s149', 's0', 's1']);
    expect([first, ...others].map((changes) => changes?.changed.length)).toEqual([49, 50, 50, 1]);
    expect(others.some(({ reset }) => reset)).toBe(false);
  });

  it('has the list asked for again where more has changed than is remembered', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const stream = await served.stream('/api/v1/events?events=clients');
    for (let number = 0; number <= 10_000; number++) {
      const clientId = `s${number}`;
      served.gateway.note({ type: 'client-lost', clientId, link: `udp:${number}`, reason: 'silence', will: false });
    }
    clock.advance(1_000);
    await eventually('the event', () => changesIn(stream).length === 1);
    expect(changesIn(stream)).toEqual([{ changed: [], removed: [], reset: true }]);
  });

  it('says that it is there where there is nothing to tell', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const stream = await served.stream('/api/v1/events?events=incident');
    clock.advance(14_000);
    expect(stream.comments).toBe(0);
    clock.advance(6_000);
    await eventually('a sign of life', () => stream.comments === 1);
  });

  it('ends with the gateway', async () => {
    const served = await page();
    const stream = await served.stream('/api/v1/events');
    await served.stop();
    await eventually('the end', () => stream.ended);
  });
});

describe('a viewer that takes nothing', () => {
  it('loses events, is let go, and costs the others nothing', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const { observing } = served.gateway;
    const dead = await served.connect();
    dead.write('GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    dead.pause();
    const alive = await served.stream('/api/v1/events');
    await eventually('both', () => served.gateway.observing === observing + 1 && alive.named('overview').length === 1);
    // Much more than the kernel keeps for somebody who does not read.
    const fat = { clientId: 'x'.repeat(100_000), link: 'udp:192.0.2.7:4000' };
    served.gateway.add(fat.clientId);
    let told = 0;
    await eventually('more than anybody keeps', () => {
      // The one that reads has everything before more comes.
      if (changesIn(alive).length === told) {
        served.gateway.note({ type: 'client-awake', ...fat, waiting: 0 });
        clock.advance(1_000);
        told += 1;
      }
      return told > 100;
    });
    dead.resume(); // it hears of its end only when it reads
    await eventually('the end of the dead one', () => dead.closed);
    expect(alive.ended).toBe(false);
    const overviews = alive.named('overview').length;
    clock.advance(1_000);
    await eventually('events for the other', () => alive.named('overview').length > overviews);
  });
});

describe('thousands of event streams', () => {
  it('from one address are refused but for its share', async () => {
    const served = await page({ clock: new ManualClock() });
    const streams: StreamReader[] = [];
    for (let number = 0; number < 60; number++) {
      streams.push(await served.stream('/api/v1/events'));
    }
    const open = streams.filter(({ status }) => status === 200);
    expect(open).toHaveLength(30);
    const refused = await served.get('/api/v1/events');
    expect([refused.status, refused.headers['retry-after'], refused.json().type]).toEqual([
      ...[503, '10', 'urn:mqtt-sn-gateway:problem:too-many-streams'],
    ]);
    expect((await served.stream('/api/v1/events', { from: '127.0.0.2' })).status).toBe(200);
    expect((await served.get('/api/v1/overview')).status).toBe(200);
    open[0]?.close();
    await eventually('a place', async () => (await served.stream('/api/v1/events')).status === 200);
  });

  it('from many addresses leave a place for one that has fewer: the oldest of who has most goes', async () => {
    const served = await page({ clock: new ManualClock() });
    const streams = new Map<string, StreamReader[]>();
    const open = async (from: string) => {
      const stream = await served.stream('/api/v1/events', { from });
      streams.set(from, [...(streams.get(from) ?? []), stream]);
      return stream.status;
    };
    for (const [from, count] of [
      ...(['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((address) => [address, 30]) as [string, number][]),
      ['127.0.0.4', 10],
    ] as [string, number][]) {
      for (let number = 0; number < count; number++) {
        expect(await open(from)).toBe(200);
      }
    }
    expect(await open('127.0.0.5')).toBe(200);
    await eventually('the oldest to be gone', () => streams.get('127.0.0.1')?.[0]?.ended);
    expect([...streams.values()].flat().filter(({ ended }) => ended)).toHaveLength(1);
  });
});

describe('the frames of one client', () => {
  const LINK = 'udp:192.0.2.7:4000';
  // PUBLISH, QoS 0, topic id 1, payload "on"
  const PUBLISH = Uint8Array.from([0x09, 0x0c, 0x00, 0x00, 0x01, 0x00, 0x00, 0x6f, 0x6e]);
  const received = (served: ServedPage, link: string, frame: Uint8Array) =>
    served.gateway.observers.frame('received', link, frame);
  const traced = (stream: StreamReader) => stream.named('frame').map(({ data }) => data as unknown as TracedFrame);

  async function watched(clock = new ManualClock()): Promise<ServedPage> {
    const served = await page({ token: TOKEN, clock });
    served.gateway.add('a/b', { link: LINK });
    expect(served.gateway.observers.wantsFrames).toBe(false);
    const asking = { ...OPERATOR, body: { seconds: 10 } };
    const answer = await served.ask('POST', '/api/v1/clients/a%2Fb/trace', asking);
    expect(Date.parse(String(answer.json().traceUntil))).toBeGreaterThan(Date.now());
    return served;
  }

  it('are shown decoded, without payload, and only its own', async () => {
    const served = await watched();
    received(served, LINK, PUBLISH); // before anybody looks
    const stream = await served.stream('/api/v1/clients/a%2Fb/trace', OPERATOR);
    received(served, 'udp:192.0.2.8:4000', PUBLISH);
    served.gateway.observers.frame('sent', LINK, Uint8Array.from([0x02, 0x17]));
    await eventually('two frames', () => traced(stream).length === 2);
    expect(traced(stream)).toEqual([
      {
        ...{ time: expect.any(String), direction: 'received', link: LINK },
        ...{ text: 'PUBLISH qos=0 topicIdType=normal topicId=1 msgId=0 2 octets', hex: '09 0c 00 00 01 00 00 .. ..' },
      },
      { time: expect.any(String), direction: 'sent', link: LINK, text: 'PINGRESP', hex: '02 17' },
    ]);
  });

  it('are looked at only so long: then the stream says that it is over, and nobody pays any more', async () => {
    const clock = new ManualClock();
    const served = await watched(clock);
    const stream = await served.stream('/api/v1/clients/a%2Fb/trace', OPERATOR);
    expect(served.gateway.observers.wantsFrames).toBe(true);
    clock.advance(10_000);
    expect(served.gateway.observers.wantsFrames).toBe(false);
    await eventually('the end', () => stream.ended && stream.named('end').length === 1);
    expect((await served.get('/api/v1/clients/a%2Fb', OPERATOR)).json().traceUntil).toBeNull();
    const late = await served.stream('/api/v1/clients/a%2Fb/trace', OPERATOR);
    await eventually('the end at once', () => late.ended && late.named('end').length === 1);
  });

  it('are no longer looked at when somebody says so', async () => {
    const served = await watched();
    expect((await served.ask('DELETE', '/api/v1/clients/a%2Fb/trace', OPERATOR)).status).toBe(204);
    expect(served.gateway.observers.wantsFrames).toBe(false);
  });

  it('are looked at until the last viewer has left, where whoever asked wants that: the first one to leave switches nothing off', async () => {
    const served = await page({ token: TOKEN });
    served.gateway.add('a/b', { link: LINK });
    const asking = { ...OPERATOR, body: { seconds: 60, untilLeft: true } };
    expect((await served.ask('POST', '/api/v1/clients/a%2Fb/trace', asking)).status).toBe(200);
    const one = await served.stream('/api/v1/clients/a%2Fb/trace', OPERATOR);
    const other = await served.stream('/api/v1/clients/a%2Fb/trace', OPERATOR);
    received(served, LINK, PUBLISH);
    await eventually('the frame, twice', () => traced(one).length === 1 && traced(other).length === 1);
    one.close();
    await eventually('that the first one has left', () => one.ended);
    received(served, LINK, PUBLISH);
    await eventually('another frame', () => traced(other).length === 2);
    expect(other.ended).toBe(false);
    other.close();
    await eventually('the end', () => !served.gateway.observers.wantsFrames);
  });

  it('that somebody else has asked for outlast such viewers, and are not cut short by them', async () => {
    const served = await page({ token: TOKEN });
    served.gateway.add('a/b', { link: LINK });
    const path = '/api/v1/clients/a%2Fb/trace';
    const { traceUntil } = (await served.ask('POST', path, { ...OPERATOR, body: { seconds: 600 } })).json();
    const asking = { ...OPERATOR, body: { seconds: 60, untilLeft: true } };
    expect((await served.ask('POST', path, asking)).json()).toEqual({ traceUntil });
    const stream = await served.stream(path, OPERATOR);
    stream.close();
    await eventually('that it has left', () => stream.ended);
    received(served, LINK, PUBLISH);
    const next = await served.stream(path, OPERATOR);
    await eventually('what came meanwhile', () => traced(next).length === 1);
  });

  it('follow it to another address, and behind a forwarder', async () => {
    const served = await watched();
    const stream = await served.stream('/api/v1/clients/a%2Fb/trace', OPERATOR);
    const behind = 'udp:192.0.2.9:5000/0a0b';
    served.gateway.note({ type: 'client-moved', clientId: 'a/b', link: behind, from: LINK });
    received(served, LINK, PUBLISH);
    received(served, 'udp:192.0.2.9:5000', Uint8Array.from([0x05, 0xfe, 0x00, 0x0a, 0x0c, ...PUBLISH]));
    received(served, 'udp:192.0.2.9:5000', Uint8Array.from([0x05, 0xfe, 0x00, 0x0a, 0x0b, ...PUBLISH]));
    await eventually('a frame', () => traced(stream).length > 0);
    expect(traced(stream)).toMatchObject([{ link: behind, hex: '05 fe 00 0a 0b 09 0c 00 00 01 00 00 .. ..' }]);
  });

  it('are counted where they are too many', async () => {
    const served = await watched();
    const stream = await served.stream('/api/v1/clients/a%2Fb/trace', OPERATOR);
    await eventually('frames that were missed', () => {
      for (let number = 0; number < 200; number++) {
        received(served, LINK, PUBLISH);
      }
      return stream.named('missed').length > 0;
    });
    expect(Number(stream.named('missed')[0]?.data.frames)).toBeGreaterThan(0);
  });

  it('are shown of ten clients at most, for ten minutes at most', async () => {
    const served = await watched();
    const start = async (clientId: string, seconds: number) =>
      (await served.ask('POST', `/api/v1/clients/${clientId}/trace`, { ...OPERATOR, body: { seconds } })).status;
    for (let number = 1; number < 12; number++) {
      served.gateway.add(`s${number}`);
    }
    for (let number = 1; number < 10; number++) {
      expect(await start(`s${number}`, 600)).toBe(200);
    }
    expect(await start('s10', 600)).toBe(503);
    expect(await start('s9', 600)).toBe(200);
    expect(await start('s9', 601)).toBe(400);
    expect(await start('s9', 0)).toBe(400);
    expect(await start('nobody', 1)).toBe(404);
  });
});

describe('ten thousand sessions', () => {
  it('are listed, sorted and cut while the gateway goes on', async () => {
    const served = await page();
    for (let number = 0; number < 10_000; number++) {
      served.gateway.add(`sensor-${number}`, {
        lastTopic: `site/${number}/temperature`,
        counters: { published: number, delivered: 0, dropped: 0 },
      });
    }
    const order: string[] = [];
    const ask = async (path: string) => {
      const answer = await served.get(path);
      order.push(path);
      return answer;
    };
    const everything = '/api/v1/clients?limit=10000&sort=lastTopic&order=desc';
    const [all, found] = await Promise.all([
      ask(everything),
      ask('/api/v1/clients?search=sensor-999%20temperature&sort=published&limit=2'),
      ask('/healthz'),
    ]);
    expect(order[0]).toBe('/healthz');
    const { total, items } = all.json<{ total: number; items: { clientId: string }[] }>();
    expect([total, items.length, items[0]?.clientId, items[9_999]?.clientId]).toEqual([
      10_000,
      10_000,
      'sensor-9999',
      'sensor-0',
    ]);
    expect(found.json()).toMatchObject({ total: 11, items: [{ clientId: 'sensor-999' }, { clientId: 'sensor-9990' }] });
  });
});
