import type { StatusHeard } from './link-user.ts';
import type { StatusTopics } from './status-topics.ts';

/** Octets of `info` that are looked at. */
const MAX_OCTETS = 1_048_576;

/** A prefix of discovery topics that can have been set. */
const PREFIX = /^(?!\/)[^+#\p{Cc}]{1,1000}(?<!\/)$/u;

/** Who says its status at these topics already, before this gateway says anything: the last one of its own lives, or another gateway. */
export class Introduction {
  readonly #topics: StatusTopics;
  readonly #clientId: string;
  #isOnline = false;
  #theirClientId: string | undefined;
  #discoveryPrefix: string | undefined;

  /** `clientId`: of this gateway. */
  constructor(topics: StatusTopics, clientId: string) {
    this.#topics = topics;
    this.#clientId = clientId;
  }

  /** Something that the broker has retained. */
  heard({ topic, payload }: StatusHeard): void {
    if (topic === this.#topics.state) {
      this.#isOnline = textOf(payload) === 'online';
    } else if (topic === this.#topics.info && payload.length <= MAX_OCTETS) {
      const info = objectOf(textOf(payload));
      this.#theirClientId = textIn(info, 'clientId');
      const prefix = textIn(objectIn(info, 'homeAssistant'), 'discoveryPrefix');
      this.#discoveryPrefix = prefix !== undefined && PREFIX.test(prefix) ? prefix : undefined;
    }
  }

  /** Another gateway is there, and what to do about it; undefined: there is none. */
  get problem(): string | undefined {
    const other = this.#theirClientId;
    if (!this.#isOnline || other === undefined || other === this.#clientId) {
      return undefined;
    }
    return `another gateway (client id ${JSON.stringify(other)}) says its status at ${this.#topics.state} already: give each its own status.topicPrefix, or gateway.id`;
  }

  /** Where devices were announced to Home Assistant; undefined: nowhere. */
  get discoveryPrefix(): string | undefined {
    return this.#discoveryPrefix;
  }
}

function textOf(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

function objectOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // nobody who says its status here wrote that
  }
}

function objectIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function textIn(value: unknown, name: string): string | undefined {
  const found = objectIn(value, name);
  return typeof found === 'string' ? found : undefined;
}
