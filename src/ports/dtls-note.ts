import type { Link } from '../core/contract/link.ts';

/** Why an association is over. `limit`: there were too many; `worn-out`: it has used up its record numbers; `forged`: too many records were. */
export type AssociationEnd =
  | 'closed-by-client'
  | 'closed-by-gateway'
  | 'replaced'
  | 'idle'
  | 'limit'
  | 'key-changed'
  | 'worn-out'
  | 'forged';

/** Why a handshake is over. `limit`: there were too many at once; `timeout`: the client went silent. */
export type HandshakeEnd =
  | 'wrong-key'
  | 'unknown-identity'
  | 'malformed'
  | 'bad-share'
  | 'version'
  | 'no-common-suite'
  | 'renegotiation'
  | 'timeout'
  | 'limit';

/** Why a record, or a frame for a client, counts for nothing. */
export type RecordDrop = 'malformed' | 'replayed' | 'forged' | 'unknown-association' | 'address-unproven';

/** What happens to the DTLS associations of a transport. Identities and addresses, never keys. */
export type DtlsNote =
  | {
      readonly type: 'association-opened';
      readonly transport: string;
      readonly link: Link;
      readonly address: string;
      readonly identity: string;
      readonly suite: string;
      /** The client is followed when its address changes. */
      readonly connectionId: boolean;
    }
  | {
      readonly type: 'association-moved';
      readonly transport: string;
      readonly link: Link;
      readonly identity: string;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly type: 'association-closed';
      readonly transport: string;
      readonly link: Link;
      readonly identity: string;
      readonly reason: AssociationEnd;
    }
  /** `identity`: what the client said it is; undefined: it did not come so far. */
  | {
      readonly type: 'handshake-failed';
      readonly transport: string;
      readonly address: string;
      readonly identity: string | undefined;
      readonly reason: HandshakeEnd;
    }
  | {
      readonly type: 'record-dropped';
      readonly transport: string;
      readonly address: string;
      readonly reason: RecordDrop;
    };
