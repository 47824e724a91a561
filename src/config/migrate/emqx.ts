/** The MQTT-SN gateway of EMQX 5, as its API or an export gives it (JSON), and `emqx_sn.conf` of the plugin before it. */
import * as z from 'zod';
import { type Migrated, Migration, seconds, whole } from './migrated.ts';

const exported = z.looseObject({
  gateway_id: z.number().optional(),
  mountpoint: z.string().optional(),
  enable_qos3: z.boolean().optional(),
  predefined: z.array(z.object({ id: z.number(), topic: z.string() })).optional(),
  listeners: z
    .union([
      z.array(z.looseObject({ type: z.string(), bind: z.union([z.string(), z.number()]) })),
      z.record(z.string(), z.record(z.string(), z.looseObject({ bind: z.union([z.string(), z.number()]) }))),
    ])
    .optional(),
  clientinfo_override: z.looseObject({ username: z.string().optional() }).optional(),
});

const LATER = 'EMQX was the broker itself: upstream.url names the one that the gateway forwards to.';

/** Whether a text is one of both. */
export function isEmqx(text: string): boolean {
  return (
    /^\s*mqtt\.sn\.[a-z]/m.test(text) ||
    (/^\s*\{/.test(text) && /"(mqttsn|gateway_id|enable_qos3|predefined)"/.test(text))
  );
}

/** Throws an `Error` with words for people where the JSON is none, or has no MQTT-SN gateway in it. */
export function fromEmqx(text: string): Migrated {
  return /^\s*\{/.test(text) ? fromJson(text) : fromPlugin(text);
}

function fromJson(text: string): Migrated {
  const parsed = JSON.parse(text);
  const found = exported.safeParse(parsed.gateway?.mqttsn ?? parsed.mqttsn ?? parsed);
  if (!found.success) {
    throw new Error(`no MQTT-SN gateway of EMQX in it: ${z.prettifyError(found.error)}`);
  }
  const { gateway_id, mountpoint, enable_qos3, predefined = [], listeners = [], clientinfo_override } = found.data;
  const migration = new Migration();
  migration.set('gateway', 'id', gateway_id);
  migration.set('upstream', 'username', clientinfo_override?.username);
  migration.set('upstream', 'topicPrefix', mountpoint === undefined ? undefined : ours(mountpoint, migration));
  migration.set('clients', 'qosMinus1', enable_qos3 === false ? false : undefined);
  for (const { id, topic } of predefined) {
    migration.topic('*', id, topic);
  }
  const list = Array.isArray(listeners)
    ? listeners
    : Object.entries(listeners).flatMap(([type, named]) => Object.values(named).map(({ bind }) => ({ type, bind })));
  for (const { type, bind } of list) {
    listener(type, `${bind}`, migration);
  }
  migration.note(LATER);
  return migration.end('EMQX');
}

/** `${clientid}` is `%c` here; other placeholders there are none. */
function ours(mountpoint: string, migration: Migration): string | undefined {
  const prefix = mountpoint.replaceAll(/\$\{clientid\}/g, '%c');
  if (prefix.includes('${')) {
    migration.note(`mountpoint ${mountpoint}: only \${clientid} has a counterpart (%c).`);
    return undefined;
  }
  return prefix;
}

function listener(type: string, bind: string, migration: Migration): void {
  const [, host, port = bind] = /^(?:\[?(.*?)\]?:)(\d+)$/.exec(bind) ?? [];
  const address = { ...(host && { host }), port: whole(port) };
  if (type === 'udp') {
    migration.transport({ type: 'udp', ...address });
  } else if (type === 'dtls') {
    migration.transport({ type: 'dtls', ...address, keys: 'psk.yaml' });
    migration.note('DTLS needs pre-shared keys here: mqtt-sn-gateway psk add IDENTITY makes them (docs/dtls.md).');
  } else {
    migration.note(`A listener of type ${type} is not carried over.`);
  }
}

function fromPlugin(text: string): Migrated {
  const migration = new Migration();
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*mqtt\.sn\.([a-z0-9_.]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const [, id] = /^predefined\.topic\.(\d+)$/.exec(key) ?? [];
    if (id !== undefined && id !== '0') {
      migration.topic('*', Number(id), value);
    } else if (key === 'port') {
      listener('udp', value, migration);
    } else if (key === 'gateway_id') {
      migration.set('gateway', 'id', whole(value));
    } else if (key === 'advertise_duration') {
      migration.set('gateway', 'advertiseInterval', seconds(value));
    } else if (key === 'username') {
      migration.set('upstream', 'username', value);
    } else if (key === 'enable_qos3') {
      migration.set('clients', 'qosMinus1', value === 'off' ? false : undefined);
    } else if (key === 'password') {
      migration.note(
        'The password is not written here: give it as MQTTSN_UPSTREAM_PASSWORD (upstream.passwordFile for a file).',
      );
    } else if (key !== '' && id === undefined) {
      migration.note(`mqtt.sn.${key} is not carried over.`);
    }
  }
  migration.note(LATER);
  return migration.end('EMQX');
}
