/** `gateway.conf` of Eclipse Paho's gateway: lines `Key=value`, and its list of clients. */
import { brokerUrl, type Migrated, Migration, seconds, whole } from './migrated.ts';

/** What a key is worth of which nothing has to be said: not ours to set, or the same by itself. */
const WITHOUT_MEANING = new Set(['GatewayName', 'ShearedMemory', 'MaxNumberOfClients', 'BrokerSecurePortNo']);

/** `yes`, whatever its case. */
const isYes = (text: string | undefined): boolean => text?.toUpperCase() === 'YES';

/** Whether a text is such a file. */
export function isPaho(text: string): boolean {
  return /^\s*(BrokerName|GatewayPortNo|PredefinedTopic|ClientAuthentication|AggregatingGateway)\s*=/m.test(text);
}

/** `clients`: the text of its list of clients; undefined where it cannot be read. */
export function fromPaho(text: string, clients: (path: string) => string | undefined): Migrated {
  const migration = new Migration();
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^\s*([A-Za-z0-9-]+)\s*=\s*(.*?);?\s*$/.exec(line.replace(/^#.*/, '')) ?? [];
    if (key !== undefined && value !== undefined) {
      values.set(key, value);
    }
  }
  const take = (key: string): string | undefined => {
    const value = values.get(key);
    values.delete(key);
    return value === '' ? undefined : value;
  };

  migration.set('gateway', 'id', whole(take('GatewayID')));
  migration.set('gateway', 'advertiseInterval', seconds(take('KeepAlive')));
  const ca = take('RootCAfile');
  const cert = take('CertsKey') ?? take('CertsFile');
  const port = take('BrokerPortNo');
  const securePort = take('BrokerSecurePortNo');
  const isSecure = ca !== undefined || cert !== undefined;
  const broker = take('BrokerName');
  if (broker !== undefined) {
    migration.set('upstream', 'url', brokerUrl(broker, isSecure ? securePort : port, isSecure));
  }
  migration.set('upstream', 'username', take('LoginID'));
  if (take('Password') !== undefined) {
    migration.note(
      'Password is not written here: give it as MQTTSN_UPSTREAM_PASSWORD, or in a file of its own (upstream.passwordFile).',
    );
  }
  migration.set('upstream', 'ca', ca);
  migration.set('upstream', 'cert', cert);
  migration.set('upstream', 'key', take('PrivateKey'));
  migration.set('upstream', 'mode', isYes(take('AggregatingGateway')) ? 'aggregating' : undefined);
  const hasQosMinus1 = isYes(take('QoS-1'));
  const hasForwarders = isYes(take('Forwarder'));
  const list = take('ClientsList');
  const topicFile = take('PredefinedTopicList');
  if (isYes(take('PredefinedTopic')) && topicFile !== undefined) {
    migration.topicFile(topicFile);
  }
  const isAuthenticated = isYes(take('ClientAuthentication'));
  const lines = list === undefined ? undefined : clients(list);
  if (lines === undefined && (isAuthenticated || hasForwarders)) {
    migration.note(
      `The list of clients (${list ?? 'ClientsList'}) could not be read: who may connect, and which are forwarders, is not carried over.`,
    );
  }
  const { rules, forwarders, senders } = clientsOf(lines ?? '');
  if (isAuthenticated && rules.length > 0) {
    migration.set('access', 'rules', rules);
    migration.note(
      'Clients are known by client id and address in place of the list; the ports of the list are not looked at.',
    );
  }
  migration.set('clients', 'qosMinus1From', hasQosMinus1 && senders.length > 0 ? senders : undefined);

  const gatewayPort = whole(take('GatewayPortNo'));
  const multicast = take('MulticastIP');
  const multicastPort = whole(take('MulticastPortNo'));
  const ttl = whole(take('MulticastTTL'));
  const known = hasForwarders && forwarders.length > 0 ? { forwarders } : {};
  if (gatewayPort !== undefined) {
    const group = multicast === undefined ? undefined : { group: multicast, port: multicastPort, ttl };
    const defined = group && Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined));
    migration.transport({ type: 'udp', port: gatewayPort, multicast: defined, ...known });
  }
  const port6 = whole(take('GatewayIPv6PortNo')) ?? whole(take('GatewayUDP6Port'));
  if (port6 !== undefined) {
    migration.transport({ type: 'udp', host: '::', port: port6, ...known });
    migration.note(
      'Paho is built for one kind of network; here all are open at once. Take away those that are not wanted (udp over IPv6, xbee).',
    );
  }
  const device = take('SerialDevice');
  if (device !== undefined) {
    migration.transport({
      type: 'xbee',
      path: device,
      baudRate: whole(take('Baudrate')),
      apiMode: whole(take('ApiMode')),
    });
  }
  take('Baudrate');
  take('ApiMode');
  for (const key of values.keys()) {
    if (!WITHOUT_MEANING.has(key)) {
      migration.note(`${key}=${values.get(key)} is not carried over.`);
    }
  }
  return migration.end("Eclipse Paho's MQTT-SN gateway");
}

/** Lines `client id, address:port[, forwarder][, QoS-1]…`. */
function clientsOf(text: string) {
  const rules: Record<string, unknown>[] = [];
  const beacons: Record<string, unknown>[] = [];
  const forwarders = new Set<string>();
  const senders = new Set<string>();
  for (const line of text.split('\n')) {
    const [clientId = '', address = '', ...words] = line
      .replace(/#.*/, '')
      .split(',')
      .map((word) => word.trim());
    const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    if (clientId === '' || host === '') {
      continue;
    }
    if (words.includes('forwarder')) {
      forwarders.add(host);
    } else if (words.includes('QoS-1')) {
      senders.add(host);
      beacons.push({ host, qosMinus1: true, publish: ['#'] }); // without a connection there is no client id
    } else {
      rules.push({ host, clientId: [clientId], connect: true, publish: ['#'], subscribe: ['#'] });
    }
  }
  return { rules: [...rules, ...beacons], forwarders: [...forwarders], senders: [...senders] };
}
