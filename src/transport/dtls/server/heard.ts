import type { Association, Received } from './association.ts';
import type { Remote } from './remote.ts';

/** An authentic record of an association, from `remote`. */
export interface Heard {
  readonly association: Association;
  readonly received: Received;
  readonly remote: Remote;
  /** See Content. */
  readonly isNewest: boolean;
  /** Of the record. */
  readonly octets: number;
}
