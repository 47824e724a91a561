/**
 * What goes with every answer. The page has its scripts and styles from here and from nowhere else; nobody shows it in a frame; no browser guesses
 * what a file is; where a link leads nobody hears where it was.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** What is asked for again each time: nothing but the files of the page may be kept, and those only to be compared. */
export const NO_STORE: Readonly<Record<string, string>> = { 'cache-control': 'no-store' };
