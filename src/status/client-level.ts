/** `/`, `+` and `#` mean something in topics, `%` is how they are written here; the others are characters on which brokers close a connection. */
const ESCAPED = /[/+#%\p{Cc}\p{Noncharacter_Code_Point}]/gu;

const PERCENT = /^(?:[^%]|%[0-9A-F]{2})*$/;

/** A client id as one level of a topic: what must not be in it is percent-escaped, octet by octet of its UTF-8 form. Two ids never have the same level. */
export function clientLevel(clientId: string): string {
  return clientId.replace(ESCAPED, escaped);
}

/** The client id of such a level; undefined: this gateway does not write it so. */
export function clientIdOf(level: string): string | undefined {
  if (!PERCENT.test(level)) {
    return undefined;
  }
  try {
    const clientId = decodeURIComponent(level);
    return clientId !== '' && clientLevel(clientId) === level ? clientId : undefined;
  } catch {
    return undefined; // these octets are no UTF-8
  }
}

function escaped(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}
