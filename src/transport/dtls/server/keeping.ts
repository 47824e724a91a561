import { timingSafeEqual } from 'node:crypto';
import type { AssociationKeeper, RestoredAssociation, StoredAssociation } from '../../../ports/association-store.ts';
import { keyProof, restoredCiphers } from '../crypto/key-schedule.ts';
import { SUITES } from '../crypto/suites.ts';
import { RecordLayer } from '../records/record-layer.ts';
import { hexOf } from '../wire-octets.ts';
import { Association } from './association.ts';
import { connectionNumber } from './connection-number.ts';
import type { Heard } from './heard.ts';

/** Record numbers that are reserved at a time, and how many of them are left when the next ones are. */
const BLOCK = 1_000;
const RESERVE_AT = BLOCK / 2;
/** Records, and octets of what is in them, that may wait for the disk. */
const MAX_HELD = 4_096;
const MAX_HELD_OCTETS = 1 << 20;

/**
 * What of associations outlives the process, and when it is written, so that none of their numbers is sent twice, and no record is taken twice: numbers
 * are sent only below an end that the disk has, and what has come is held until it is written that it has. Only those are kept whose clients are found by a
 * connection id: without one nobody would know whose the records are.
 */
export class Keeping {
  readonly #keeper: AssociationKeeper | undefined;
  /** What is stored of each that does not change. */
  readonly #kept = new Map<Association, Omit<StoredAssociation, 'remote' | 'received' | 'sendFrom'>>();
  /** Up to where numbers are being reserved. */
  readonly #reserving = new Map<Association, number>();
  readonly #accept: (heard: Heard) => void;
  /** What waits until it is written that it has come, in the order in which it came. */
  #held: Heard[] = [];
  #heldOctets = 0;
  readonly #written = (): void => this.#takeNext();

  /** `accept`: what has come counts now. */
  constructor(keeper: AssociationKeeper | undefined, accept: (heard: Heard) => void) {
    this.#keeper = keeper;
    this.#accept = accept;
  }

  has(association: Association): boolean {
    return association.isKept;
  }

  /** One whose client has proven that it has the key `psk`. */
  begin(association: Association, psk: Uint8Array): void {
    const { layer, link, peer, identity, suite } = association;
    const { secrets } = layer;
    if (this.#keeper === undefined || !association.hasCid || secrets === undefined || peer === undefined) {
      return;
    }
    const { ownCid, peerCid } = layer;
    const fixed = { link, transport: peer.transport, identity: identity ?? '', suite, secrets, ownCid, peerCid };
    this.#kept.set(association, { ...fixed, keyProof: keyProof(secrets, psk) });
    association.isKept = true;
    layer.numbersEnd = BLOCK; // fewer have been sent by now
    if (!this.#store(association)) {
      this.#kept.delete(association);
      association.isKept = false;
      layer.numbersEnd = Number.POSITIVE_INFINITY; // nothing is stored that could contradict it
    }
  }

  /** Whether so much waits for the disk that nothing more of this association is taken. */
  isFull(association: Association): boolean {
    return (this.#held.length >= MAX_HELD || this.#heldOctets >= MAX_HELD_OCTETS) && association.isKept;
  }

  /** A record was authentic. It counts when it is written that it has come (I-128); at once where that is not stored. */
  heard(heard: Heard): void {
    const { association } = heard;
    if (this.#keeper === undefined || !association.isKept) {
      this.#accept(heard);
      return;
    }
    this.#held.push(heard);
    this.#heldOctets += heard.octets;
    this.#keeper.mark(association.link, association.layer.received, this.#written);
  }

  /** Nothing that waits counts any more. */
  close(): void {
    this.#held = [];
  }

  /** Where that can't be stored, it stays found by its connection id, and its former address is stored. */
  moved(association: Association): void {
    if (association.isKept) {
      this.#store(association);
    }
  }

  /** A record was sent. */
  sent(association: Association): void {
    const { layer, link } = association;
    if (!association.isKept || layer.numbersLeft > RESERVE_AT || this.#reserving.has(association)) {
      return;
    }
    const end = layer.numbersEnd + BLOCK;
    this.#reserving.set(association, end);
    this.#keeper?.reserve(link, end, () => {
      this.#reserving.delete(association);
      layer.numbersEnd = Math.max(layer.numbersEnd, end);
    });
  }

  ended(association: Association): void {
    if (this.#kept.delete(association)) {
      association.isKept = false;
      this.#reserving.delete(association);
      this.#keeper?.forget(association.link);
    }
  }

  /**
   * Those of the process before that may go on, at most `limit` of them, the one that was silent the longest first; the others are forgotten. `keyOf`:
   * pre-shared keys by identity; `isAllowed`: suites by name; `idle`: milliseconds of silence after which one is given up.
   */
  resumed(
    restored: readonly RestoredAssociation[],
    rules: {
      readonly keyOf: (identity: string) => Uint8Array | undefined;
      readonly isAllowed: (suite: string) => boolean;
      readonly idle: number;
      readonly limit: number;
      readonly now: number;
    },
  ): readonly Association[] {
    const usable = restored
      .filter((each) => {
        const psk = rules.keyOf(each.identity);
        const isSame = psk !== undefined && isEqual(keyProof(each.secrets, psk), each.keyProof);
        return isSame && rules.isAllowed(each.suite) && each.silence < rules.idle;
      })
      .toSorted((one, other) => one.silence - other.silence)
      .slice(0, rules.limit)
      .flatMap((each) => this.#resume(each, rules.now))
      .toReversed();
    const links = new Set(usable.map(({ link }) => link));
    for (const { link } of restored.filter((each) => !links.has(each.link))) {
      this.#keeper?.forget(link);
    }
    return usable;
  }

  #resume({ silence, reservedTo, ...stored }: RestoredAssociation, now: number): Association[] {
    const { remote, received, sendFrom, ...fixed } = stored;
    const suite = SUITES.find(({ name }) => name === fixed.suite);
    if (suite === undefined) {
      return [];
    }
    const layer = new RecordLayer(0);
    const ciphers = restoredCiphers(suite, fixed.secrets);
    layer.useConnectionIds(fixed.ownCid, fixed.peerCid);
    layer.install(ciphers.client, ciphers.server);
    layer.goOn(received, sendFrom, reservedTo);
    const association = new Association({
      ...{ transport: fixed.transport, id: connectionNumber(fixed.ownCid), name: hexOf(fixed.ownCid), hasCid: true },
      ...{ suite: suite.name, layer, handshake: undefined, remote, now: now - silence },
    });
    association.establish(fixed.transport, fixed.identity, remote);
    this.#kept.set(association, fixed);
    association.isKept = true;
    return [association];
  }

  #store(association: Association): boolean {
    const fixed = this.#kept.get(association);
    const { remote, layer } = association;
    // What is being reserved has been told already, and may be used soon.
    const sendFrom = this.#reserving.get(association) ?? layer.numbersEnd;
    return fixed !== undefined && this.#keeper?.keep({ ...fixed, remote, received: layer.received, sendFrom }) === true;
  }

  #takeNext(): void {
    const heard = this.#held.shift();
    if (heard !== undefined) {
      this.#heldOctets -= heard.octets;
      this.#accept(heard);
    }
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
