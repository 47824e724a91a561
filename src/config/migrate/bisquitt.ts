/** bisquitt: its command line, or its environment as a file of lines `NAME=value`. */
import { brokerUrl, type Migrated, Migration, whole } from './migrated.ts';

const NAMES = /\b(MQTT_HOST|MQTT_PORT|MQTT_USER|PREDEFINED_TOPICS_FILE|DTLS_ENABLED)\s*=/;

/** Whether a text is such a line, or such a file. */
export function isBisquitt(text: string): boolean {
  return /(^|\/|\s)bisquitt(\s|$)/m.test(text) || NAMES.test(text);
}

/** What cannot be said in ours, by the name of the option. */
const NOT_CARRIED: Readonly<Record<string, string>> = {
  auth: 'clients that send user name and password (AUTH) are not known here; DTLS with pre-shared keys proves who they are',
  cert: 'DTLS with certificates: put a program that ends it before the gateway (docs/dtls.md), or use pre-shared keys',
  'self-signed': 'DTLS with certificates: use pre-shared keys (docs/dtls.md)',
  psk: 'keys come from a file here: mqtt-sn-gateway psk add IDENTITY makes one (docs/dtls.md)',
};

export function fromBisquitt(text: string): Migrated {
  const migration = new Migration();
  const values = optionsOf(text);
  const take = (name: string): string | undefined => {
    const [value] = values.get(name) ?? [];
    values.delete(name);
    return value;
  };
  migration.set('upstream', 'url', brokerUrl(take('mqtt-host') ?? '127.0.0.1', whole(take('mqtt-port')) ?? 1883));
  migration.set('upstream', 'username', take('mqtt-user'));
  migration.set('upstream', 'passwordFile', take('mqtt-password-file'));
  if (take('mqtt-password') !== undefined) {
    migration.note(
      'The password is not written here: give it as MQTTSN_UPSTREAM_PASSWORD, or in a file of its own (upstream.passwordFile).',
    );
  }
  const dtls = take('dtls');
  const isDtls = dtls !== undefined && dtls !== 'false' && dtls !== '0';
  const port = whole(take('port')) ?? (isDtls ? 8883 : 1883);
  migration.transport({
    type: isDtls ? 'dtls' : 'udp',
    host: take('host'),
    port,
    keys: isDtls ? 'psk.yaml' : undefined,
  });
  const file = take('predefined-topics-file');
  if (file !== undefined) {
    migration.topicFile(file);
  }
  for (const topic of values.get('predefined-topic') ?? []) {
    const words = topic.split(';');
    const [clientId = '*', name = '', id = ''] = words.length === 3 ? words : ['*', ...words];
    migration.topic(clientId, Number(id), name);
  }
  values.delete('predefined-topic');
  if (file !== undefined && migration.end('').topics !== undefined) {
    migration.note('predefined-topic and predefined-topics-file were both given: put the topics below into that file.');
  }
  if (take('debug') !== undefined) {
    migration.set('logging', 'level', 'debug');
  }
  for (const [name, [value]] of values) {
    const why = NOT_CARRIED[name];
    if (why !== undefined && value !== 'false') {
      migration.note(`${name}: ${why}.`);
    } else if (why === undefined) {
      migration.note(`${name} is not carried over.`);
    }
  }
  return migration.end('bisquitt');
}

/** `--mqtt-host x`, `--mqtt-host=x` and `MQTT_HOST=x` are the same option, `mqtt-host`. */
function optionsOf(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (name: string, value: string): void => {
    found.set(name, [...(found.get(name) ?? []), value]);
  };
  for (const line of text.split('\n')) {
    const [, variable, value] =
      /^\s*(?:export\s+|-?\s*)?([A-Z][A-Z0-9_]+)\s*[=:]\s*["']?(.*?)["']?\s*$/.exec(line) ?? [];
    if (variable !== undefined && value !== undefined) {
      const name = variable
        .toLowerCase()
        .replaceAll('_', '-')
        .replace(/^dtls-enabled$/, 'dtls');
      for (const one of name === 'predefined-topic' ? value.split(',') : [value]) {
        add(name, one);
      }
    }
  }
  const words = text.replaceAll(/\\\n/g, ' ').match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  words.forEach((word, at) => {
    const [, name, given] = /^--([a-z-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name !== undefined) {
      const next = words[at + 1];
      const value = given ?? (next === undefined || next.startsWith('--') ? 'true' : next);
      add(name, value.replace(/^(["'])(.*)\1$/, '$2'));
    }
  });
  return found;
}
