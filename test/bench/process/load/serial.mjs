import { once } from 'node:events';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { leave } from './crowd.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { SnClient } from './sn-client.mjs';
import { uplinkFlow } from './uplink.mjs';

/** Start bit, eight data bits, stop bit. */
const BITS_AN_OCTET = 10;

/**
 * One client on a serial line publishes with QoS 1, stop-and-wait. A pseudo-terminal carries any number of octets at once: what the client says is held
 * back as long as the line would take, and the gateway paces itself.
 */
export async function serial(context) {
  const { line } = context;
  const socket = connect({ path: line.socket });
  await once(socket, 'connect');
  let free = 0;
  const send = (frame) => {
    const now = performance.now();
    free = Math.max(now, free) + (frame.length * BITS_AN_OCTET * 1000) / line.baudRate;
    setTimeout(() => socket.write(frame), free - now);
  };
  const client = new SnClient(`${context.run}-0`, { send, close: () => socket.destroy() });
  let rest = Buffer.alloc(0);
  socket.on('data', (octets) => {
    rest = Buffer.concat([rest, octets]);
    while (rest.length > 0 && rest.length >= rest[0]) {
      const frame = rest.subarray(0, rest[0]);
      rest = rest.subarray(rest[0]);
      client.take(frame);
    }
  });
  await client.connect();
  const flow = await uplinkFlow(context, [client]);
  const meter = new Meter(context.pid, context.eventLoop);
  await flow.run(meter, context);
  await flow.settled();
  const { latencies, measured: messages, repeated } = flow;
  const counts = { messages, lost: flow.begun - flow.arrived(), repeated, twice: flow.twice() };
  const result = outcome(meter, latencies, counts);
  flow.close();
  await leave(context, [client]);
  return result;
}
