import { fromBisquitt, isBisquitt } from './bisquitt.ts';
import { fromCcMqttsn, isCcMqttsn } from './cc-mqttsn.ts';
import { fromEmqx, isEmqx } from './emqx.ts';
import type { Migrated } from './migrated.ts';
import { fromPaho, isPaho } from './paho.ts';

export type { Migrated } from './migrated.ts';

/**
 * Settings of another gateway, known by their content. `other`: the text of a file that they name; undefined where it cannot be read. Throws an
 * `Error` with words for people where the text is of none that is known.
 */
export function migrate(text: string, other: (path: string) => string | undefined): Migrated {
  if (isPaho(text)) {
    return fromPaho(text, other);
  }
  if (isCcMqttsn(text)) {
    return fromCcMqttsn(text);
  }
  if (isEmqx(text)) {
    return fromEmqx(text);
  }
  if (isBisquitt(text)) {
    return fromBisquitt(text);
  }
  if (/^\s*(gateway\s*\{|gateway\.mqttsn\b|mqttsn\s*[{=])/m.test(text)) {
    throw new Error(
      'a configuration file of EMQX is not read: take the JSON that its API has at /api/v5/gateways/mqttsn (docs/upgrading.md)',
    );
  }
  throw new Error(
    "this is none of the files that are known: gateway.conf of Eclipse Paho's gateway, the command line or environment of bisquitt, the MQTT-SN gateway of EMQX as JSON (or emqx_sn.conf), the configuration of cc.mqttsn's gateway",
  );
}
