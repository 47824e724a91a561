import type { CredentialRules } from './credentials-file.ts';

/** Rules with credentials in a few words, without anything of what they have. */
export function credentialsText(credentials: CredentialRules | undefined): string {
  if (credentials === undefined) {
    return 'not set';
  }
  const { rules, default: fallback } = credentials;
  const others = fallback === 'refuse' ? 'refused' : 'as upstream';
  return `${rules.length} rule${rules.length === 1 ? '' : 's'}, other clients ${others}`;
}
