/** Which serial ports there are, also where the operating system has no list of them (a container without udev). */
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { listSystemPorts, type SerialPortInfo } from './serial-port.ts';

/** A serial port with the name that stays the same when it is plugged in elsewhere. */
export interface FoundPort {
  readonly path: string;
  /** `/dev/serial/by-id/…`; undefined where it has none. */
  readonly stablePath: string | undefined;
  readonly manufacturer: string | undefined;
  readonly serialNumber: string | undefined;
}

/** Where ports are looked for; other folders only in tests. */
export interface PortPlaces {
  readonly dev: string;
  readonly list: () => Promise<readonly SerialPortInfo[]>;
}

/** USB adapters, microcontrollers and the UARTs of boards; `ttyS` exists by the dozen where there is no port at all. */
const PORT_NAME = /^tty(USB|ACM|AMA|THS|mxc|O)\d+$/;

/** Every serial port, by path. Never rejects: what cannot be listed is not there. */
export async function listPorts(
  { dev, list }: PortPlaces = { dev: '/dev', list: listSystemPorts },
): Promise<readonly FoundPort[]> {
  const stable = await stablePaths(dev);
  const listed = await list().catch(() => undefined);
  const ports: readonly SerialPortInfo[] = listed ?? (await namedPorts(dev));
  return ports
    .map(({ path, manufacturer, serialNumber }) => ({ path, stablePath: stable.get(path), manufacturer, serialNumber }))
    .sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

async function stablePaths(dev: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(dev, 'serial', 'by-id');
  const names = await readdir(folder).catch((): string[] => []);
  const pairs = names.map(async (name) => {
    const stablePath = join(folder, name);
    const target = await readlink(stablePath).catch(() => undefined);
    return target === undefined ? [] : [[join(folder, target), stablePath] as const];
  });
  return new Map((await Promise.all(pairs)).flat());
}

/** By the names of the devices, where nothing else is known of them. */
async function namedPorts(dev: string): Promise<readonly SerialPortInfo[]> {
  const names = await readdir(dev).catch((): string[] => []);
  const ports = names.filter((name) => PORT_NAME.test(name));
  return ports.map((name) => ({
    path: join(dev, name),
    manufacturer: undefined,
    serialNumber: undefined,
    id: undefined,
  }));
}
