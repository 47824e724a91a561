import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Note } from '../../../../src/ports/observer.ts';
import { SerialLine } from '../../../../src/transport/line/serial-line.ts';
import type { OpenPort, PortEvents } from '../../../../src/transport/line/serial-port.ts';
import type { SerialPortSettings } from '../../../../src/transport/line/serial-port-settings.ts';
import { hexOf, octetsOf } from '../../../support/raw-sensor.ts';

const PORT: SerialPortSettings = {
  path: '/dev/ttyUSB7',
  baudRate: 38_400,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
  rtscts: false,
};

const MESSAGES = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EBUSY: 'Cannot lock port',
  ENOTTY: 'not a tty',
  EIO: 'Input/output error',
};
type Code = keyof typeof MESSAGES;

/** The operating system's ports as far as a line sees them: one path, which opens, does not, or takes its time. */
class FakePorts {
  /** Why the port does not open; `slow`: it is not yet known; `silent`: nor ever; `vanishing`: it opens, and is gone before anybody knows. */
  state: Code | 'there' | 'slow' | 'silent' | 'vanishing' = 'there';
  /** When it was tried, in milliseconds. */
  readonly attempts: number[] = [];
  readonly settings: SerialPortSettings[] = [];
  readonly opened: FakePort[] = [];
  /** Ends an attempt that took its time. */
  settle: (state: Code | 'there') => void = () => undefined;

  readonly open = async (
    settings: SerialPortSettings,
    events: PortEvents,
    abandoned?: AbortSignal,
  ): Promise<OpenPort> => {
    this.attempts.push(performance.now());
    if (this.state === 'silent') {
      await new Promise((_resolve, reject) => abandoned?.addEventListener('abort', () => reject(abandoned.reason)));
    }
    this.settings.push(settings);
    const state =
      this.state === 'slow' ? await new Promise<Code | 'there'>((resolve) => (this.settle = resolve)) : this.state;
    if (state in MESSAGES) {
      throw Object.assign(new Error(MESSAGES[state as Code]), { code: state });
    }
    const port = new FakePort(events);
    this.opened.push(port);
    if (state === 'vanishing') {
      events.closed(new Error('it was closed'));
    }
    return port;
  };
}

class FakePort implements OpenPort {
  readonly pending = 0;
  readonly events: PortEvents;
  readonly written: string[] = [];
  closed = false;

  constructor(events: PortEvents) {
    this.events = events;
  }
  write(octets: Uint8Array): void {
    this.written.push(hexOf(octets));
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function bench(state: FakePorts['state'] = 'there') {
  const ports = new FakePorts();
  ports.state = state;
  const told: string[] = [];
  const line = new SerialLine({
    ...{ transport: 'serial', port: PORT, opener: ports.open },
    observer: {
      note: (note: Note) =>
        told.push(note.type === 'transport-down' ? `${note.transport} ${note.code}: ${note.reason}` : note.type),
      wantsFrames: false,
      frame: () => undefined,
    },
    up: () => told.push('up'),
    down: () => told.push('down'),
    octets: (octets) => told.push(hexOf(octets)),
  });
  /** What has been told since the last call. */
  const news = (): string[] => told.splice(0);
  const pass = (time: number): Promise<void> => jest.advanceTimersByTimeAsync(time);
  const unplug = (): void => ports.opened.at(-1)?.events.closed(new Error('Input/output error'));
  return { ports, line, news, pass, unplug };
}

describe('serial line', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  describe('whose port is there', () => {
    it('is up, and carries octets both ways', async () => {
      const { ports, line, news } = bench();
      await line.open();
      expect(news()).toEqual(['up']);
      expect(line.isOpen).toBe(true);
      expect(ports.settings).toEqual([PORT]);
      line.write(octetsOf('02 16'));
      ports.opened[0]?.events.octets(octetsOf('02 17'));
      expect(ports.opened[0]?.written).toEqual(['02 16']);
      expect(news()).toEqual(['02 17']);
    });

    it('is opened once, however often that is asked for', async () => {
      const { ports, line, news } = bench();
      await Promise.all([line.open(), line.open()]);
      await line.open();
      expect(ports.attempts).toHaveLength(1);
      expect(news()).toEqual(['up']);
    });

    it('frees the port when it is closed', async () => {
      const { ports, line } = bench();
      await line.open();
      await line.close();
      expect(ports.opened[0]?.closed).toBe(true);
      expect(line.isOpen).toBe(false);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  describe('whose port is not there at first', () => {
    it('says so once, and is down', async () => {
      const { line, news } = bench('ENOENT');
      await line.open();
      expect(news()).toEqual([expect.stringMatching(/^serial ENOENT: .*\/dev\/ttyUSB7.*no such device/), 'down']);
      expect(line.isOpen).toBe(false);
    });

    it('drops what is written', async () => {
      const { ports, line, pass } = bench('ENOENT');
      await line.open();
      line.write(octetsOf('02 16'));
      ports.state = 'there';
      await pass(250);
      expect(ports.opened.map(({ written }) => written)).toEqual([[]]);
      line.write(octetsOf('02 17'));
      expect(ports.opened.map(({ written }) => written)).toEqual([['02 17']]);
    });

    it('is tried again at growing intervals, at most 5 s, without another word', async () => {
      const { ports, line, news, pass } = bench('ENOENT');
      await line.open();
      news();
      await pass(30_000);
      expect(ports.attempts).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 12_750, 17_750, 22_750, 27_750]);
      expect(news()).toEqual([]);
    });

    it('is up as soon as it is there', async () => {
      const { ports, line, news, pass } = bench('ENOENT');
      await line.open();
      news();
      await pass(5_000);
      ports.state = 'there';
      await pass(2_749);
      expect(news()).toEqual([]);
      await pass(1);
      expect(news()).toEqual(['up']);
      await pass(60_000);
      expect(ports.opened).toHaveLength(1);
    });

    it('says so when there is a new reason, and is not down a second time', async () => {
      const { ports, line, news, pass } = bench('ENOENT');
      await line.open();
      news();
      ports.state = 'EACCES';
      await pass(10_000);
      expect(news()).toEqual([expect.stringMatching(/^serial EACCES: /)]);
      ports.state = 'EBUSY';
      await pass(10_000);
      expect(news()).toEqual([expect.stringMatching(/^serial EBUSY: /)]);
    });
  });

  it.each<[Code, RegExp]>([
    ['ENOENT', /no such device.*plugged in/],
    ['EACCES', /permission denied.*dialout/],
    ['EBUSY', /another program uses it/],
    ['ENOTTY', /not a serial port.*path/],
    ['EIO', /Input\/output error.*tried again/],
  ])('whose port fails with %s says which port, why, and what to do', async (code, words) => {
    const { line, news } = bench(code);
    await line.open();
    const [note = ''] = news();
    expect(note).toMatch(words);
    expect(note).toContain('cannot open /dev/ttyUSB7');
    expect(note).toContain(`serial ${code}: `);
  });

  describe('that is lost', () => {
    it('says so, is down, and up again when the port is back', async () => {
      const { ports, line, news, pass, unplug } = bench();
      await line.open();
      news();
      ports.state = 'ENOENT';
      unplug();
      expect(news()).toEqual([
        expect.stringMatching(/^serial ENODEV: \/dev\/ttyUSB7 is gone.*Input\/output error/),
        'down',
      ]);
      expect(line.isOpen).toBe(false);
      await pass(1_000);
      expect(news()).toEqual([]);
      ports.state = 'there';
      await pass(1_000);
      expect(news()).toEqual(['up']);
      line.write(octetsOf('02 16'));
      expect(ports.opened.map(({ written }) => written)).toEqual([[], ['02 16']]);
    });

    it('is tried quickly again, however long it had to be tried before', async () => {
      const { ports, line, pass, unplug } = bench('ENOENT');
      await line.open();
      await pass(20_000);
      ports.state = 'there';
      await pass(5_000);
      expect(ports.opened).toHaveLength(1);
      const before = ports.attempts.length;
      unplug();
      await pass(250);
      expect(ports.attempts).toHaveLength(before + 1);
    });

    it('says so again when it is lost again', async () => {
      const { line, news, pass, unplug } = bench();
      await line.open();
      unplug();
      await pass(250);
      news();
      unplug();
      expect(news()).toEqual([expect.stringMatching(/ENODEV/), 'down']);
    });

    it('says why it does not come back, where that is another story', async () => {
      const { ports, line, news, pass, unplug } = bench();
      await line.open();
      ports.state = 'EBUSY';
      unplug();
      news();
      await pass(10_000);
      expect(news()).toEqual([expect.stringMatching(/^serial EBUSY: /)]);
    });

    it('is not bothered by what the port of before says', async () => {
      const { ports, line, news, pass, unplug } = bench();
      await line.open();
      unplug();
      await pass(250);
      news();
      ports.opened[0]?.events.closed(new Error('late'));
      expect(news()).toEqual([]);
      expect(line.isOpen).toBe(true);
    });
  });

  it('whose port is lost while it is opened was never up, and is tried again', async () => {
    const { ports, line, news, pass } = bench('vanishing');
    await line.open();
    expect(news()).toEqual([expect.stringMatching(/^serial .*\/dev\/ttyUSB7/), 'down']);
    expect(line.isOpen).toBe(false);
    ports.state = 'there';
    await pass(250);
    expect(news()).toEqual(['up']);
    expect(line.isOpen).toBe(true);
  });

  describe('that is closed', () => {
    it('while it waits for the port is not tried any more', async () => {
      const { ports, line, news, pass } = bench('ENOENT');
      await line.open();
      news();
      await line.close();
      ports.state = 'there';
      await pass(60_000);
      expect([ports.attempts, news(), jest.getTimerCount()]).toEqual([[0], [], 0]);
    });

    it('while the port is being opened frees it, and is never up', async () => {
      const { ports, line, news, pass } = bench('slow');
      const opening = line.open();
      let isClosed = false;
      const closing = line.close().then(() => {
        isClosed = true;
      });
      await pass(0);
      expect(isClosed).toBe(false);
      ports.settle('there');
      await Promise.all([opening, closing]);
      expect(ports.opened.map(({ closed }) => closed)).toEqual([true]);
      expect([line.isOpen, news(), jest.getTimerCount()]).toEqual([false, [], 0]);
    });

    it('while an attempt is about to fail says nothing of it', async () => {
      const { ports, line, news, pass } = bench('slow');
      const opening = line.open();
      const closing = line.close();
      ports.settle('EBUSY');
      await Promise.all([opening, closing]);
      await pass(60_000);
      expect([ports.attempts, news()]).toEqual([[0], []]);
    });

    it('while it is tried once more frees the port that comes of it', async () => {
      const { ports, line, news, pass } = bench('ENOENT');
      await line.open();
      news();
      ports.state = 'slow';
      await pass(250);
      const closing = line.close();
      ports.settle('there');
      await closing;
      expect(ports.opened.map(({ closed }) => closed)).toEqual([true]);
      expect(news()).toEqual([]);
    });

    it('tells nothing any more, whatever the port does', async () => {
      const { ports, line, news, pass, unplug } = bench();
      await line.open();
      news();
      await line.close();
      ports.opened[0]?.events.octets(octetsOf('02 17'));
      unplug();
      await pass(60_000);
      expect([news(), ports.attempts]).toEqual([[], [0]]);
    });

    it('does not wait for a host that says nothing: the attempt is given up', async () => {
      const { line, news } = bench('silent');
      const opening = line.open();
      await line.close();
      await opening;
      expect(news()).toEqual([]);
    });

    it('tells nothing from the moment on in which it is asked to close', async () => {
      const { ports, line, news, pass, unplug } = bench();
      await line.open();
      news();
      const closing = line.close();
      ports.opened[0]?.events.octets(octetsOf('02 17'));
      unplug();
      await closing;
      await pass(60_000);
      expect([news(), ports.attempts]).toEqual([[], [0]]);
    });

    it('may be closed again, and before it was ever opened', async () => {
      const { line, news } = bench();
      await line.close();
      await line.open();
      await line.close();
      await line.close();
      expect(news()).toEqual(['up']);
    });
  });
});
