/** Settings of another gateway as ours. */
export interface Migrated {
  /** Whose they were. */
  readonly gateway: string;
  /** As they would be written in our file. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Client id or `*` to topic id to name, where they stood in the same file; undefined: a file of its own, which `predefinedTopics` names. */
  readonly topics: ReadonlyMap<string, ReadonlyMap<number, string>> | undefined;
  /** What could not be carried over, or is to be looked at, in words. */
  readonly notes: readonly string[];
}

/** Collects settings of another gateway; empty sections are not written. */
export class Migration {
  readonly #sections: Record<string, Record<string, unknown>> = {};
  readonly #transports: Record<string, unknown>[] = [];
  readonly #topics = new Map<string, Map<number, string>>();
  readonly #notes: string[] = [];
  #predefinedTopics: string | undefined;

  set(section: string, key: string, value: unknown): void {
    if (value !== undefined && value !== '') {
      this.#sections[section] = { ...this.#sections[section], [key]: value };
    }
  }

  transport(transport: Readonly<Record<string, unknown>>): void {
    this.#transports.push(Object.fromEntries(Object.entries(transport).filter(([, value]) => value !== undefined)));
  }

  topic(clientId: string, topicId: number, name: string): void {
    const known = this.#topics.get(clientId) ?? new Map<number, string>();
    this.#topics.set(clientId, known.set(topicId, name));
  }

  topicFile(path: string): void {
    this.#predefinedTopics = path;
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  end(gateway: string): Migrated {
    const file = this.#predefinedTopics === undefined ? {} : { predefinedTopics: this.#predefinedTopics };
    const { gateway: own, upstream, ...others } = this.#sections;
    const sections = { ...(own && { gateway: own }), ...(upstream && { upstream }) };
    const transports = this.#transports.length === 0 ? {} : { transports: this.#transports };
    return {
      gateway,
      settings: { ...sections, ...transports, ...others, ...file },
      topics: this.#topics.size === 0 ? undefined : this.#topics,
      notes: this.#notes,
    };
  }
}

/** A number of seconds as one of our durations; undefined where it is none. */
export function seconds(text: string | undefined): string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? `${Number(text)}s` : undefined;
}

/** A whole number; undefined where it is none. */
export function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** `mqtt://host:port`, with the brackets that an IPv6 address needs. */
export function brokerUrl(host: string, port: string | number | undefined, tls = false): string {
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `${tls ? 'mqtts' : 'mqtt'}://${bare}${port === undefined || port === '' ? '' : `:${port}`}`;
}
