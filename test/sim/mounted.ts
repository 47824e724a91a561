/** `upstream.topicPrefix` seen from outside: nobody in the simulation knows of it, and each topic that goes to the broker has to have it. */
import type { UpstreamEffect, UpstreamInput } from '../../src/ports/upstream.ts';

/** A client id as one level of a topic; strangers have all kinds of them. */
function encoded(clientId: string): string {
  return clientId.replaceAll('%', '%25').replaceAll('/', '%2F').replaceAll('+', '%2B').replaceAll('#', '%23');
}

export class Mounted {
  readonly #prefix: string;
  readonly #mounts = new Map<number, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** What the gateway says to the broker, without the prefix. Throws where a topic has none. */
  out(effect: UpstreamEffect): UpstreamEffect {
    switch (effect.type) {
      case 'upstream-connect': {
        const { connection, clientId = '', will } = effect;
        this.#mounts.set(connection, this.#prefix.replaceAll('%c', encoded(clientId)));
        return will === undefined
          ? effect
          : { ...effect, will: { ...will, topic: this.#without(connection, will.topic) } };
      }
      case 'upstream-publish':
        return { ...effect, topic: this.#without(effect.connection, effect.topic) };
      case 'upstream-subscribe':
      case 'upstream-unsubscribe':
        return { ...effect, filter: this.#without(effect.connection, effect.filter) };
      default:
        return effect;
    }
  }

  /** What the broker says, with the prefix. */
  in(input: UpstreamInput): UpstreamInput {
    return input.type === 'upstream-message'
      ? { ...input, topic: `${this.#mounts.get(input.connection) ?? ''}${input.topic}` }
      : input;
  }

  #without(connection: number, topic: string): string {
    const mount = this.#mounts.get(connection) ?? '';
    if (!topic.startsWith(mount)) {
      throw new Error(`${topic} goes to the broker without the prefix ${mount}`);
    }
    return topic.slice(mount.length);
  }
}

/** What stands before the topics of a client at the broker. */
export function mountOf(prefix: string, clientId: string): string {
  return prefix.replaceAll('%c', encoded(clientId));
}

/** A filter of a client as the broker knows it; of a shared subscription what stands behind the name of its group has the mount. */
export function mountedFilter(mount: string, filter: string): string {
  const [, group = '', topics = filter] = /^(\$share\/[^/]+\/)(.*)$/.exec(filter) ?? [];
  return `${group}${mount}${topics}`;
}

/** A topic or filter at the broker, without what stands before it, whoever it is of. */
export function bareTopic(prefix: string, topic: string): string {
  const [before = '', behind] = prefix.split('%c');
  if (!topic.startsWith(before)) {
    return topic;
  }
  const rest = topic.slice(before.length);
  return behind === undefined ? rest : rest.slice(rest.indexOf('/') + behind.length);
}
