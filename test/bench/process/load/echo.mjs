import { openClients } from './crowd.mjs';
import { Flow } from './flow.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { fillPublish, publishTemplate } from './sn-frames.mjs';

/** Datagrams that come back as they are. */
export async function echo(context) {
  const { window } = context;
  const clients = await openClients(context, context.clients);
  const template = publishTemplate(1, 0);
  const flow = new Flow({
    slots: window,
    begin: (slot, generation) => clients[slot % clients.length].send(fillPublish(template, 0, slot, generation)),
  });
  for (const client of clients) {
    client.heard = (frame) => flow.end(frame.readUInt32BE(7), frame.readUInt32BE(11));
  }
  const meter = new Meter(context.pid, context.eventLoop);
  await flow.run(meter, context);
  const { latencies, measured: messages, lost } = flow;
  for (const client of clients) {
    client.close();
  }
  return outcome(meter, latencies, { messages, lost });
}
