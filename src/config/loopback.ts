/** Which addresses are those of this machine alone. */
import { isIP } from 'node:net';

/** Whether a host can be reached from this machine only: 127.0.0.0/8, ::1, `localhost` and names under it. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (isIP(name) === 4) {
    return name.startsWith('127.');
  }
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost');
}
