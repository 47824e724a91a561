import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LogOutput } from '../../../src/observe/log-output.ts';
import { winstonLogger } from '../../../src/observe/winston-logger.ts';

/** A reader of the log that can stop reading. */
class Reader extends Writable {
  text = '';
  #held: (() => void) | undefined;
  #reads = true;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#held = (): void => {
      this.text += chunk.toString();
      done();
    };
    if (this.#reads) {
      this.readOne();
    }
  }

  stall(): void {
    this.#reads = false;
  }

  readOne(): void {
    const take = this.#held;
    this.#held = undefined;
    take?.();
  }

  goOn(): void {
    this.#reads = true;
    this.readOne();
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/** A reader that is away until it is back: as standard output it goes on after a failed write. */
class FailingReader extends Writable {
  text = '';
  attempts = 0;
  broken = true;

  override write(chunk: string, ...rest: unknown[]): boolean {
    const done = rest.at(-1);
    this.attempts++;
    const error = this.broken ? new Error('EPIPE') : null;
    if (error === null) {
      this.text += chunk;
    } else {
      this.emit('error', error);
    }
    if (typeof done === 'function') {
      done(error);
    }
    return error === null;
  }
}

let now = 0;
const clock = { now: () => now };

beforeEach(() => {
  now = 0;
});

describe('a reader of the log that stalls', () => {
  it('costs lines, which are counted, and no memory beyond the limit', () => {
    const reader = new Reader();
    const output = new LogOutput(reader, clock, { maxBacklog: 1_000 });
    reader.stall();
    for (let i = 0; i < 100_000; i++) {
      output.write(`${String(i).padStart(99)}\n`);
    }
    expect(reader.writableLength).toBe(1_000);
    expect(output.lost).toBe(99_990);
  });

  it('is told how many lines are missing as soon as it reads on, without a further line', async () => {
    const reader = new Reader();
    const output = new LogOutput(reader, clock, { maxBacklog: 20_000 });
    output.lostLine = (lost) => `${lost} lost\n`;
    reader.stall();
    for (let i = 0; i < 250; i++) {
      output.write(`${String(i).padStart(99)}\n`);
    }
    reader.goOn();
    expect(await output.flushed(10_000)).toBe(true);
    expect(reader.lines).toHaveLength(201);
    expect(reader.lines.at(-2)?.trim()).toBe('199');
    expect(reader.lines.at(-1)).toBe('50 lost');
    output.write('next\n');
    expect(reader.lines.at(-1)).toBe('next');
  });

  it('is not told of losses line by line when it only just keeps up', () => {
    const reader = new Reader();
    const output = new LogOutput(reader, clock, { maxBacklog: 1_000 });
    reader.stall();
    for (let i = 0; i < 20; i++) {
      output.write(`${'x'.repeat(99)}\n`);
    }
    reader.readOne();
    expect(reader.writableLength).toBe(900);
    output.write('there would be room for this one\n');
    expect(output.lost).toBe(11);
  });

  it('does not hold up the end longer than told', async () => {
    const reader = new Reader();
    const output = new LogOutput(reader, clock);
    reader.stall();
    output.write('x\n');
    expect(await output.flushed(1)).toBe(false);
  });

  it('gets a line that is longer than the limit where nothing waits before it', () => {
    const reader = new Reader();
    const output = new LogOutput(reader, clock, { maxBacklog: 10 });
    output.write(`${'x'.repeat(99)}\n`);
    expect(reader.lines).toHaveLength(1);
  });
});

describe('a reader of the log that goes away', () => {
  it('costs lines, which are counted, and one attempt a second', () => {
    const reader = new FailingReader();
    const output = new LogOutput(reader, clock);
    for (let i = 0; i < 1_000; i++) {
      output.write('x\n');
      now += 10;
    }
    expect(output.lost).toBe(1_000);
    expect(reader.attempts).toBe(10);
  });

  it('is told how many lines are missing when it is back', () => {
    const reader = new FailingReader();
    const output = new LogOutput(reader, clock);
    winstonLogger({ level: 'info', format: 'json' }, output, () => new Date(0)).log('info', 'gateway-started', 'one');
    output.write('two\n');
    reader.broken = false;
    now += 1_000;
    output.write('three\n');
    const [notice, line] = reader.text.split('\n');
    expect(JSON.parse(notice ?? '')).toMatchObject({
      level: 'warn',
      event: 'lines-lost',
      message: '2 lines of the log were lost: whoever reads it had stopped, or gone',
      lost: 2,
    });
    expect(line).toBe('three');
  });

  it('does not lose the count when telling it fails as well', () => {
    const reader = new FailingReader();
    const output = new LogOutput(reader, clock);
    output.write('one\n');
    now += 1_000;
    output.write('two\n'); // the notice of the first one fails, so does the line itself
    expect(output.lost).toBe(2);
  });
});
