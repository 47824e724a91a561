/**
 * The least that a transparent gateway in Node.js can do: each frame of a client becomes one write to a TCP connection of its own, and each packet of
 * the broker one datagram. It knows nothing but what passes through, checks nothing and repeats nothing. Argument: port of the broker. Says
 * its port when it is ready.
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { PacketCutter } from '../load/packet-cutter.mjs';

const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
/** By port: all clients are on this machine. */
const clients = new Map();

socket.on('message', (frame, from) => {
  const client = clients.get(from.port);
  if (client === undefined || frame[1] === 0x04) {
    clients.set(from.port, join(frame, from));
    return;
  }
  const { broker } = client;
  switch (frame[1]) {
    case 0x0a: // REGISTER
      client.topic = frame.subarray(6);
      client.send([7, 0x0b, 0, 1, frame[4], frame[5], 0]);
      return;
    case 0x12: {
      // SUBSCRIBE
      const name = frame.subarray(5);
      broker.write(
        Buffer.concat([
          Buffer.from([0x82, name.length + 5, frame[3], frame[4], 0, name.length]),
          name,
          Buffer.from([(frame[2] >> 5) & 3]),
        ]),
      );
      return;
    }
    case 0x0c: // PUBLISH
      broker.write(publishPacket(client.topic, frame, (frame[2] >> 5) & 3));
      return;
    case 0x0d: // PUBACK
      broker.write(Buffer.from([0x40, 2, frame[4], frame[5]]));
      return;
    case 0x0f: // PUBREC
    case 0x10: // PUBREL
    case 0x0e: // PUBCOMP
      broker.write(Buffer.from([{ 15: 0x50, 16: 0x62, 14: 0x70 }[frame[1]], 2, frame[2], frame[3]]));
      return;
    case 0x18: // DISCONNECT
      broker.end(Buffer.from([0xe0, 0]));
      clients.delete(from.port);
      client.send([2, 0x18]);
      return;
  }
});

function join(frame, { address, port }) {
  const send = (octets) => socket.send(octets, port, address);
  const id = frame.subarray(6);
  const broker = connect({ host: '127.0.0.1', port: Number(process.argv[2]), noDelay: true });
  broker.on('error', () => clients.delete(port));
  broker.write(
    Buffer.concat([Buffer.from([0x10, id.length + 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, id.length]), id]),
  );
  const cutter = new PacketCutter((first, body) => {
    switch (first & 0xf0) {
      case 0x20: // CONNACK
        return send(Buffer.from([3, 0x05, 0]));
      case 0x90: // SUBACK
        return send(Buffer.from([8, 0x13, body[2] << 5, 0, 1, body[0], body[1], 0]));
      case 0x30: // PUBLISH
        return send(publishFrame(body, (first >> 1) & 3));
      case 0x40: // PUBACK
        return send(Buffer.from([7, 0x0d, 0, 1, body[0], body[1], 0]));
      case 0x50: // PUBREC
      case 0x60: // PUBREL
      case 0x70: // PUBCOMP
        return send(Buffer.from([4, { 80: 0x0f, 96: 0x10, 112: 0x0e }[first & 0xf0], body[0], body[1]]));
    }
  });
  broker.on('data', (octets) => cutter.push(octets));
  return { broker, send: (octets) => send(Buffer.from(octets)), topic: undefined };
}

function publishPacket(topic, frame, qos) {
  const payload = frame.subarray(qos === 0 ? 7 : 5);
  const packet = Buffer.allocUnsafe(4 + topic.length + payload.length);
  packet[0] = 0x30 | (qos << 1);
  packet[1] = 2 + topic.length + payload.length;
  packet.writeUInt16BE(topic.length, 2);
  packet.set(topic, 4);
  packet.set(payload, 4 + topic.length);
  return packet;
}

function publishFrame(body, qos) {
  const from = 2 + body.readUInt16BE(0) + (qos === 0 ? 0 : 2);
  const frame = Buffer.allocUnsafe(7 + body.length - from);
  frame.set([frame.length, 0x0c, qos << 5, 0, 1, qos === 0 ? 0 : body[from - 2], qos === 0 ? 0 : body[from - 1]]);
  frame.set(body.subarray(from), 7);
  return frame;
}

socket.bind(0, '127.0.0.1', () => console.log(`ready: ${socket.address().port}`));
