/** cc.mqttsn's gateway: lines of a key and words. */
import { brokerUrl, type Migrated, Migration, seconds, whole } from './migrated.ts';

/** Whether a text is such a file. */
export function isCcMqttsn(text: string): boolean {
  return /^\s*mqttsn_[a-z_]+\s/m.test(text);
}

export function fromCcMqttsn(text: string): Migrated {
  const migration = new Migration();
  let hasBroker = false;
  let hasSocket = false;
  for (const line of text.split('\n')) {
    const [key, ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [first = '', second = '', third = ''] = words;
    switch (key) {
      case '':
      case undefined:
        break;
      case 'mqttsn_gw_id':
        migration.set('gateway', 'id', whole(first));
        break;
      case 'mqttsn_advertise':
        migration.set('gateway', 'advertiseInterval', seconds(first));
        break;
      case 'mqttsn_retry_period':
        migration.set('timing', 'retryInterval', seconds(first));
        break;
      case 'mqttsn_retry_count':
        migration.set('timing', 'retryCount', whole(first));
        break;
      case 'mqttsn_predefined_topic':
        migration.topic(first, Number(third), second);
        break;
      case 'mqttsn_broker': {
        const [host = '127.0.0.1', port = 1883] = words.filter((word) => word !== 'tcp');
        migration.set('upstream', 'url', brokerUrl(host, port));
        hasBroker = true;
        break;
      }
      case 'mqttsn_client_socket':
        migration.transport({ type: 'udp', port: whole(words.find((word) => /^\d+$/.test(word))) });
        hasSocket = true;
        break;
      case 'mqttsn_auth':
        migration.note(
          `mqttsn_auth ${first}: a rule in the file of upstream.credentials, { clientId: "${first}", username: "${second}", passwordFile: … } (docs/credentials.md).`,
        );
        break;
      case 'mqttsn_sleeping_client_msg_limit':
        migration.note(
          'mqttsn_sleeping_client_msg_limit: QoS 1 and 2 wait at the broker, which has a limit of its own (docs/behaviour.md, Sleep).',
        );
        break;
      default:
        if (key?.startsWith('mqttsn_')) {
          migration.note(`${key} is not carried over.`);
        }
    }
  }
  if (!hasBroker) {
    migration.set('upstream', 'url', brokerUrl('127.0.0.1', 1883));
  }
  if (!hasSocket) {
    migration.note('The UDP port was an argument of that program: here it is transports[].port, 1884 unless told.');
  }
  return migration.end("cc.mqttsn's gateway");
}
