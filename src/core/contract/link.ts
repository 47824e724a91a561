export type { Millis } from './units.ts';

/**
 * The radio address of a client, unique over all transports, for example `udp:192.0.2.7:4711` or `xbee:0013a20040b5c1d2`. The core compares
 * links and never takes them apart: what it has to know of a sender is in its peer (peer.ts).
 */
export type Link = string;
