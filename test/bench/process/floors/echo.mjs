/** The floor of all: a socket that sends each datagram back. Says its port when it is ready. */
import { createSocket } from 'node:dgram';

const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
socket.on('message', (datagram, from) => socket.send(datagram, from.port, from.address));
socket.bind(0, '127.0.0.1', () => console.log(`ready: ${socket.address().port}`));
