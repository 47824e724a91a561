/** From version 1 of the store to version 2: sessions have the version of the protocol, and what their transport knew of the peer. */

import { seal, unseal } from './record-codec.ts';

/** All texts of version 1 in, all texts of version 2 out. What cannot be read stays as it is: it is left out when the store is read. */
export function sessionsWithPeers(texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...texts].map(([key, text]) => [key, key.startsWith('session/') ? withPeer(key, text) : text]));
}

function withPeer(key: string, text: string): string {
  try {
    const session: unknown = JSON.parse(unseal(key, text));
    if (typeof session !== 'object' || session === null || !('link' in session) || typeof session.link !== 'string') {
      return text;
    }
    return seal(key, JSON.stringify({ ...session, protocolVersion: '1.2', ...peerOf(session.link) }));
  } catch {
    return text;
  }
}

/** Links of version 1: `<transport>:<host>`, and behind a host of UDP its port. */
function peerOf(link: string): { readonly transport: string; readonly host: string } {
  const colon = link.indexOf(':');
  const address = link.slice(colon + 1);
  const host = address.startsWith('[') ? address.slice(1, address.indexOf(']')) : address.replace(/:.*/, '');
  return { transport: link.slice(0, colon), host };
}
