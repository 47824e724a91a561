import type { TransportItem } from '../../api-contract.ts';

/** The port that `pub` takes unless it is told another one. */
const DEFAULT_PORT = '1884';

/**
 * The command line that makes a first client, one whose session stays when it has gone (`-c`), for the first UDP transport that is up; undefined: there is none. `host`: by which name whoever
 * looks reaches the gateway.
 */
export function pubCommand(transports: readonly TransportItem[], host: string): string | undefined {
  const udp = transports.find(({ type, state }) => type === 'udp' && state === 'up');
  const port = /:(\d+)$/.exec(udp?.address ?? '')?.[1];
  if (port === undefined) {
    return undefined;
  }
  const isHere = /^(?:localhost|127\..*|\[::1\])$/.test(host);
  const place = `${isHere ? '' : ` -h ${host}`}${port === DEFAULT_PORT ? '' : ` -p ${port}`}`;
  return `node bin/mqtt-sn-gateway.js pub${place} -i sensor-1 -c -t sensors/boiler/temperature -m 21.5 -q 1`;
}
