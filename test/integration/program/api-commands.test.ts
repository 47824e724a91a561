import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { captureCommand } from '../../../src/cli/api/capture-command.ts';
import { clientCommand } from '../../../src/cli/api/client-command.ts';
import { clientsCommand } from '../../../src/cli/api/clients-command.ts';
import { disconnectCommand } from '../../../src/cli/api/disconnect-command.ts';
import { FollowedClients } from '../../../src/cli/api/followed-clients.ts';
import { forgetCommand } from '../../../src/cli/api/forget-command.ts';
import { GatewayApi } from '../../../src/cli/api/gateway-api.ts';
import { reloadCommand } from '../../../src/cli/api/reload-command.ts';
import { statusCommand } from '../../../src/cli/api/status-command.ts';
import { traceCommand } from '../../../src/cli/api/trace-command.ts';
import { decodeCommand } from '../../../src/cli/decode-command.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { ServedPage } from '../../support/http-bench.ts';
import { RunningCommand, runCommand } from '../../support/run-command.ts';

const TOKEN = '0123456789abcdef';
const LINK = 'udp:192.0.2.7:4000';
const PUBLISH = Uint8Array.from([0x09, 0x0c, 0x00, 0x00, 0x01, 0x00, 0x00, 0x6f, 0x6e]);

let page: ServedPage;
let readOnly: ServedPage;
let folder: string;
let access: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-'));
  await writeFile(join(folder, 'token'), `${TOKEN}\n`);
  page = await ServedPage.start({ token: TOKEN });
  readOnly = await ServedPage.start({});
  page.gateway.add('a/b', {
    link: LINK,
    subscriptions: [{ filter: 'cmd/#', qos: 1 }],
    lastTopic: 'up/1',
    lastOctets: 4,
  });
  page.gateway.add('sleeper', { state: 'asleep' });
  access = ['--url', `http://127.0.0.1:${page.port}`, '--token-file', join(folder, 'token')];
});

afterAll(async () => {
  await page?.stop();
  await readOnly?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a running gateway, asked from a terminal', () => {
  it('tells its status', async () => {
    const run = await runCommand(statusCommand, 'status', ...access);
    expect(run).toMatchObject({ errors: '', exitCode: 0 });
    const lines = run.output.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
    expect(lines[0]).toMatch(/^Gateway \| 9\.8\.7, id 1, up /);
    expect(lines).toEqual(
      expect.arrayContaining([
        'Broker | mqtt://broker.example:1883, transparent',
        'Clients | 2: 1 active, 1 asleep',
        'Waiting | 3 messages, 30 octets',
        'Transport | Address | State | Frames in | Frames out | Reason',
        'udp | 0.0.0.0:1884 | up | 5 | 6',
      ]),
    );
    expect(JSON.parse((await runCommand(statusCommand, 'status', ...access, '--json')).output)).toMatchObject({
      version: '9.8.7',
      broker: { state: 'reachable' },
    });
  });

  it('lists its clients, and tells of one', async () => {
    const run = await runCommand(clientsCommand, 'clients', ...access);
    expect(run).toMatchObject({ errors: '', exitCode: 0 });
    expect(run.output).toMatch(
      /^Client +State .*\na\/b +active .* udp:192\.0\.2\.7:4000 .* up\/1\nsleeper +asleep .*\n$/,
    );
    expect((await runCommand(clientsCommand, 'clients', ...access, '--state', 'lost')).output).toBe('No clients.\n');
    const one = await runCommand(clientsCommand, 'clients', ...access, '--limit', '1', '--json');
    expect(JSON.parse(one.output)).toMatchObject({ total: 2, items: [{ clientId: 'a/b' }] });
    const { output } = await runCommand(clientCommand, 'client', 'a/b', ...access);
    expect(output).toMatch(/^Client +a\/b\nState +active, since /);
    expect(output).not.toContain('Connection');
    expect(run.output).not.toContain('Connection');
    expect(output).toMatch(/\nSubscriptions\nFilter +QoS\ncmd\/# +1\n/);
  });

  it('says which clients have a connection of their own, where others share one', async () => {
    const aggregating = await ServedPage.start({});
    try {
      aggregating.gateway.add('meter-1', { connection: 'own' });
      aggregating.gateway.add('room-1', { connection: 'shared' });
      const at = ['--url', `http://127.0.0.1:${aggregating.port}`];
      const { output } = await runCommand(clientsCommand, 'clients', ...at);
      expect(output).toMatch(/^Client +State .* Connection .*\nmeter-1 .* own .*\nroom-1 .* shared /);
      expect((await runCommand(clientCommand, 'client', 'meter-1', ...at)).output).toMatch(/\nConnection +its own\n/);
      expect((await runCommand(clientCommand, 'client', 'room-1', ...at)).output).toMatch(
        /\nConnection +shared with others\n/,
      );
    } finally {
      await aggregating.stop();
    }
  });

  it('sends a client away, and reads its settings again', async () => {
    const run = await runCommand(disconnectCommand, 'disconnect', 'a/b', ...access);
    expect(run).toEqual({ output: '"a/b" is disconnected\n', errors: '', exitCode: 0 });
    expect(page.gateway.done).toContain('disconnect a/b');
    page.gateway.report = { changed: ['watch'], needsRestart: [], problems: [] };
    expect(await runCommand(reloadCommand, 'reload', ...access)).toEqual({
      output: 'Changed: watch\n',
      errors: '',
      exitCode: 0,
    });
    page.gateway.report = { changed: [], needsRestart: [], problems: ['gateway.yaml:1: no'] };
    expect(await runCommand(reloadCommand, 'reload', ...access)).toMatchObject({ exitCode: 1 });
  });
});

describe('forget', () => {
  it('ends the session of a client, and says where there is none', async () => {
    page.gateway.add('old one', { state: 'lost' });
    const run = await runCommand(forgetCommand, 'forget', 'old one', ...access);
    expect(run).toEqual({ output: '"old one" is forgotten\n', errors: '', exitCode: 0 });
    expect(page.gateway.done).toContain('forget old one');
    const none = await runCommand(forgetCommand, 'forget', 'nobody', ...access);
    expect(none).toEqual({ output: '', errors: 'forget: No session has the client id "nobody".\n', exitCode: 1 });
  });
});

describe('trace', () => {
  const frames = () => page.gateway.observers;
  const authorized = { authorization: `Bearer ${TOKEN}` };

  /** The client, once its frames are shown. */
  async function eventuallyTraced(clientId: string): Promise<{ readonly traceUntil: string | null }> {
    const path = `/api/v1/clients/${encodeURIComponent(clientId)}`;
    return eventually(`a trace of ${clientId}`, async () => {
      const detail = (await page.get(path, { headers: authorized })).json() as { traceUntil: string | null };
      return detail.traceUntil !== null && detail;
    });
  }

  afterEach(async () => {
    await eventually('the end of all traces', () => !frames().wantsFrames);
  });

  it('shows the frames of a client, and ends after so many', async () => {
    const run = new RunningCommand(traceCommand, ['trace', 'a/b', ...access, '-C', '2', '--hex']);
    await eventually('a trace', () => frames().wantsFrames);
    frames().frame('received', LINK, PUBLISH);
    frames().frame('received', 'udp:192.0.2.9:1', PUBLISH);
    frames().frame('sent', LINK, Uint8Array.of(2, 0x17));
    const { output, errors, exitCode } = await run.ended;
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    expect(output.replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')).toBe(
      [
        'TIME  a/b  > PUBLISH qos=0 topicIdType=normal topicId=1 msgId=0 2 octets  09 0c 00 00 01 00 00 .. ..',
        'TIME  a/b  < PINGRESP  02 17',
        '',
      ].join('\n'),
    );
  });

  it('shows those of all, also of one that comes later', async () => {
    const run = new RunningCommand(traceCommand, ['trace', ...access, '-C', '2', '--json']);
    await eventually('a trace', () => frames().wantsFrames);
    page.gateway.add('late', { link: 'udp:192.0.2.8:5000' });
    // Until its changes are told, and it is followed.
    await eventually('both clients', () => {
      page.gateway.note({ type: 'client-connected', clientId: 'late', link: 'udp:192.0.2.8:5000' } as never);
      frames().frame('received', 'udp:192.0.2.8:5000', PUBLISH);
      return run.output !== '';
    });
    frames().frame('sent', LINK, PUBLISH);
    const { output, exitCode } = await run.ended;
    expect(exitCode).toBe(0);
    expect(JSON.parse(output.split('\n')[0] ?? '')).toMatchObject({ clientId: 'late', direction: 'received' });
  });

  it('goes on with the others where somebody switches off one of all', async () => {
    const run = new RunningCommand(traceCommand, ['trace', ...access, '-C', '1', '--json']);
    const { traceUntil } = await eventuallyTraced('a/b');
    expect(traceUntil).not.toBeNull();
    await eventuallyTraced('sleeper');
    await page.ask('DELETE', '/api/v1/clients/sleeper/trace', { headers: authorized });
    await eventually('a line about it', () => run.errors !== '');
    frames().frame('sent', LINK, PUBLISH);
    const { output, errors, exitCode } = await run.ended;
    expect({ errors, exitCode }).toEqual({
      errors: 'trace: the frames of "sleeper" are not shown any more: somebody has switched that off\n',
      exitCode: 0,
    });
    expect(JSON.parse(output)).toMatchObject({ clientId: 'a/b', direction: 'sent' });
  });

  it('leaves a trace of somebody else as it is', async () => {
    const asking = { headers: { authorization: `Bearer ${TOKEN}` }, body: { seconds: 600 } };
    const { traceUntil } = (await page.ask('POST', '/api/v1/clients/a%2Fb/trace', asking)).json();
    const run = new RunningCommand(traceCommand, ['trace', 'a/b', ...access, '-C', '1']);
    await eventually('its frame', () => {
      frames().frame('sent', LINK, Uint8Array.of(2, 0x17));
      return run.output !== '';
    });
    await run.ended;
    const detail = (await page.get('/api/v1/clients/a%2Fb', { headers: asking.headers })).json();
    expect(detail.traceUntil).toBe(traceUntil);
    await page.ask('DELETE', '/api/v1/clients/a%2Fb/trace', { headers: asking.headers });
  });

  it.each(['first', 'second'])(
    'of two viewers of one client the %s to leave switches nothing off for the other one',
    async (leaves) => {
      const api = new GatewayApi({
        url: new URL(`http://127.0.0.1:${page.port}`),
        authorization: authorized.authorization,
        ca: undefined,
      });
      const viewers = [0, 1].map(() => ({ shown: 0, said: [] as string[], stopper: new AbortController() }));
      const ends: Promise<unknown>[] = [];
      for (const viewer of viewers) {
        const target = { frame: () => void viewer.shown++, say: (line: string) => void viewer.said.push(line) };
        ends.push(new FollowedClients(api, target).follow(['a/b'], viewer.stopper.signal).catch((error) => error));
        await eventually('a frame', () => {
          frames().frame('sent', LINK, Uint8Array.of(2, 0x17));
          return viewer.shown > 0;
        });
      }
      const [gone, stays] = leaves === 'first' ? viewers : viewers.toReversed();
      gone?.stopper.abort();
      await ends[leaves === 'first' ? 0 : 1];
      const before = stays?.shown ?? 0;
      await eventually('another frame', () => {
        frames().frame('sent', LINK, Uint8Array.of(2, 0x17));
        return (stays?.shown ?? 0) > before;
      });
      expect(stays?.said).toEqual([]);
      stays?.stopper.abort();
      expect(await Promise.all(ends)).toEqual([undefined, undefined]);
    },
  );

  it('shows ten clients of many, and says so', async () => {
    const clients = Array.from({ length: 11 }, (_, number) => `many/${number}`);
    for (const clientId of clients) {
      page.gateway.add(clientId);
    }
    const run = new RunningCommand(traceCommand, ['trace', ...access]);
    await eventually('a line about the others', () => run.errors !== '' && frames().wantsFrames);
    process.emit('SIGINT');
    expect(await run.ended).toEqual({
      output: '',
      errors:
        'trace: a gateway shows the frames of 10 clients at a time; the others are not shown: name those that you want\n',
      exitCode: 0,
    });
    for (const clientId of clients) {
      page.gateway.views.delete(clientId);
    }
  });

  it('ends at Ctrl-C', async () => {
    const run = new RunningCommand(traceCommand, ['trace', 'a/b', ...access]);
    await eventually('a trace', () => frames().wantsFrames);
    process.emit('SIGINT');
    expect(await run.ended).toEqual({ output: '', errors: '', exitCode: 0 });
  });
});

describe('capture', () => {
  it('writes frames of every kind of node to a file that tshark dissects, with the option that it prints', async () => {
    const links = {
      's/udp': 'udp:192.0.2.20:4711',
      's/six': 'udp:[2001:db8::7]:1',
      's/line': 'serial:line',
      's/xbee': 'xbee:0013a20040401122',
    };
    for (const [clientId, link] of Object.entries(links)) {
      page.gateway.add(clientId, { link });
    }
    page.gateway.add('s/behind', { link: 'serial:line/0a0b' });
    const file = join(folder, 'site.pcapng');
    const clients = [...Object.keys(links), 's/behind'];
    const run = new RunningCommand(captureCommand, ['capture', '--pcap', file, ...access, '-C', '10', ...clients]);
    // From another address: what is asked too often is not answered to the first one.
    const asking = { headers: { authorization: `Bearer ${TOKEN}` }, from: '127.0.0.2' };
    await eventually('the traces', async () => {
      const details = clients.map((id) => page.get(`/api/v1/clients/${encodeURIComponent(id)}`, asking));
      return (await Promise.all(details)).every((detail) => typeof detail.json().traceUntil === 'string');
    });
    const { observers } = page.gateway;
    for (const link of Object.values(links)) {
      observers.frame('received', link, PUBLISH);
      observers.frame('sent', link, Uint8Array.of(2, 0x17));
    }
    observers.frame('received', 'serial:line', Uint8Array.from([0x05, 0xfe, 0x00, 0x0a, 0x0b, ...PUBLISH]));
    observers.frame('sent', 'serial:line', Uint8Array.from([0x05, 0xfe, 0x00, 0x0a, 0x0b, 2, 0x17]));
    const { errors, exitCode } = await run.ended;
    expect({ errors, exitCode }).toEqual({
      errors: `capture: 10 frames in ${file}; to read them: tshark -d udp.port==1884,mqttsn -r ${file}\n`,
      exitCode: 0,
    });
    const fields = ['frame.protocols', 'mqttsn.msg.type', '_ws.malformed', '_ws.expert.message'].flatMap((field) => [
      '-e',
      field,
    ]);
    const options = ['-r', file, '-d', 'udp.port==1884,mqttsn', '-T', 'fields', '-E', 'separator=,', ...fields];
    const { stdout } = await promisify(execFile)('tshark', options);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(10);
    for (const line of lines) {
      expect(line).toMatch(/^raw:ip(v6)?:udp:mqttsn,/);
      expect(line).toMatch(/,,(zeros in place of the payload: .*)?$/); // nothing is malformed, and no remark but ours
    }
  });

  it('needs a file that can be written', async () => {
    const none = await runCommand(captureCommand, 'capture', ...access);
    expect(none).toMatchObject({ exitCode: 2, errors: expect.stringMatching(/^capture: where to\? Add --pcap/) });
    const nowhere = await runCommand(captureCommand, 'capture', ...access, '--pcap', '/nope/a.pcapng');
    expect(nowhere).toMatchObject({
      exitCode: 1,
      errors: expect.stringMatching(/^capture: cannot write \/nope\/a\.pcapng: /),
    });
  });
});

describe('decode', () => {
  it('reads a capture', async () => {
    const run = await runCommand(decodeCommand, 'decode', join(folder, 'site.pcapng'));
    expect(run).toMatchObject({ errors: '', exitCode: 0 });
    const lines = run.output.trim().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatch(/^\d{4}-\S+Z {2}192\.0\.2\.20:4711 > 192\.0\.2\.1:1884 {2}PUBLISH qos=0 /);
  });
});

describe('what is wrong is one line that says what to do:', () => {
  it('no gateway', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;
    const run = await runCommand(statusCommand, 'status', '--url', url);
    expect(run).toEqual({
      output: '',
      errors: `status: no gateway answers at ${url}: is it running, with http.enabled, and is its http.port that of --url?\n`,
      exitCode: 1,
    });
  });

  it('no token, and a wrong one', async () => {
    const url = ['--url', `http://127.0.0.1:${page.port}`];
    const none = await runCommand(statusCommand, 'status', ...url);
    expect(none.errors).toMatch(/^status: .*token.*: add --token-file with the file of the token, or --user\n$/);
    const wrong = await runCommand(statusCommand, 'status', ...url, '--token', 'x'.repeat(16));
    expect(wrong.errors).toMatch(
      /^status: .* are wrong: see http\.token and http\.users in the settings of the gateway\n$/,
    );
    expect([none.exitCode, wrong.exitCode]).toEqual([1, 1]);
  });

  it('a gateway that shows and does nothing', async () => {
    const run = await runCommand(reloadCommand, 'reload', '--url', `http://127.0.0.1:${readOnly.port}`);
    expect(run).toMatchObject({ output: '', exitCode: 1 });
    expect(run.errors).toMatch(/^reload: Without http\.users or http\.token .*\n$/);
  });

  it('no such client', async () => {
    const run = await runCommand(traceCommand, 'trace', 'nobody', ...access);
    expect(run).toEqual({ output: '', errors: 'trace: No session has the client id "nobody".\n', exitCode: 1 });
  });

  it('something else than a gateway', async () => {
    const server = createServer((_, response) => response.writeHead(302, { location: '/login' }).end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const run = await runCommand(statusCommand, 'status', '--url', url);
    server.close();
    expect(run.errors).toBe(
      `status: what answers at ${url} is no gateway: status 302 (it leads to /login); see --url\n`,
    );
  });
});
