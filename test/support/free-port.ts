import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that is free for TCP and UDP. It lies below the range from which the kernel takes ports for outgoing
 * connections, so that nobody else takes it while a broker that listened there is being restarted.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if ((await isFreeTcp(port)) && (await isFreeUdp(port))) {
      return port;
    }
  }
}

function isFreeTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function isFreeUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
