/**
 * The operator has changed settings, or pre-defined topic ids, while the gateway runs (I-112 to I-114). Most settings are looked at whenever they
 * are needed; here is what has to be done for the others.
 */

import type { DecodeOptions } from '../../codec/decode.ts';
import type { CoreSettings } from '../contract/core-settings.ts';
import type { SettingsChanged } from '../contract/settings-changed.ts';
import { AccessTable } from '../state/access-table.ts';
import type { Session } from '../state/session.ts';
import { accessOf, dismissalReason } from '../steps/access.ts';
import { connectionsGoOn } from '../steps/connection.ts';
import { dismiss, keepAbsent } from '../steps/endings.ts';
import { grantAnew } from '../steps/groups.ts';
import { followRenamed } from '../steps/renamed-topics.ts';
import type { Part, Turn } from '../steps/turn.ts';
import { PredefinedTopics } from '../topics/predefined-topics.ts';
import { advertiseDue } from './discovery.ts';
import { isThere } from './operator.ts';

/** Other settings from now on; then each session, as far as it is concerned. */
export function* settingsChanged(input: SettingsChanged, turn: Turn): Generator<Part, void> {
  const before = { settings: turn.settings, access: turn.shared.access };
  yield { session: undefined, run: () => change(input, turn) };
  for (const session of [...turn.directory.all()]) {
    yield { session, run: () => changeSession(session, before, turn) };
  }
}

function change({ settings, predefinedTopics, transports }: SettingsChanged, turn: Turn): void {
  const { shared } = turn;
  const before = turn.settings;
  turn.settings = settings;
  shared.settings = settings;
  const isOtherAccess = JSON.stringify(settings.access) !== JSON.stringify(before.access); // else what was published lately counts on
  if (isOtherAccess) {
    shared.access = settings.access && new AccessTable(settings.access);
  }
  shared.decoding = decodingOf(settings);
  shared.predefined = new PredefinedTopics(predefinedTopics, settings.clients.names, shared.predefined);
  shared.transports.rules = transports;
  shared.offline.limits = settings.upstream.offlineQueue;
  shared.qosMinusOneRate.change(settings.clients.qosMinus1PerSecond, turn.now);
  shared.pacing.limit = settings.upstream.maxConnecting;
  connectionsGoOn(turn);
  if (settings.gateway.advertiseInterval !== before.gateway.advertiseInterval) {
    advertiseDue(turn); // D-3: ADVERTISE says when the next one comes
  }
}

interface Before {
  readonly settings: CoreSettings;
  readonly access: AccessTable | undefined;
}

function changeSession(session: Session, before: Before, turn: Turn): void {
  const { clients, sessions } = turn.settings;
  if (turn.shared.access !== before.access) {
    grantAnew(session, accessOf(session.path, session.clientId, turn), turn);
    const reason = dismissalReason(session, turn);
    if (reason !== undefined && isThere(session)) {
      dismiss(session, reason, turn); // I-122
    }
  }
  if (turn.directory.byClientId(session.clientId) !== session) {
    return;
  }
  session.topics.capacity = clients.maxTopics;
  const ends = turn.deadlines.get(session, 'expiry');
  if (ends !== undefined && sessions.expiry !== before.settings.sessions.expiry) {
    keepAbsent(session, ends - before.settings.sessions.expiry, turn); // S-7
  }
  followRenamed(session, turn);
}

/** How frames are read (T-41, T-42). */
export function decodingOf({ frames: { trailing, tolerateShortLength } }: CoreSettings): DecodeOptions {
  return { trailing: trailing === 'ignore' ? 'ignore' : 'drop', tolerateShortLength };
}
