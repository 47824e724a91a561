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

/**
 * Why a record, or a frame for a client, counts for nothing. `unreserved`: the disk has not taken yet which record numbers come next; `unwritten`: too much
 * waits for the disk to take that it has come.
 */
export type RecordDrop =
  | 'malformed'
  | 'replayed'
  | 'forged'
  | 'unknown-association'
  | 'address-unproven'
  | 'unreserved'
  | 'unwritten';

/** Why the associations of the process before do not go on: it is not certain that what is stored of them is the last that was true. */
export type ResumeRefusal = 'copied' | 'unclean-stop' | 'damaged' | 'sessions-damaged' | 'unreadable';

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
  /** Of the process before: `count` go on; `dropped`: their key, their suite or their time is over. */
  | {
      readonly type: 'associations-resumed';
      readonly transport: string;
      readonly count: number;
      readonly dropped: number;
    }
  /** None of those of the process before go on. */
  | { readonly type: 'associations-refused'; readonly count: number; readonly reason: ResumeRefusal }
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
