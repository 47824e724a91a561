/** A run as a story that a person can read, in the words of fixtures/scenarios: what the gateway hears and does, and what befalls it. */
import { describeFrame } from '../../src/codec/describe.ts';
import type { Note, UpstreamEffect, UpstreamInput } from './adapter.ts';
import { labelOf } from './broker-side.ts';
import { nameOf } from './payload.ts';

const NAME_COLUMN = 10;
const TEXT_COLUMN = 64;

/** Notes that tell something that the frames do not. */
const TOLD = new Set<Note['type']>([
  'client-lost',
  'client-disconnected',
  'delivery-dropped',
  'session-expired',
  'session-forgotten',
  'broker-session-left',
  'request-rejected',
  'store-problem',
  'session-failed',
  'shared-connection-up',
  'shared-connection-down',
]);

export class Trace {
  readonly #now: () => number;
  readonly #lines: string[] | undefined;
  #last = 0;

  /** `isOn` false: nothing is written, and nothing is spent on it. */
  constructor(now: () => number, isOn: boolean) {
    this.#now = now;
    this.#lines = isOn ? [] : undefined;
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  frame(link: string, direction: '<' | '>', frame: Uint8Array): void {
    if (this.#lines !== undefined) {
      const hex = Buffer.from(frame)
        .toString('hex')
        .replaceAll(/(..)(?=.)/g, '$1 ');
      this.#write(link.slice(link.indexOf(':') + 1), direction, hex, describeFrame(frame, { payload: true }));
    }
  }

  toBroker(effect: UpstreamEffect): void {
    if (this.#lines !== undefined) {
      this.#write('broker', '<', `#${effect.connection} ${effectText(effect)}`);
    }
  }

  fromBroker(input: UpstreamInput): void {
    if (this.#lines !== undefined) {
      this.#write('broker', '>', `#${input.connection} ${inputText(input)}`);
    }
  }

  note(note: Note): void {
    if (this.#lines !== undefined && TOLD.has(note.type)) {
      const { type, ...rest } = note;
      this.say(`${type} ${JSON.stringify(rest)}`);
    }
  }

  /** Something that happens to the world. */
  say(text: string): void {
    if (this.#lines !== undefined) {
      this.#time();
      this.#lines.push(`# ${text}`);
    }
  }

  #write(who: string, direction: string, text: string, beside = ''): void {
    this.#time();
    const line = `${who.padEnd(NAME_COLUMN)}${direction} ${text}`;
    this.#lines?.push(beside === '' ? line : `${line.padEnd(TEXT_COLUMN)} ${beside}`);
  }

  #time(): void {
    const passed = this.#now() - this.#last;
    if (passed > 0) {
      this.#lines?.push(`+${passed}ms`);
      this.#last = this.#now();
    }
  }
}

function effectText(effect: UpstreamEffect): string {
  switch (effect.type) {
    case 'upstream-connect': {
      const will = effect.will === undefined ? '' : ` will ${effect.will.topic}`;
      return `CONNECT ${labelOf(effect)}${effect.cleanSession ? ' clean' : ''}${will}`;
    }
    case 'upstream-publish':
      return `PUBLISH qos${effect.qos} id${effect.packetId}${effect.dup ? ' dup' : ''} ${effect.topic} "${nameOf(effect.payload)}"`;
    case 'upstream-release':
      return `PUBREL id${effect.packetId}`;
    case 'upstream-subscribe':
      return `SUBSCRIBE id${effect.packetId} ${effect.filter} qos${effect.qos}${named(effect.identifier)}${effect.withoutRetained ? ' rh2' : ''}`;
    case 'upstream-unsubscribe':
      return `UNSUBSCRIBE id${effect.packetId} ${effect.filter}`;
    case 'upstream-acknowledge':
      return `${effect.packet} id${effect.packetId}${effect.reasonCode === 0 ? '' : ` 0x${effect.reasonCode.toString(16)}`}`;
    case 'upstream-ping':
      return 'PINGREQ';
    case 'upstream-forget':
      return `forget ${effect.clientId}`;
    case 'upstream-close':
      return effect.disconnect ? 'DISCONNECT' : 'close';
  }
}

function inputText(input: UpstreamInput): string {
  switch (input.type) {
    case 'upstream-connected':
      return `CONNACK${input.sessionPresent ? ' session present' : ''}`;
    case 'upstream-refused':
      return `CONNACK refused 0x${input.reasonCode.toString(16)}`;
    case 'upstream-lost':
      return `lost (${input.reason})${input.takenOver ? ' taken over' : ''}`;
    case 'upstream-acknowledged':
      return `${input.packet} id${input.packetId}${input.reasonCode === 0 ? '' : ` 0x${input.reasonCode.toString(16)}`}`;
    case 'upstream-subscribed':
      return `SUBACK id${input.packetId} 0x${input.reasonCode.toString(16)}`;
    case 'upstream-unsubscribed':
      return `UNSUBACK id${input.packetId}`;
    case 'upstream-message':
      return `PUBLISH qos${input.qos} id${input.packetId}${input.dup ? ' dup' : ''} ${input.topic} "${nameOf(input.payload)}"${named(input.identifiers)}`;
    case 'upstream-released':
      return `PUBREL id${input.packetId}`;
    case 'upstream-ponged':
      return 'PINGRESP';
    case 'upstream-kept':
      return `PINGRESP behind ${input.publishes} QoS 0`;
    case 'upstream-blocked':
      return 'takes no more';
    case 'upstream-drained':
      return 'takes more again';
  }
}

function named(identifiers: number | readonly number[] | undefined): string {
  return identifiers === undefined ? '' : ` for ${String(identifiers)}`;
}
