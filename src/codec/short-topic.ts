/** Short topic names: two octets of UTF-8 that stand in the TopicId field itself (§3, §6.7). Wildcards in them are the core's matter. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

/** The name in a TopicId of TopicIdType `short` (0–65535); undefined where the two octets are not UTF-8 or hold U+0000. */
export function shortTopicName(topicId: number): string | undefined {
  const first = topicId >> 8;
  const second = topicId & 0xff;
  if (first === 0 || second === 0) {
    return undefined;
  }
  if (first < 0x80 && second < 0x80) {
    return String.fromCharCode(first, second);
  }
  try {
    return DECODER.decode(Uint8Array.of(first, second));
  } catch {
    return undefined;
  }
}

/** The TopicId of a short name; undefined where the name does not have exactly two octets in UTF-8 or holds U+0000. */
export function shortTopicId(name: string): number | undefined {
  if (name.length === 0 || name.length > 2) {
    return undefined;
  }
  const octets = ENCODER.encode(name);
  const [first, second] = octets;
  if (octets.length !== 2 || !first || !second) {
    return undefined;
  }
  return (first << 8) | second;
}
