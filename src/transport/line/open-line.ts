import { openSystemPort, type PortOpener } from './serial-port.ts';
import { tcpAddressOf, tcpLineOpener } from './tcp-line.ts';

/** Opens what a path names: a line over TCP (`tcp://host:port`), or a port of this machine. */
export const openLine: PortOpener = (settings, events, abandoned) => {
  const address = tcpAddressOf(settings.path);
  return (address === undefined ? openSystemPort : tcpLineOpener(address))(settings, events, abandoned);
};
