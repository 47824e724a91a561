import type { AssociationEnd, DtlsNote, HandshakeEnd, RecordDrop } from '../../../ports/dtls-note.ts';
import type { Association } from './association.ts';
import type { Remote } from './remote.ts';

/** Makes the notes of a server. */
export class DtlsNotes {
  readonly #transport: string;
  readonly #note: (note: DtlsNote) => void;

  constructor(transport: string, note: (note: DtlsNote) => void) {
    this.#transport = transport;
    this.#note = note;
  }

  opened({ link, remote, identity = '', suite, hasCid }: Association): void {
    const { address } = remote;
    const transport = this.#transport;
    this.#note({ type: 'association-opened', transport, link, address, identity, suite, connectionId: hasCid });
  }

  /** `count`: those that go on; `dropped`: those that may not. */
  resumed(count: number, dropped: number): void {
    this.#note({ type: 'associations-resumed', transport: this.#transport, count, dropped });
  }

  /** `from`: the address before. */
  moved({ link, identity = '', remote }: Association, from: string): void {
    const transport = this.#transport;
    this.#note({ type: 'association-moved', transport, link, identity, from, to: remote.address });
  }

  closed({ link, identity = '' }: Association, reason: AssociationEnd): void {
    this.#note({ type: 'association-closed', transport: this.#transport, link, identity, reason });
  }

  /** `identity`: what the client said it is; undefined: nothing yet. */
  failed({ address }: Remote, identity: string | undefined, reason: HandshakeEnd): void {
    this.#note({ type: 'handshake-failed', transport: this.#transport, address, identity, reason });
  }

  dropped({ address }: Remote, reason: RecordDrop): void {
    this.#note({ type: 'record-dropped', transport: this.#transport, address, reason });
  }
}
