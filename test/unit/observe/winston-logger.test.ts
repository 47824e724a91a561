import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { LogOutput } from '../../../src/observe/log-output.ts';
import { LOG_LEVELS, type LogFields, type LogLevel } from '../../../src/observe/logger.ts';
import { winstonLogger } from '../../../src/observe/winston-logger.ts';

/** A moment as a clock in another place shows it. */
class LocalTime extends Date {
  readonly #minutesEast: number;

  constructor(moment: string, minutesEast: number) {
    super(moment);
    this.#minutesEast = minutesEast;
  }

  override getTimezoneOffset(): number {
    return -this.#minutesEast;
  }
}

const MOMENT = '2026-05-04T10:20:30.400Z';
const TIME = new LocalTime(MOMENT, 120);

/** Whatever is written to it, in one string. */
class Paper extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** An output that never has to wait. */
function onto(paper: Paper): LogOutput {
  return new LogOutput(paper, { now: () => 0 });
}

/** What is written by a logger for one line. */
function written(format: 'pretty' | 'json', level: LogLevel, sentence: string, fields?: LogFields): string {
  const paper = new Paper();
  winstonLogger({ level: 'trace', format }, onto(paper), () => TIME).log(level, 'client-connected', sentence, fields);
  return paper.text;
}

describe('lines for people', () => {
  it('have time, level, sentence and fields', () => {
    expect(
      written('pretty', 'info', 'client connected', {
        clientId: 'sensor-1',
        link: 'udp:192.0.2.7:4711',
        keepAlive: 60,
        will: false,
      }),
    ).toBe(
      '2026-05-04T12:20:30.400+02:00 info  client connected  clientId=sensor-1 link=udp:192.0.2.7:4711 keepAlive=60 will=false\n',
    );
  });

  it('have no fields where there are none', () => {
    expect(written('pretty', 'error', 'it broke', { clientId: undefined })).toBe(
      '2026-05-04T12:20:30.400+02:00 error it broke\n',
    );
    expect(written('pretty', 'warn', 'look')).toBe('2026-05-04T12:20:30.400+02:00 warn  look\n');
  });

  it('cannot be forged or garbled by a client', () => {
    expect(
      written('pretty', 'info', 'lost: a\nb', {
        clientId: 'x\n2026 info fine',
        link: '\u{1b}[2J',
        topicName: 'a "b" \u{202e}',
      }),
    ).toBe(
      '2026-05-04T12:20:30.400+02:00 info  lost: a\\u000ab  clientId="x\\n2026 info fine" link="\\u001b[2J" topicName="a \\"b\\" \\u202e"\n',
    );
  });

  it('quote what could be taken for something else', () => {
    expect(written('pretty', 'info', 'x', { a: '', b: 'a b', c: 'a=b', d: 'cmd/+/#', e: 'ü' })).toMatch(
      / {2}a="" b="a b" c="a=b" d=cmd\/\+\/# e="ü"\n$/,
    );
  });

  it('cut long fields', () => {
    expect(written('pretty', 'info', 'x', { topicName: 'a'.repeat(300) })).toMatch(/topicName="a{256}…"\n$/);
  });

  it.each([
    [330, '2026-05-04T15:50:30.400+05:30'],
    [-240, '2026-05-04T06:20:30.400-04:00'],
    [-210, '2026-05-04T06:50:30.400-03:30'],
    [0, '2026-05-04T10:20:30.400+00:00'],
  ])('have local time, %i minutes east of Greenwich', (minutesEast, time) => {
    const paper = new Paper();
    winstonLogger({ level: 'info', format: 'pretty' }, onto(paper), () => new LocalTime(MOMENT, minutesEast)).log(
      'info',
      'gateway-started',
      'x',
    );
    expect(paper.text).toBe(`${time} info  x\n`);
  });
});

describe('lines of JSON', () => {
  it('are one object each, in UTC', () => {
    expect(
      written('json', 'info', 'client connected', {
        clientId: 'sensor-1',
        link: 'udp:192.0.2.7:4711',
        keepAlive: 60,
        from: undefined,
      }),
    ).toBe(
      '{"time":"2026-05-04T10:20:30.400Z","level":"info","event":"client-connected","message":"client connected","clientId":"sensor-1","link":"udp:192.0.2.7:4711","keepAlive":60}\n',
    );
  });

  it('give back every string as it was', () => {
    const clientId = 'a\n"\\\u{1b}\u{85}\u{2028}\u{202e}\u{e0041}ü😀';
    const line = written('json', 'info', 'x\ny', { clientId });
    expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(line)).toMatchObject({ message: 'x\ny', clientId });
  });

  it('cut long fields', () => {
    expect(JSON.parse(written('json', 'info', 'x', { topicName: 'a'.repeat(300) }))).toMatchObject({
      topicName: `${'a'.repeat(256)}…`,
    });
  });
});

describe('lines for the journal of systemd', () => {
  it.each<[LogLevel, number]>([
    ['error', 3],
    ['warn', 4],
    ['info', 6],
    ['debug', 7],
    ['trace', 7],
  ])('of level %s have the priority %i, and no time of their own', (level, priority) => {
    const paper = new Paper();
    winstonLogger({ level: 'trace', format: 'pretty', journal: true }, onto(paper), () => TIME).log(
      level,
      'gateway-started',
      'a\nb',
      { clientId: 'sensor-1' },
    );
    expect(paper.text).toBe(`<${priority}>a\\u000ab  clientId=sensor-1\n`);
  });

  it('are objects behind the priority where they are wanted as JSON', () => {
    const paper = new Paper();
    winstonLogger({ level: 'info', format: 'json', journal: true }, onto(paper), () => TIME).log(
      'warn',
      'store-stalled',
      'x',
    );
    expect(paper.text).toBe(`<4>{"time":"${MOMENT}","level":"warn","event":"store-stalled","message":"x"}\n`);
  });
});

describe('levels', () => {
  it('may be set while lines are written', () => {
    const paper = new Paper();
    const logger = winstonLogger({ level: 'warn', format: 'pretty' }, onto(paper), () => TIME);
    logger.log('debug', 'subscribed', 'not yet');
    logger.level = 'debug';
    expect([logger.level, logger.enabled.debug, logger.enabled.trace]).toEqual(['debug', true, false]);
    logger.log('debug', 'subscribed', 'now');
    logger.level = 'error';
    logger.log('warn', 'store-stalled', 'no more');
    expect(paper.text).toBe('2026-05-04T12:20:30.400+02:00 debug now\n');
  });

  it.each(LOG_LEVELS)('%s hides everything that matters less', (level) => {
    const paper = new Paper();
    const logger = winstonLogger({ level, format: 'json' }, onto(paper), () => TIME);
    for (const each of LOG_LEVELS) {
      logger.log(each, 'gateway-started', each);
    }
    const shown = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
    expect(
      paper.text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).level),
    ).toEqual(shown);
    expect(LOG_LEVELS.filter((each) => logger.enabled[each])).toEqual(shown);
  });
});
