/** What a gateway and the thread of a module say to each other. */
import type { Medium } from '../../ports/transport-module.ts';

/** What a thread is started with. */
export interface ModuleStart {
  /** Absolute path of the module. */
  readonly module: string;
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Mebibytes that it may use. */
  readonly memory: number;
}

/** To the thread. `taken`: so many of its messages have been dealt with. */
export type ToModule =
  | { readonly type: 'send'; readonly id: number; readonly address: string; readonly frame: Uint8Array }
  | { readonly type: 'broadcast'; readonly id: number; readonly frame: Uint8Array; readonly radius: number }
  | { readonly type: 'taken'; readonly count: number }
  | { readonly type: 'ping' }
  | { readonly type: 'close' };

/** In which step a module has failed: its file, its version, the options, opening the medium. */
export type ModuleStep = 'load' | 'version' | 'create' | 'open';

/** From the thread, of its own accord: bounded by what the gateway has taken. */
export type FromModule =
  | { readonly type: 'received'; readonly address: string; readonly frame: Uint8Array }
  | {
      readonly type: 'signal';
      readonly address: string;
      readonly rssi: number | undefined;
      readonly retries: number | undefined;
    }
  | { readonly type: 'discarded'; readonly octets: number }
  | { readonly type: 'problem'; readonly code: string; readonly reason: string };

/** From the thread, as answers. `unsent`: it threw, or rejected. */
export type ModuleAnswer =
  | { readonly type: 'opened'; readonly medium: Medium; readonly canBroadcast: boolean }
  | { readonly type: 'failed'; readonly step: ModuleStep; readonly code: string; readonly reason: string }
  | { readonly type: 'sent'; readonly id: number }
  | { readonly type: 'unsent'; readonly id: number; readonly code: string; readonly reason: string }
  | { readonly type: 'lost'; readonly code: string; readonly reason: string }
  | { readonly type: 'pong' }
  | { readonly type: 'closed' };

/** Messages of its own accord that a thread may have on their way; what comes beyond is dropped and counted. */
export const MOST_UNTAKEN = 1_024;
/** The gateway tells after so many of them that they have been taken. */
export const TAKEN_AT_ONCE = 64;
