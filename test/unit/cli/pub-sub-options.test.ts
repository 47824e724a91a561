import { describe, expect, it } from '@jest/globals';
import yargs, { type Argv } from 'yargs';
import { clientSettings } from '../../../src/cli/client-options.ts';
import { errorLine, UnreachableError } from '../../../src/cli/client-session.ts';
import { OptionProblem } from '../../../src/cli/option-table.ts';
import { pubCommand, pubOptions, pubPlan } from '../../../src/cli/pub-command.ts';
import { printed, subCommand, subOptions, subPlan } from '../../../src/cli/sub-command.ts';
import { EndedByGatewayError, NoAnswerError, RejectedError } from '../../../src/client/client-error.ts';

/** As the program parses: strict, and nothing ends the process. */
function parse<T>(options: (command: Argv) => Argv<T>, line: readonly string[]): T {
  return options(
    yargs()
      .strict()
      .help('help')
      .version(false)
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new Error(message);
      }),
  ).parseSync([...line]) as T;
}

const pub = (...line: string[]) => parse(pubOptions, line);
const sub = (...line: string[]) => parse(subOptions, line);

describe('options of pub and sub', () => {
  it('have the defaults of mosquitto_pub, and the MQTT-SN port', () => {
    const settings = clientSettings(pub('-t', 'a/b', '-m', 'x'), 'pub');
    expect(settings).toEqual({
      host: '127.0.0.1',
      port: 1884,
      clientId: expect.stringMatching(/^mqtt-sn-pub-[\da-f]{8}$/),
      cleanSession: true,
      keepAlive: 60,
      retryInterval: 10_000,
      retryCount: 3,
    });
    expect(settings.clientId.length).toBeLessThanOrEqual(23);
  });

  it('make a new client id each time', () => {
    const values = sub('-t', 'a');
    expect(clientSettings(values, 'sub').clientId).not.toBe(clientSettings(values, 'sub').clientId);
  });

  it('are taken in their short form', () => {
    const values = pub(
      '-h',
      '::1',
      '-p',
      '10000',
      '-i',
      's1',
      '-k',
      '0',
      '-c',
      '-t',
      'a/b',
      '-m',
      '007',
      '-q',
      '2',
      '-r',
      '-d',
    );
    expect(clientSettings(values, 'pub')).toMatchObject({
      host: '::1',
      port: 10_000,
      clientId: 's1',
      keepAlive: 0,
      cleanSession: false,
    });
    expect(values.debug).toBe(true);
    expect(pubPlan(values)).toEqual({
      topic: { name: 'a/b' },
      qos: 2,
      retain: true,
      source: { from: 'text', text: '007' },
      repeat: 1,
      repeatDelay: 0,
    });
  });

  it('are taken in their long form', () => {
    const values = pub(
      ...['--host', 'gateway.example', '--port', '1885', '--id', 's1', '--keepalive', '300', '--disable-clean-session'],
      ...[
        '--topic-id',
        '10',
        '--file',
        'payload.bin',
        '--qos',
        '1',
        '--retain',
        '--retry-interval',
        '0.5',
        '--retry-count',
        '5',
      ],
    );
    expect(clientSettings(values, 'pub')).toMatchObject({
      host: 'gateway.example',
      port: 1885,
      keepAlive: 300,
      retryInterval: 500,
      retryCount: 5,
    });
    expect(pubPlan(values)).toMatchObject({
      topic: { topicId: 10 },
      qos: 1,
      source: { from: 'file', path: 'payload.bin' },
    });
  });

  it('make a will', () => {
    const will = ['--will-topic', 'will/s1', '--will-payload', 'gone', '--will-qos', '1', '--will-retain'];
    expect(clientSettings(sub('-t', 'a', ...will), 'sub').will).toEqual({
      topic: 'will/s1',
      message: 'gone',
      qos: 1,
      retain: true,
    });
    expect(clientSettings(sub('-t', 'a', '--will-topic', 'w'), 'sub').will).toEqual({
      topic: 'w',
      message: '',
      qos: 0,
      retain: false,
    });
  });

  it.each([
    [['-t', 'a', '-c'], /--id/],
    [['-t', 'a', '--will-payload', 'x'], /--will-topic/],
    [['-t', 'a', '-i', ''], /--id/],
    [['-t', 'a', '-p', '0'], /--port must be a whole number from 1 to 65535/],
    [['-t', 'a', '-p', 'mqtt'], /--port/],
    [['-t', 'a', '-k', '65536'], /--keepalive/],
    [['-t', 'a', '--retry-interval', '0'], /--retry-interval/],
    [['-t', 'a', '--retry-count', '1.5'], /--retry-count/],
  ])('that do not fit together are refused: %j', (line, message) => {
    expect(() => clientSettings(sub(...line), 'sub')).toThrow(message);
    expect(() => clientSettings(sub(...line), 'sub')).toThrow(OptionProblem);
  });

  it.each([['--qos', '3'], ['-q', '-2'], ['--will-qos', '-1'], ['--no-such-option']])(
    'that are unknown or out of range are refused: %s %s',
    (...line) => {
      expect(() => pub('-t', 'a', '-m', 'x', ...line)).toThrow();
    },
  );
});

describe('options of pub', () => {
  it.each([[['-q', '-1']], [['-q=-1']], [['--qos', '-1']], [['--qos=-1']]])('take the negative QoS: %j', (line) => {
    expect(pubPlan(pub('--topic-id', '10', '-m', 'x', ...line)).qos).toBe(-1);
  });

  it('send two octets as a short topic only when told, or when there is no other way', () => {
    expect(pubPlan(pub('-t', 'tp', '-m', 'x')).topic).toEqual({ name: 'tp' });
    expect(pubPlan(pub('-t', 'tp', '-m', 'x', '--short')).topic).toEqual({ short: 'tp' });
    expect(pubPlan(pub('-t', 'tp', '-m', 'x', '-q', '-1')).topic).toEqual({ short: 'tp' });
  });

  it.each([
    [['-m', 'hello there'], { from: 'text', text: 'hello there' }],
    [['-m', ''], { from: 'text', text: '' }],
    [['-m', '-5'], { from: 'text', text: '-5' }],
    [['-n'], { from: 'text', text: '' }],
    [['-s'], { from: 'stdin' }],
    [['-l'], { from: 'stdin-lines' }],
  ])('say where the payload comes from: %j', (line, source) => {
    expect(pubPlan(pub('-t', 'a', ...line)).source).toEqual(source);
  });

  it('repeat', () => {
    expect(pubPlan(pub('-t', 'a', '-n', '--repeat', '5', '--repeat-delay', '0.1'))).toMatchObject({
      repeat: 5,
      repeatDelay: 100,
    });
  });

  it.each([
    [['-m', 'x'], /--topic/],
    [['-t', 'a', '--topic-id', '1', '-m', 'x'], /exclude/],
    [['-t', '', '-m', 'x'], /--topic/],
    [['-t', 'a/#', '-m', 'x'], /wildcard/],
    [['-t', 'a'], /--message/],
    [['-t', 'a', '-m', 'x', '-n'], /once/],
    [['-t', 'abc', '--short', '-m', 'x'], /two octets/],
    [['--topic-id', '1', '--short', '-m', 'x'], /--short/],
    [['-t', 'abc', '-q', '-1', '-m', 'x'], /QoS -1/],
    [['--topic-id', '10', '-q', '-1', '-m', 'x', '-i', 'meter-7'], /QoS -1 carries no client id: leave --id away/],
    [['--topic-id', '10', '-q', '-1', '-m', 'x', '--will-topic', 'w'], /QoS -1 makes no connection/],
    [['--topic-id', '65535', '-m', 'x'], /--topic-id must be a whole number from 1 to 65534/],
    [['-t', 'a', '-m', 'x', '--repeat', '0'], /--repeat/],
  ])('that do not fit together are refused: %j', (line, message) => {
    expect(() => pubPlan(pub(...line))).toThrow(message);
    expect(() => pubPlan(pub(...line))).toThrow(OptionProblem);
  });
});

describe('options of sub', () => {
  it('take several topics and ids', () => {
    expect(
      subPlan(sub('-t', 'a/#', '--topic', '+/b', '--topic-id', '10', '--topic-id', '11', '-q', '1')).topics,
    ).toEqual([{ name: 'a/#' }, { name: '+/b' }, { topicId: 10 }, { topicId: 11 }]);
    expect(subPlan(sub('-t', 'tp', '--short')).topics).toEqual([{ short: 'tp' }]);
  });

  it('take one topic after each -t', () => {
    expect(() => sub('-t', 'a', 'b')).toThrow();
  });

  it('are those of mosquitto_sub', () => {
    expect(subPlan(sub('-t', 'a'))).toEqual({
      topics: [{ name: 'a' }],
      qos: 0,
      verbose: false,
      count: Number.POSITIVE_INFINITY,
      timeout: undefined,
      retained: true,
      newline: true,
    });
    expect(subPlan(sub('-t', 'a', '-q', '2', '-v', '-C', '3', '-W', '1.5', '-R', '-N'))).toMatchObject({
      qos: 2,
      verbose: true,
      count: 3,
      timeout: 1500,
      retained: false,
      newline: false,
    });
  });

  it.each([
    [[], /--topic/],
    [['-t', 'a', '-C', '0'], /--count/],
    [['-t', 'a', '-W', '0'], /--timeout/],
    [['-t', 'abc', '--short'], /two octets/],
    [['-t', 'a/#/b'], /"a\/#\/b" cannot be subscribed to: # must be the last level of a topic filter, alone/],
    [['-t', 'ok', '-t', 'a+'], /"a\+" cannot be subscribed to: \+ must stand alone in its level/],
  ])('that do not fit together are refused: %j', (line, message) => {
    expect(() => subPlan(sub(...line))).toThrow(message);
  });

  it('print payload octets as they are', () => {
    const message = {
      topicIdType: 'normal',
      topicId: 1,
      msgId: 0,
      qos: 0,
      retain: false,
      dup: false,
      data: Uint8Array.of(0x00, 0xff, 0x0a),
    } as const;
    const [plain, verbose, bare] = [sub('-t', 'a'), sub('-t', 'a', '-v'), sub('-t', 'a', '-N')].map(subPlan) as [
      never,
      never,
      never,
    ];
    expect([...printed({ ...message, topicName: 'ab' }, plain)]).toEqual([0x00, 0xff, 0x0a, 0x0a]);
    expect([...printed({ ...message, topicName: 'ab' }, verbose)]).toEqual([0x61, 0x62, 0x20, 0x00, 0xff, 0x0a, 0x0a]);
    expect([...printed({ ...message, topicName: 'ab' }, bare)]).toEqual([0x00, 0xff, 0x0a]);
    expect(
      printed(
        { ...message, topicName: undefined, topicIdType: 'predefined', topicId: 10, data: Buffer.from('x') },
        verbose,
      ).toString(),
    ).toBe('id:10 x\n');
  });
});

describe('errors of pub and sub', () => {
  const GATEWAY = '127.0.0.1:1884';

  it.each([
    [
      new NoAnswerError('CONNECT', GATEWAY, 4, undefined),
      'no answer from 127.0.0.1:1884 after 4 tries: is the gateway running?',
    ],
    [
      new UnreachableError('connection refused'),
      'no answer from 127.0.0.1:1884 (connection refused): is the gateway running?',
    ],
    [
      new RejectedError('CONNECT', 1),
      'CONNECT rejected: congestion (0x01): the gateway has no broker at the moment, or no room for one more client; its log says which',
    ],
    [
      new RejectedError('CONNECT', 3),
      'CONNECT rejected: not supported (0x03): the gateway or the broker refuses this client id, this will, or the gateway itself (user name, password); the log of the gateway says which',
    ],
    [
      new RejectedError('PUBLISH', 1),
      'PUBLISH rejected: congestion (0x01): the gateway has too much of this client, or the broker does not answer it; try again later, its log says more',
    ],
    [
      new RejectedError('SUBSCRIBE', 2),
      'SUBSCRIBE rejected: invalid topic id (0x02): a --topic-id must stand in the file of pre-defined topics of the gateway, under this client id (--id) or "*"',
    ],
    [
      new RejectedError('PUBLISH', 3),
      'PUBLISH rejected: not supported (0x03): the gateway or the broker refuses this topic, QoS or size; the log of the gateway says which',
    ],
    [
      new RejectedError('CONNECT', 9),
      'CONNECT rejected: reserved return code (0x09): the log of the gateway says more',
    ],
    [
      new EndedByGatewayError(),
      'the gateway ended the connection: it stops, has lost the broker, or does not know this client any more; its log says which. Start this again',
    ],
    [
      Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }),
      'no address is known for 127.0.0.1:1884',
    ],
    [new Error('ENOENT: no such file'), 'ENOENT: no such file'],
  ])('are one line', (error, line) => {
    expect(errorLine(error, GATEWAY)).toBe(line);
  });

  it('belong to commands named pub and sub', () => {
    expect([pubCommand.command, subCommand.command]).toEqual(['pub', 'sub']);
  });
});
