import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from './eventually.ts';

/**
 * A serial line without hardware: the gateway opens the device at `path`, the test is the device at its other end. Made by socat, of
 * which each line has one of its own. What is written while nobody has the device open is lost, as with a USB adaptor: `serialport`
 * empties the buffers when it opens one. Always `close()` it.
 */
export class PseudoTerminal {
  /** What the gateway opens, in place of `/dev/ttyUSB0`. */
  readonly path: string;
  readonly #folder: string | undefined;
  readonly #listeners = new Set<(octets: Uint8Array) => void>();
  #socat: ChildProcessWithoutNullStreams | undefined;

  private constructor(path: string, folder: string | undefined) {
    this.path = path;
    this.#folder = folder;
  }

  /** Resolves when the device exists. Default path: in a folder of its own, which `close` removes. Error with socat's own words. */
  static async open(path?: string): Promise<PseudoTerminal> {
    const folder = path === undefined ? await mkdtemp(join(tmpdir(), 'serial-line-')) : undefined;
    const terminal = new PseudoTerminal(path ?? join(folder ?? tmpdir(), 'tty'), folder);
    try {
      await terminal.plug();
      return terminal;
    } catch (error) {
      await terminal.close();
      throw error;
    }
  }

  /** Whether the device is there. */
  get plugged(): boolean {
    return this.#socat !== undefined;
  }

  /** Sends octets to whoever has the device open; nothing happens while it is unplugged. */
  write(octets: Uint8Array): void {
    this.#socat?.stdin.write(octets);
  }

  /** Who gets what the other end writes, in pieces of any size. Any number of listeners; the result takes this one away. */
  onOctets(listener: (octets: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The device disappears, also for who has it open. Resolves when it is gone. As with a USB device, `serialport` does not always tell:
   * if it looks in a certain moment, it reads nothing over and over, at full load, until something is written or the port is closed
   * (serialport/bindings-cpp#162). A gateway has to live with that.
   */
  async unplug(): Promise<void> {
    const socat = this.#socat;
    if (socat === undefined) {
      return;
    }
    // Waits for its pipes as well as for its end: no octet reaches a listener after this.
    const end = once(socat, 'close');
    this.readOn();
    socat.kill('SIGTERM');
    await within('the end of socat', end).catch(async () => {
      socat.kill('SIGKILL');
      await end;
    });
    await rm(this.path, { force: true });
  }

  /** Whatever is written to the device is taken no more, as on a terminal that is held with Ctrl-S, until `readOn`. */
  stopReading(): void {
    this.#socat?.kill('SIGSTOP');
  }

  readOn(): void {
    this.#socat?.kill('SIGCONT');
  }

  /** The device comes back under the same path. */
  async plug(): Promise<void> {
    if (this.#socat !== undefined) {
      return;
    }
    const socat = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${this.path}`, 'STDIO']);
    this.#socat = socat;
    let said = '';
    const killWithUs = (): void => void socat.kill('SIGKILL');
    process.once('exit', killWithUs);
    // EPIPE of a write that meets the end of socat: the octets of an unplugged line are lost.
    socat.stdin.on('error', () => undefined);
    socat.stdout.on('data', (octets: Buffer) => {
      for (const listener of [...this.#listeners]) {
        listener(Uint8Array.from(octets));
      }
    });
    const ready = new Promise<void>((resolve, reject) => {
      socat.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('starting data transfer')) {
          resolve();
        }
      });
      socat.once('error', (error) =>
        reject(new Error('socat could not be started: is it installed?', { cause: error })),
      );
      socat.once('close', () => {
        process.off('exit', killWithUs);
        if (this.#socat === socat) {
          this.#socat = undefined;
        }
        reject(new Error('socat ended'));
      });
    });
    try {
      await within(`the device ${this.path}`, ready);
    } catch (error) {
      socat.kill('SIGKILL');
      throw new Error(`no serial line at ${this.path}; socat said: ${said === '' ? 'nothing' : said}`, {
        cause: error,
      });
    }
  }

  /** The device disappears for good, and its folder. */
  async close(): Promise<void> {
    await this.unplug();
    this.#listeners.clear();
    if (this.#folder !== undefined) {
      await rm(this.#folder, { recursive: true, force: true });
    }
  }
}
