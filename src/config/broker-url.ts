/** The address of the broker as a URL: which kinds are known, what was probably meant, and how it is shown. */
import { didYouMean, nearest } from './suggestion.ts';

const SCHEMES = ['mqtt', 'mqtts', 'ws', 'wss'];
const OTHER_NAMES = new Map([
  ['tcp', 'mqtt'],
  ['ssl', 'mqtts'],
  ['tls', 'mqtts'],
  ['http', 'ws'],
  ['https', 'wss'],
]);

/** What a URL of a broker is expected to be, for messages and documentation. */
export const BROKER_URL_EXPECTED = 'a broker URL (mqtt:, mqtts:, ws:, wss:) such as mqtt://localhost:1883';

/** What is wrong with the URL, in words and with a suggestion; undefined where it is fine. */
export function brokerUrlProblem(written: string): string | undefined {
  const complaint = (suggestion: string | undefined) =>
    `expected ${BROKER_URL_EXPECTED}, found ${JSON.stringify(maskUrl(written))}${didYouMean(suggestion && maskUrl(suggestion))}`;

  const [scheme, rest] = split(written);
  if (scheme === undefined) {
    return complaint(isUsable(`mqtt://${rest}`) ? `mqtt://${rest}` : undefined);
  }
  if (!SCHEMES.includes(scheme)) {
    const meant = OTHER_NAMES.get(scheme) ?? nearest(scheme, SCHEMES);
    return complaint(meant && isUsable(`${meant}://${rest}`) ? `${meant}://${rest}` : undefined);
  }
  if (isUsable(written)) {
    return undefined;
  }
  return complaint(isUsable(`${scheme}://${rest}`) ? `${scheme}://${rest}` : undefined);
}

/** The URL as it may be shown: the password, or whatever stands in its place, is `***`. */
export function maskUrl(written: string): string {
  return written.replace(
    /^([a-z][a-z0-9+.-]*:\/+)?([^/@:]*:)?.*@/i,
    (_match, scheme = '', user = '') => `${scheme}${user}***@`,
  );
}

/** The user name and password that stand in a URL, and the URL without them. Must be a URL without a problem. */
export function separateCredentials(written: string): { url: string; username?: string; password?: string } {
  const url = new URL(written);
  if (url.username === '' && url.password === '') {
    return { url: written };
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    ...(username === '' ? {} : { username: decoded(username) }),
    ...(password === '' ? {} : { password: decoded(password) }),
  };
}

/** Scheme and what follows; no scheme where a host and its port were written alone (`localhost:1883`). */
function split(written: string): [scheme: string | undefined, rest: string] {
  const match = /^([a-z][a-z0-9+.-]*):(\/\/|\/)?(.*)$/i.exec(written);
  if (match === null || (match[2] === undefined && !SCHEMES.includes(match[1]?.toLowerCase() ?? ''))) {
    return [undefined, written.replace(/^\/+/, '')];
  }
  return [match[1]?.toLowerCase(), match[3] ?? ''];
}

function isUsable(written: string): boolean {
  if (!/^[a-z]+:\/\/[^\s]+$/i.test(written) || !URL.canParse(written)) {
    return false;
  }
  const url = new URL(written);
  return url.hostname !== '' && url.port !== '0' && canDecode(url.username) && canDecode(url.password);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function decoded(text: string): string {
  return decodeURIComponent(text);
}
