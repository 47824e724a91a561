/** `mqtt-sn://host:port/topic`, as -L has it. */
import { OptionProblem } from './option-table.ts';

export interface GatewayUrl {
  readonly host: string;
  readonly port: number | undefined;
  /** As it stands behind the slash: a topic has percent signs and # of its own. Undefined where there is none. */
  readonly topic: string | undefined;
}

const MAX_PORT = 65_535;
const EXAMPLE = 'mqtt-sn://192.168.1.2:1884/sensors/1/temp';

/** Throws `OptionProblem`. */
export function gatewayUrl(url: string): GatewayUrl {
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/i.exec(url) ?? [];
  if (scheme.toLowerCase() !== 'mqtt-sn') {
    const hint = /^(mqtts?|wss?)$/i.test(scheme) ? ': MQTT is what a broker speaks, this goes to a gateway' : '';
    throw new OptionProblem(`--url must be such as ${EXAMPLE}, found "${url}"${hint}`);
  }
  const [, authority = '', topic = ''] = /^([^/]*)(?:\/(.*))?$/.exec(rest) ?? [];
  if (authority.includes('@')) {
    throw new OptionProblem('--url: MQTT-SN has no user name and no password: leave them away');
  }
  const [, bracketed, plain, digits] =
    /^(?:\[([\da-f:.]+(?:%[^\]]+)?)\]|([^:[\]]+))(?::(\d+))?$/i.exec(authority) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > MAX_PORT))) {
    throw new OptionProblem(`--url must be such as ${EXAMPLE}, found "${url}"`);
  }
  return { host, port, topic: topic === '' ? undefined : topic };
}
