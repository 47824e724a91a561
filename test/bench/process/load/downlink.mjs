import { BrokerClient } from './broker-client.mjs';
import { connectedClients, forAll, leave } from './crowd.mjs';
import { Flow } from './flow.mjs';
import { Meter } from './meter.mjs';
import { outcome } from './outcome.mjs';
import { PAYLOAD_OCTETS, PUBCOMP, PUBLISH, PUBREC, PUBREL, payloadOf, pubAckFor, shortAnswer } from './sn-frames.mjs';

/**
 * Somebody at the broker publishes to clients, each of which has one message under way. It is through when the client has it: with PUBLISH, and
 * with QoS 2 with PUBREL. The next one is published then.
 */
export async function downlink(context) {
  const { qos, run, broker } = context;
  const clients = await connectedClients(context, context.clients);
  await forAll(clients, (client, n) => client.subscribe(`${run}/${n}`, qos));
  const publisher = await BrokerClient.connect(broker, `${run}-publisher`);
  const topics = clients.map((_client, n) => `${run}/${n}`);
  const flow = new Flow({
    slots: clients.length,
    begin: (slot, generation) => publisher.publish(topics[slot], payloadOf(slot, generation), qos),
  });
  let twice = 0;
  clients.forEach((client, n) => {
    let under = 0;
    const ended = () => {
      twice += flow.end(n, under) ? 0 : 1;
    };
    client.heard = (frame) => {
      if (frame[1] === PUBLISH) {
        under = frame.readUInt32BE(frame.length - PAYLOAD_OCTETS + 4);
        if (qos === 1) {
          client.send(pubAckFor(frame));
        } else if (qos === 2) {
          client.send(shortAnswer(PUBREC, frame, 5));
        }
        if (qos < 2) {
          ended();
        }
      } else if (frame[1] === PUBREL) {
        client.send(shortAnswer(PUBCOMP, frame, 2));
        ended();
      }
    };
  });
  const meter = new Meter(context.pid, context.eventLoop);
  await flow.run(meter, context);
  const { latencies, measured: messages, lost } = flow;
  const result = outcome(meter, latencies, { messages, lost, twice });
  publisher.close();
  await leave(context, clients);
  return result;
}
