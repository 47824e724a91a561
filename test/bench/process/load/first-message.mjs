import { BrokerClient } from './broker-client.mjs';
import { SnClient } from './sn-client.mjs';
import { fillPublish, PUBACK, PUBLISH, payloadOf, publishTemplate } from './sn-frames.mjs';

/** How long the message may take, in milliseconds. */
const PATIENCE = 5_000;
/** How often CONNECT and other requests are sent, 3 s apart. */
const TRIES = 3;

/**
 * One message each way that the loads need, before any load: where it does not come through, what it may be that keeps it is worth more than a table of
 * what got lost. Error with that.
 * @param {{ up: boolean, down: boolean, run: string, target: object, broker: object }} context
 */
export async function firstMessage({ up, down, run, target, broker }) {
  const places = { gateway: `${target.host}:${target.port}`, broker: `${broker.host}:${broker.port}` };
  const observer = await BrokerClient.connect(broker, `${run}-observer`).catch(({ message }) =>
    refuse(`no broker answers at ${places.broker} (--broker-port): ${message}`),
  );
  await observer.subscribe('#', 0); // wherever it arrives
  const client = await SnClient.overUdp(`${run}-first`, target);
  await client.connect({ tries: TRIES }).catch(({ message }) => {
    refuse(
      `no client gets into the gateway at ${places.gateway} (--target): ${message}. Does it listen there, does it permit this client id (access.rules, connect), and has it its broker?`,
    );
  });
  if (up) {
    await goesUp({ topic: `${run}/up`, client, observer, places });
  }
  if (down) {
    await goesDown({ topic: `${run}/down`, client, observer, places });
  }
  await client.disconnect();
  client.close();
  observer.close();
  return {};
}

/** A publish of the client arrives at the broker under the same name. */
async function goesUp({ topic, client, observer, places }) {
  const topicId = await client
    .register(topic)
    .catch(({ message }) => refuse(forbidden(`REGISTER of ${topic}`, message)));
  const payload = payloadOf(0, 1);
  let code;
  const answered = new Promise((resolve) => {
    client.heard = (frame) => {
      if (frame[1] === PUBACK) {
        code = frame[6];
        resolve();
      }
    };
  });
  const arrived = new Promise((resolve) => {
    observer.heard = (name, octets) => {
      if (payload.equals(octets) && name.endsWith(topic)) {
        resolve(name);
      }
    };
  });
  client.send(fillPublish(publishTemplate(topicId, 1), 1, 0, 1));
  await within(answered);
  if (code !== undefined && code !== 0) {
    refuse(forbidden(`PUBLISH to ${topic}`, `it was refused with return code ${code}`));
  }
  const name = await within(arrived);
  if (name === undefined) {
    refuse(
      `what a client publishes to ${topic} at the gateway at ${places.gateway} does not arrive at the broker at ${places.broker} within ${PATIENCE / 1000} s (PUBACK ${code === undefined ? 'did not come' : 'came'}): is that the broker of the gateway (upstream.url), and does the gateway, or the broker, let it pass (access.rules, rules of the broker)?`,
    );
  }
  if (name !== topic) {
    refuse(
      `what a client publishes to ${topic} arrives at the broker as ${name}: the loads need the same names on both sides, so start the gateway without upstream.topicPrefix`,
    );
  }
}

/** A message of the broker comes to the client that has subscribed. */
async function goesDown({ topic, client, observer, places }) {
  await client.subscribe(topic, 0).catch(({ message }) => refuse(forbidden(`SUBSCRIBE to ${topic}`, message)));
  const came = new Promise((resolve) => {
    client.heard = (frame) => {
      if (frame[1] === PUBLISH) {
        resolve(true);
      }
    };
  });
  observer.publish(topic, payloadOf(0, 1), 0);
  if ((await within(came)) === undefined) {
    refuse(
      `what is published to ${topic} at the broker at ${places.broker} does not come to a client of the gateway at ${places.gateway} that has subscribed to it, within ${PATIENCE / 1000} s: is that the broker of the gateway (upstream.url), has the gateway an upstream.topicPrefix (the loads need the same names on both sides: start it without), or do rules of the gateway or the broker forbid it?`,
    );
  }
}

function forbidden(what, why) {
  return `${what} does not get through: ${why}. The loads use topics and client ids that begin with b: permit them (access.rules), or start a gateway without rules`;
}

function refuse(why) {
  throw new Error(why);
}

/** What it resolves with in time, else undefined. */
async function within(promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
