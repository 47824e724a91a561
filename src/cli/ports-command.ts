/** `ports`: the serial ports of this machine, for the setting `path`. */
import type { CommandModule } from 'yargs';
import type { FoundPort } from '../app/serial-ports.ts';
import type { CommandFacts } from './command-line.ts';

/** Prints one line for each port: its lasting name where it has one, maker, serial number. */
export const portsCommand: CommandModule & CommandFacts = {
  withoutSettings: true,
  command: 'ports',
  describe: 'List the serial ports, with maker and serial number',
  handler: async () => {
    const { listPorts } = await import('../app/serial-ports.ts');
    process.stdout.write(portsText(await listPorts()));
  },
};

/** The ports as a table, or what to do where there is none. Ends with a newline. */
export function portsText(ports: readonly FoundPort[]): string {
  if (ports.length === 0) {
    return 'No serial port was found. Is the device plugged in? In a container it must be passed in (--device).\n';
  }
  const rows = ports.map(({ path, stablePath, manufacturer, serialNumber }) => [
    path,
    manufacturer ?? '–',
    serialNumber ?? '–',
    stablePath ?? '–',
  ]);
  const lines = [['Port', 'Maker', 'Serial number', 'Name that stays (best for the setting path)'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) => `${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('');
}
