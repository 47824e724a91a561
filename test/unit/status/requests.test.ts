import { describe, expect, it } from '@jest/globals';
import type { ReloadReport } from '../../../src/ports/operator.ts';
import { StatusBench, type StatusBenchOptions } from './status-bench.ts';

interface Asked {
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  readonly retain?: boolean;
}

class RequestBench extends StatusBench {
  constructor({ settings, ...options }: StatusBenchOptions = {}) {
    super({ settings: { requests: true, ...settings }, ...options });
    this.pass(20_000);
    this.said();
  }

  /** Answers to a request, as JSON. */
  asks(what: string, request: unknown, more: Asked = {}): unknown[] {
    const text = typeof request === 'string' ? request : JSON.stringify(request);
    this.broker.publish(`gw/request/${what}`, text, more);
    this.settle();
    return this.answers(what);
  }

  answers(what: string): unknown[] {
    const topic = `gw/response/${what}`;
    const answers = this.broker.said.filter((said) => said.topic === topic);
    this.broker.said.splice(0);
    expect(answers.filter(({ retain }) => retain)).toEqual([]);
    return answers.map(({ text }) => JSON.parse(text));
  }
}

describe('requests at the broker', () => {
  it('are not heard unless they are asked for', () => {
    const bench = new StatusBench();
    bench.broker.publish('gw/request/forget', '{"clientId":"a"}');
    bench.pass(10_000);
    expect(bench.broker.subscribed).not.toContain('gw/request/+');
    expect(bench.done).toEqual([]);
  });

  it('clients: in the order of their ids, some at a time', () => {
    const bench = new RequestBench();
    for (const clientId of ['c', 'a', 'b']) {
      bench.connects(clientId);
    }
    bench.settle();
    bench.said();
    expect(bench.asks('clients', '')).toEqual([
      {
        status: 'ok',
        data: {
          total: 3,
          offset: 0,
          clients: ['a', 'b', 'c'].map((clientId) =>
            expect.objectContaining({ clientId, state: 'active', waiting: 0 }),
          ),
        },
      },
    ]);
    bench.pass(1_000);
    expect(bench.asks('clients', { offset: 1, limit: 1 })).toEqual([
      { status: 'ok', data: { total: 3, offset: 1, clients: [expect.objectContaining({ clientId: 'b' })] } },
    ]);
  });

  it('clients: 100 where nothing else is said, 500 at most', () => {
    const bench = new RequestBench();
    for (let i = 0; i < 600; i++) {
      bench.connects(`c${i}`);
    }
    bench.pass(10_000);
    const counts = [{}, { limit: 500 }].map((request) => {
      bench.pass(1_000);
      bench.said();
      const [answer] = bench.asks('clients', request) as [{ data: { clients: unknown[] } }];
      return answer.data.clients.length;
    });
    expect(counts).toEqual([100, 500]);
  });

  it('disconnect and forget: done, said in the log, and answered when that is over', async () => {
    const bench = new RequestBench();
    bench.connects('a');
    bench.settle();
    bench.said();
    const answered = async (what: string): Promise<unknown[]> => {
      expect(bench.asks(what, { clientId: 'a' })).toEqual([]);
      await new Promise((resolve) => setImmediate(resolve));
      bench.settle();
      return bench.answers(what);
    };
    expect(await answered('disconnect')).toEqual([{ status: 'ok', data: { clientId: 'a' } }]);
    expect(await answered('forget')).toEqual([{ status: 'ok', data: { clientId: 'a' } }]);
    bench.pass(1_000);
    expect(await answered('forget')).toEqual([{ status: 'error', error: 'there is no session of this client' }]);
    expect(await answered('disconnect')).toEqual([
      { status: 'error', error: 'this client is not connected and not asleep' },
    ]);
    expect(bench.notesOf('operator-acted')).toEqual([
      { type: 'operator-acted', action: 'disconnect', clientId: 'a', by: 'MQTT' },
      { type: 'operator-acted', action: 'forget', clientId: 'a', by: 'MQTT' },
    ]);
  });

  it('log-level: told, and set', () => {
    const bench = new RequestBench();
    expect(bench.asks('log-level', '')).toEqual([{ status: 'ok', data: { level: 'info' } }]);
    expect(bench.asks('log-level', { level: 'debug' })).toEqual([{ status: 'ok', data: { level: 'debug' } }]);
    expect(bench.asks('log-level', { level: 'loud' })).toEqual([
      { status: 'error', error: 'level: expected one of error, warn, info, debug, trace, found "loud"' },
    ]);
    expect(bench.asks('log-level', {})).toEqual([{ status: 'ok', data: { level: 'debug' } }]);
  });

  it('reload: answered when it is done', async () => {
    const bench = new RequestBench();
    expect(bench.asks('reload', { correlation: 'x-1' })).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    bench.settle();
    expect(bench.answers('reload')).toEqual([
      {
        status: 'ok',
        data: { changed: ['logging.level: info → debug'], needsRestart: [], problems: [] },
        correlation: 'x-1',
      },
    ]);
  });

  it('reload: problems are an error', async () => {
    const report: ReloadReport = { changed: [], needsRestart: [], problems: ['a: wrong', 'b: wrong'] };
    const bench = new RequestBench({
      reload: async () => report,
    });
    bench.asks('reload', '');
    await new Promise((resolve) => setImmediate(resolve));
    bench.settle();
    expect(bench.answers('reload')).toEqual([{ status: 'error', error: 'a: wrong\nb: wrong', data: report }]);
  });

  it('reload and log-level: an error where the gateway is embedded in another program', async () => {
    const bench = new RequestBench({ hasProgram: false });
    expect(bench.asks('log-level', '')).toEqual([
      { status: 'error', error: 'the program around this gateway has a log of its own' },
    ]);
    bench.asks('reload', '');
    await new Promise((resolve) => setImmediate(resolve));
    bench.settle();
    expect(bench.answers('reload')).toEqual([
      { status: 'error', error: 'the program around this gateway does not read its settings again' },
    ]);
  });

  it.each([
    ['no JSON', 'expected a JSON object, such as {"clientId":"sensor-7"}'],
    ['["a"]', 'expected a JSON object, such as {"clientId":"sensor-7"}'],
    ['null', 'expected a JSON object, such as {"clientId":"sensor-7"}'],
    ['', 'clientId: expected a text, found nothing'],
    ['{"clientId":7}', 'clientId: expected a text, found 7'],
    ['{"clientId":""}', 'clientId: expected a text, found ""'],
    [`{"clientId":"${'x'.repeat(9_000)}"}`, 'expected at most 8192 octets, found 9015'],
  ])('%.20j is an error in words', (request, error) => {
    const bench = new RequestBench();
    expect(bench.asks('forget', request)).toEqual([{ status: 'error', error }]);
    expect(bench.done).toEqual([]);
  });

  it.each([
    ['clients', { limit: 501 }, 'limit: expected a whole number from 1 to 500, found 501'],
    ['clients', { offset: '1' }, 'offset: expected a whole number from 0 to 9007199254740991, found "1"'],
    ['bake-cake', {}, 'expected clients, disconnect, forget, reload or log-level, found "bake-cake"'],
  ])('%s %j is an error in words', (what, request, error) => {
    expect(new RequestBench().asks(what, request)).toEqual([{ status: 'error', error }]);
  });

  it('correlation comes back, whatever it is, unless it is too long', () => {
    const bench = new RequestBench();
    expect(bench.asks('log-level', { correlation: { a: [1] } })).toMatchObject([{ correlation: { a: [1] } }]);
    expect(bench.asks('bake-cake', { correlation: 7 })).toMatchObject([{ status: 'error', correlation: 7 }]);
    const [answer] = bench.asks('log-level', { correlation: 'x'.repeat(2_000) });
    expect(answer).not.toHaveProperty('correlation');
  });

  it('MQTT 5: the answer goes to the response topic, with the correlation data', () => {
    const bench = new RequestBench();
    const correlationData = Uint8Array.of(0, 255);
    expect(bench.asks('log-level', '', { responseTopic: 'answers/7', correlationData })).toEqual([]);
    bench.broker.publish('gw/request/log-level', '', { responseTopic: 'answers/7', correlationData });
    bench.settle();
    expect(bench.broker.said).toEqual([
      expect.objectContaining({ topic: 'answers/7', retain: false, correlationData }),
    ]);
  });

  it.each(['', 'a/+', '#', '$SYS/x', 'gw/state', 'gw/clients/a/state', 'a\u0000', 'x'.repeat(1_001)])(
    'the response topic %.20j is none: the answer goes to the own one',
    (responseTopic) => {
      expect(new RequestBench().asks('log-level', '', { responseTopic })).toHaveLength(1);
    },
  );

  it('a response topic on which the broker closes the connection costs only response topics', () => {
    const bench = new RequestBench();
    bench.broker.fells.add('poison');
    for (let i = 0; i < 5; i++) {
      bench.asks('log-level', '', { responseTopic: 'poison' });
      bench.pass(90_000);
    }
    expect(bench.notesOf('status-off')).toEqual([]);
    expect(bench.notesOf('status-problem').map(({ reason }) => reason)).toEqual([
      'the broker closes the connection on poison: answers go to the topics of the gateway only until the next start',
    ]);
    expect(bench.asks('log-level', '', { responseTopic: 'poison' })).toHaveLength(1);
  });

  it('a retained request is not carried out, for it would be at each start', () => {
    const bench = new RequestBench();
    bench.broker.publish('gw/request/forget', '{"clientId":"a"}', { retain: true });
    bench.broker.breaks();
    bench.pass(60_000);
    bench.broker.breaks();
    bench.pass(60_000);
    expect(bench.done).toEqual(['forget a']); // when it was published
    expect(bench.notesOf('status-problem').map(({ reason }) => reason)).toEqual(
      Array(2).fill('a retained request is not carried out, for it would be again and again: gw/request/forget'),
    );
  });

  it('too many are passed over and counted, and the gateway goes on', () => {
    const bench = new RequestBench();
    for (let i = 0; i < 1_000; i++) {
      bench.broker.publish('gw/request/log-level', '');
    }
    bench.settle();
    expect(bench.answers('log-level')).toHaveLength(20);
    bench.pass(60_000);
    expect(bench.notesOf('status-problem').map(({ reason }) => reason)).toEqual([
      '980 requests were not answered: they came too fast, or ask for nothing that there is',
    ]);
    bench.said();
    expect(bench.asks('log-level', '')).toHaveLength(1);
  });

  it('lists, each of which looks through all clients, come two a second', () => {
    const bench = new RequestBench();
    const answers = Array.from({ length: 5 }, () => bench.asks('clients', '').length);
    expect(answers).toEqual([1, 1, 0, 0, 0]);
  });

  it('what is no request is not answered', () => {
    const bench = new RequestBench();
    for (const what of ['', 'A', 'x'.repeat(40), '../state', '<script>']) {
      expect(bench.asks(what, '')).toEqual([]);
    }
    expect(bench.broker.said).toEqual([]);
  });

  it('answers wait for nobody who is gone', () => {
    const bench = new RequestBench();
    bench.broker.acknowledges = false;
    for (let i = 0; i < 100; i++) {
      bench.connects(`c${i}`);
    }
    bench.settle();
    bench.broker.publish('gw/request/log-level', '');
    bench.broker.breaks();
    bench.broker.acknowledges = true;
    bench.said();
    bench.pass(30_000);
    expect(bench.answers('log-level')).toEqual([]);
  });
});
