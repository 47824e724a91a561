/**
 * Stories that a person can read, and a machine can check: see fixtures/scenarios/README.md for the format.
 *
 * A transcript is read line by line. Inputs are fed to the core, and what the core does stands below each of them. `replay` writes the same
 * transcript with the outputs that really came: where nothing differs, the story is true.
 */
import { describeFrame } from '../../src/codec/describe.ts';
import { DEFAULT_CORE_SETTINGS } from '../../src/core/contract/core-settings.ts';
import type { StoreEffect } from '../../src/core/contract/effect.ts';
import type { Input } from '../../src/core/contract/input.ts';
import { octets } from './core-bench.ts';
import { DiskBench, restarted } from './core-bench-restart.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Column in which the text beside the octets begins. */
const TEXT_COLUMN = 56;

/** The transcript with the outputs, and the text beside the octets, as they are. Throws where a line cannot be understood. */
export function replay(transcript: string): string {
  const player = new Player();
  const written: string[] = [];
  for (const [index, line] of transcript.split('\n').entries()) {
    if (isOutput(line)) {
      continue;
    }
    try {
      written.push(...player.play(line));
    } catch (error) {
      throw new Error(`line ${index + 1}: ${line}`, { cause: error });
    }
  }
  return written.join('\n');
}

function isOutput(line: string): boolean {
  return /^\S+ +</.test(line);
}

class Player {
  #bench: DiskBench | undefined;
  readonly #settings: Record<string, Record<string, number | string>> = {};
  #showsDisk = false;

  /** The line itself as it should be, and the outputs that follow from it. */
  play(line: string): string[] {
    if (line === '' || line.startsWith('#')) {
      return [line];
    }
    const setting = /^setting (\w+)\.(\w+) = (\S+)$/.exec(line);
    if (setting) {
      if (this.#bench) {
        throw new Error('a setting comes before everything else');
      }
      this.#set(setting[1] ?? '', setting[2] ?? '', setting[3] ?? '');
      return [line];
    }
    if (line === 'show disk') {
      this.#showsDisk = true;
      return [line];
    }
    this.#bench ??= new DiskBench({ settings: this.#settings, answersPings: false });
    return this.#input(line, this.#bench);
  }

  #set(section: string, key: string, value: string): void {
    const known = Object.entries(DEFAULT_CORE_SETTINGS).some(
      ([name, keys]) => name === section && Object.hasOwn(keys, key),
    );
    if (!known) {
      throw new Error(`the core has no setting ${section}.${key}`);
    }
    this.#settings[section] = { ...this.#settings[section], [key]: /^\d+$/.test(value) ? Number(value) : value };
  }

  #input(line: string, bench: DiskBench): string[] {
    const before = bench.turns.length;
    const time = /^\+(\d+)(ms|s|m|h)$/.exec(line);
    if (time) {
      return [
        line,
        ...this.#outputs(bench, before, bench.pass(Number(time[1]) * (UNITS[time[2] ?? ''] ?? Number.NaN))),
      ];
    }
    const killed = /^gateway +> killed, started again after (\d+)(ms|s|m|h)$/.exec(line);
    if (killed) {
      this.#bench = restarted(bench, Number(killed[1]) * (UNITS[killed[2] ?? ''] ?? Number.NaN));
      return [line, ...this.#outputs(this.#bench, 0, this.#bench.restored)];
    }
    const [, actor = '', text = ''] = /^(\S+) +> (.*)$/.exec(line) ?? [];
    if (actor === '') {
      throw new Error('neither a comment, a time, an input nor an output');
    }
    if (actor === 'broker') {
      return [line, ...this.#outputs(bench, before, bench.feed(brokerInput(text)))];
    }
    const hex = /^(?:[0-9a-f]{2} )*[0-9a-f]{2}/i.exec(text)?.[0];
    if (hex === undefined) {
      throw new Error('octets in hexadecimal were expected');
    }
    return [frameLine(actor, '>', hex), ...this.#outputs(bench, before, bench.from(actor, hex))];
  }

  #outputs(bench: DiskBench, before: number, lines: readonly string[]): string[] {
    const written = lines.map((line) => {
      const [, actor, frame] = /^(\S+) < ([0-9a-f]+)$/.exec(line) ?? [];
      if (actor === undefined || frame === undefined) {
        return `${'broker'.padEnd(8)}< ${line}`;
      }
      return frameLine(actor, '<', frame.replaceAll(/..(?=.)/g, '$& '));
    });
    if (!this.#showsDisk) {
      return written;
    }
    const stored = bench.turns
      .slice(before)
      .flat()
      .filter((effect): effect is StoreEffect => effect.type === 'store');
    return [...stored.map(storeLine), ...written];
  }
}

function frameLine(actor: string, direction: '<' | '>', hex: string): string {
  const left = `${actor.padEnd(8)}${direction} ${hex.toLowerCase()}`;
  return `${left.padEnd(TEXT_COLUMN - 2)}  ${describeFrame(octets(hex), { payload: true })}`;
}

function storeLine({ writes, durable }: StoreEffect): string {
  const keys = writes.map(({ key, record }) =>
    record === undefined ? `${key} removed` : record.kind === 'session' ? `${key} ${record.state}` : key,
  );
  return `${'disk'.padEnd(8)}< ${keys.join(', ')}${durable ? ' (what follows waits for it)' : ''}`;
}

/** `#1 PUBLISH qos1 id8 c/d "text" dup retain` and the like: what the broker does, in words. */
function brokerInput(text: string): Input {
  const [, number, words = ''] = /^#(\d+) (.*)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new Error('#<connection> was expected');
  }
  const connection = Number(number);
  const [word = '', ...rest] = words.split(' ');
  const packetId = Number(/\bid(\d+)\b/.exec(words)?.[1] ?? 0);
  const granted = /^qos([012])$/.exec(rest.at(-1) ?? '')?.[1];
  switch (word) {
    case 'CONNACK':
      if (words === 'CONNACK') {
        return { type: 'upstream-connected', connection, sessionPresent: false };
      }
      if (words === 'CONNACK session present') {
        return { type: 'upstream-connected', connection, sessionPresent: true };
      }
      if (rest[0] === 'refused') {
        return { type: 'upstream-refused', connection, protocolVersion: 4, reasonCode: Number(rest[1]) };
      }
      break;
    case 'SUBACK':
      if (granted !== undefined) {
        return { type: 'upstream-subscribed', connection, packetId, reasonCode: Number(granted) };
      }
      if (rest[1] === 'failure') {
        return { type: 'upstream-subscribed', connection, packetId, reasonCode: 0x80 };
      }
      break;
    case 'UNSUBACK':
      return { type: 'upstream-unsubscribed', connection, packetId };
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBCOMP':
      return { type: 'upstream-acknowledged', connection, packetId, packet: word, reasonCode: 0 };
    case 'PUBREL':
      return { type: 'upstream-released', connection, packetId };
    case 'PINGRESP':
      return { type: 'upstream-ponged', connection };
    case 'lost':
      return { type: 'upstream-lost', connection, reason: word, takenOver: false };
    case 'unreachable':
      return { type: 'upstream-lost', connection, reason: word, takenOver: false, unsent: true };
    case 'PUBLISH':
      return publish(connection, packetId, words);
  }
  throw new Error(`what the broker does was not understood: ${words}`);
}

function publish(connection: number, packetId: number, words: string): Input {
  const [, qos, topic, payload, flags = ''] =
    /^PUBLISH qos([012])(?: id\d+)? (\S+) "(.*)"((?: dup| retain)*)$/.exec(words) ?? [];
  if (topic === undefined || payload === undefined) {
    throw new Error('PUBLISH qos… id… topic "payload" was expected');
  }
  return {
    type: 'upstream-message',
    connection,
    packetId,
    topic,
    payload: new TextEncoder().encode(payload),
    qos: qos === '2' ? 2 : qos === '1' ? 1 : 0,
    retain: flags.includes('retain'),
    dup: flags.includes('dup'),
  };
}
