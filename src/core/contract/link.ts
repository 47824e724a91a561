/** Milliseconds, on any clock that only moves forward. */
export type Millis = number;

/**
 * The radio address of a client, unique over all transports: `<transport>:<address>`, for example `udp:192.0.2.7:4711`
 * or `udp:[2001:db8::7]:4711`. The part before the first colon is the name of the transport.
 */
export type Link = string;

/** The name of the transport that a link belongs to. */
export function transportOf(link: Link): string {
  return link.slice(0, link.indexOf(':'));
}
