/**
 * What is wrong with what is to be published, where the types have not told: a program in JavaScript has none. The broker would close the connection on it, or the
 * library throw in the middle of the gateway. Undefined: nothing. Pure.
 */
export function publishProblem(topic: unknown, payload: unknown, options: unknown): string | undefined {
  if (typeof topic !== 'string') {
    return `the topic must be a text, found ${typeof topic}`;
  }
  if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) {
    return `the payload must be a text or a Uint8Array, found ${payload === null ? 'null' : typeof payload}`;
  }
  if (typeof options !== 'object' || options === null) {
    return `the options must be an object such as { qos: 1 }, found ${options === null ? 'null' : typeof options}`;
  }
  const { qos, retain, clientId } = options as { readonly [name: string]: unknown };
  if (qos !== undefined && qos !== 0 && qos !== 1 && qos !== 2) {
    return `qos must be 0, 1 or 2, found ${JSON.stringify(qos)}`;
  }
  if (retain !== undefined && typeof retain !== 'boolean') {
    return `retain must be true or false, found ${JSON.stringify(retain)}`;
  }
  if (clientId !== undefined && typeof clientId !== 'string') {
    return `clientId must be a text, found ${typeof clientId}`;
  }
  return undefined;
}
