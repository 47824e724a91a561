import { type CoreSettings, DEFAULT_CORE_SETTINGS as DEFAULTS } from '../../src/core/contract/core-settings.ts';

type DeepPartial<T> = T extends readonly unknown[] | string | number | boolean
  ? T
  : { readonly [Key in keyof T]?: DeepPartial<T[Key]> };

/** Some settings of the core, in their sections. */
export type PartialSettings = DeepPartial<CoreSettings>;

/** The settings of the core with these in place of the defaults. */
export function settingsWith(some: PartialSettings = {}): CoreSettings {
  return {
    gateway: { ...DEFAULTS.gateway, ...some.gateway },
    upstream: {
      ...DEFAULTS.upstream,
      ...some.upstream,
      offlineQueue: { ...DEFAULTS.upstream.offlineQueue, ...some.upstream?.offlineQueue },
    },
    timing: { ...DEFAULTS.timing, ...some.timing },
    sessions: {
      ...DEFAULTS.sessions,
      ...some.sessions,
      queue: { ...DEFAULTS.sessions.queue, ...some.sessions?.queue },
    },
    status: { ...DEFAULTS.status, ...some.status },
    clients: { ...DEFAULTS.clients, ...some.clients },
    access: some.access as CoreSettings['access'],
    frames: { ...DEFAULTS.frames, ...some.frames },
  };
}
