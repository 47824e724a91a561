import { createConnection, type Socket } from 'node:net';

/** What is read of one connection is dealt with before the next one is read. */
const MEMORY = Buffer.allocUnsafeSlow(1 << 16);

/**
 * A TCP connection that all share one piece of memory to be read into: by itself Node.js takes new memory for each read, and passes it through a queue and
 * an event. `read` gets that memory: what it keeps it has to copy.
 */
export function tcpStream(host: string, port: number, read: (octets: Buffer) => void): Socket {
  const callback = (length: number): boolean => {
    read(MEMORY.subarray(0, length));
    return true;
  };
  return createConnection({ host, port, onread: { buffer: MEMORY, callback } });
}
