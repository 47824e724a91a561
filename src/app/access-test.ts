/** What the access rules of some settings say of a client that is not there. */
import { type Settings, toCoreSettings } from '../config/schema.ts';
import { type AccessAction, type AccessAnswer, askAccess } from '../core/access-question.ts';

export type { AccessAction, AccessAnswer } from '../core/access-question.ts';

/** Whom it is asked of; what is left out is not known of it. */
export interface TestedClient {
  readonly clientId: string | undefined;
  readonly identity: string | undefined;
  readonly host: string;
  readonly transport: string;
  /** It is behind a forwarder, which is at that host. */
  readonly isForwarded: boolean;
}

/** Undefined: there are no rules, so everybody may do everything. */
export function testAccess(settings: Settings, client: TestedClient, action: AccessAction): AccessAnswer | undefined {
  const { access } = toCoreSettings(settings);
  return access && askAccess(access, { ...client, address: client.host }, action);
}
