/**
 * Serial ports of the operating system; the one file that knows the library. It is loaded with the first port that is opened: a gateway
 * without serial lines pays nothing for it.
 */
import { lstat, stat } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import type { SerialPortSettings } from './serial-port-settings.ts';

/** What is told about an open port. Nothing is told after `closed`. */
export interface PortEvents {
  /** Octets came; their memory is not used again. */
  octets(octets: Uint8Array): void;
  /** The port is gone without our doing: unplugged, or it failed. */
  closed(error: Error): void;
}

/** A port that is open. */
export interface OpenPort {
  /** Never throws: a port that fails tells `closed`. */
  write(octets: Uint8Array): void;
  /** Octets that were written and that the operating system has not taken yet: the peer holds them up (RTS/CTS). */
  readonly pending: number;
  /** Resolves when what was written has left and the port is free; at most after a second. */
  close(): Promise<void>;
}

/**
 * Opens a port. Rejects with an `Error` that has a `code`: ENOENT, EACCES, EBUSY, ENOTTY, or EIO for anything else. `abandoned`: nobody waits for it any
 * more; where that may take long it rejects at once.
 */
export type PortOpener = (
  settings: SerialPortSettings,
  events: PortEvents,
  abandoned?: AbortSignal,
) => Promise<OpenPort>;

/** How long what was written may take to leave when a port is closed, in milliseconds. */
const DRAIN_LIMIT = 1_000;

export const openSystemPort: PortOpener = async (settings, events) => {
  const { SerialPort: Port } = await import('serialport');
  const port = await new Promise<SerialPort>((resolve, reject) => {
    try {
      // No XON/XOFF: it would swallow 0x11 and 0x13. The lock keeps a second program from stealing half of the octets.
      const made = new Port({ ...settings, autoOpen: false, lock: true, xon: false, xoff: false });
      made.open((error) => (error ? reject(withCode(error)) : resolve(made)));
    } catch (error) {
      reject(withCode(error));
    }
  });
  return new SystemPort(port, events);
};

/** What tells the device behind a path from another one; undefined where there is none, or no such thing (Windows). */
async function deviceAt(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, rdev } = await stat(path);
    const link = await lstat(path);
    return `${dev} ${ino} ${rdev} ${link.ino}`; // a device that comes back may get its old numbers; a link to it is made anew
  } catch {
    return undefined;
  }
}

/** How often it is looked whether the device is still there, in milliseconds. */
const WATCH_INTERVAL = 1_000;

class SystemPort implements OpenPort {
  readonly #port: SerialPort;
  #watch: NodeJS.Timeout | undefined;
  #told = false;

  constructor(port: SerialPort, events: PortEvents) {
    this.#port = port;
    const lost = (error: Error | null): void => {
      if (this.#told) {
        return;
      }
      this.#told = true;
      clearInterval(this.#watch);
      if (port.isOpen) {
        port.close(() => undefined);
      }
      events.closed(error ?? new Error('it was closed'));
    };
    port.on('data', (octets: Buffer) => {
      if (!this.#told) {
        events.octets(octets);
      }
    });
    port.on('error', lost);
    port.on('close', lost);
    void this.#watchDevice(lost);
  }

  /** The library does not always notice that a device is gone: a read that meets the hang-up goes round in circles until the port is closed. */
  async #watchDevice(lost: (error: Error) => void): Promise<void> {
    const { path } = this.#port;
    const device = await deviceAt(path);
    if (device === undefined || this.#told) {
      return;
    }
    const look = async (): Promise<void> => {
      if ((await deviceAt(path)) !== device) {
        lost(new Error('the device is not there any more'));
      }
    };
    this.#watch = setInterval(() => void look(), WATCH_INTERVAL).unref();
  }

  write(octets: Uint8Array): void {
    if (!this.#told) {
      this.#port.write(octets as Buffer);
    }
  }

  get pending(): number {
    return this.#port.writableLength;
  }

  async close(): Promise<void> {
    this.#told = true;
    clearInterval(this.#watch);
    const port = this.#port;
    if (!port.isOpen) {
      return;
    }
    await new Promise<void>((resolve) => {
      // A peer that takes nothing (RTS/CTS) would hold the wait up for ever, and with it the end of the process: then it is thrown away.
      const limit = setTimeout(() => port.flush(() => resolve()), DRAIN_LIMIT);
      port.drain(() => {
        clearTimeout(limit);
        resolve();
      });
    });
    await new Promise<void>((resolve) => port.close(() => resolve()));
  }
}

/** The library gives words only; its first words are those of the operating system. */
const CODES: readonly (readonly [RegExp, string])[] = [
  [/no such (file|device)|file not found|cannot find/i, 'ENOENT'],
  [/cannot lock|busy|temporarily unavailable/i, 'EBUSY'],
  [/permission denied|access (is )?denied/i, 'EACCES'],
  [/inappropriate ioctl|is a directory|not a (tty|typewriter)/i, 'ENOTTY'],
];

function withCode(error: unknown): Error & { readonly code: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code = CODES.find(([pattern]) => pattern.test(message))?.[1] ?? 'EIO';
  return Object.assign(new Error(message.replace(/^Error:? /, ''), { cause: error }), { code });
}

/** A serial port that is there. */
export interface SerialPortInfo {
  readonly path: string;
  readonly manufacturer: string | undefined;
  readonly serialNumber: string | undefined;
  /** Name of the device that the operating system has made of maker, product and serial number, such as `usb-FTDI_FT232R_A50285BI-if00-port0`. */
  readonly id: string | undefined;
}

/** The serial ports of this machine. Rejects where the operating system's list cannot be read (no udevadm, for example). */
export async function listSystemPorts(): Promise<readonly SerialPortInfo[]> {
  const { SerialPort: Port } = await import('serialport');
  const ports = await Port.list();
  return ports.map(({ path, manufacturer, serialNumber, pnpId }) => ({ path, manufacturer, serialNumber, id: pnpId }));
}
