/** Who is told what happens: log, counters, and whatever else an operator looks at. */
import type { SeenMessage } from '../core/contract/effect.ts';
import type { Link } from '../core/contract/link.ts';
import type { Note as CoreNote } from '../core/contract/note.ts';
import type { DtlsNote } from './dtls-note.ts';
import type { Level } from './operator.ts';

export type { SeenMessage } from '../core/contract/effect.ts';
export type { Link } from '../core/contract/link.ts';

/** The program starts and stops. */
export type ProgramNote =
  | {
      readonly type: 'gateway-started';
      readonly gwId: number;
      /** Without credentials. */
      readonly brokerUrl: string;
      /** The broker is the embedded one. */
      readonly embedded: boolean;
      /** Where clients are heard. */
      readonly addresses: readonly string[];
    }
  /** `clients`: sessions that are known. */
  | { readonly type: 'gateway-stopping'; readonly signal: string; readonly clients: number }
  /** `inTime`: everything could be closed. `counts`: what was counted since the start, by name. */
  | { readonly type: 'gateway-stopped'; readonly inTime: boolean; readonly counts: Readonly<Record<string, number>> };

/** Why settings are read again: the signal, an operator by way of the API or the broker, or files that have changed. */
export type ReloadTrigger = 'SIGHUP' | 'request' | 'files';

/** Settings are read again while the gateway runs, or changed. Secrets are named, and never shown. */
export type SettingsNote =
  /** `changed`: how many changes count from now on, those of pre-defined topics with them; `needsRestart`: how many settings do not. */
  | {
      readonly type: 'settings-reloaded';
      readonly trigger: ReloadTrigger;
      readonly changed: number;
      readonly needsRestart: number;
    }
  /** `from` and `to`: as they are written; undefined where it is a secret, or what a file has in it. */
  | {
      readonly type: 'setting-changed';
      readonly setting: string;
      readonly what: 'value' | 'secret' | 'file';
      readonly from: string | undefined;
      readonly to: string | undefined;
    }
  /** `clientId`: `*` is every client. `from` undefined: it is new; `to` undefined: it is gone. */
  | {
      readonly type: 'predefined-topic-changed';
      readonly clientId: string;
      readonly topicId: number;
      readonly from: string | undefined;
      readonly to: string | undefined;
    }
  /** So many more than those that were named. */
  | { readonly type: 'predefined-topics-changed'; readonly more: number }
  /** It has another value in the files than in the gateway. */
  | { readonly type: 'restart-needed'; readonly setting: string }
  /** Everybody on the machine can read a file with secrets. */
  | { readonly type: 'secrets-exposed'; readonly path: string }
  /** The files have problems, so that nothing of them counts; each is told by itself, the first ones. */
  | { readonly type: 'reload-refused'; readonly trigger: ReloadTrigger; readonly problems: number }
  /** `problem`: with its place, in words. */
  | { readonly type: 'settings-problem'; readonly problem: string }
  | { readonly type: 'log-level-changed'; readonly level: Level };

/** What the absence of the broker has cost, from the notes of the core. */
export interface OutageNote {
  readonly type: 'outage-over';
  /** Milliseconds. */
  readonly duration: number;
  /** Clients that have their connection to the broker again. */
  readonly back: number;
  /** Clients that were let go or lost meanwhile. */
  readonly lost: number;
  /** Clients that have no connection yet. */
  readonly missing: number;
}

/** A transport comes, goes or has trouble. `code`: of the operating system; `reason`: what is wrong and what to do. */
export type TransportNote =
  | { readonly type: 'transport-up'; readonly transport: string; readonly address: string }
  | { readonly type: 'transport-down'; readonly transport: string; readonly code: string; readonly reason: string }
  | { readonly type: 'transport-problem'; readonly transport: string; readonly code: string; readonly reason: string }
  /** Octets on a line that belong to no frame. */
  | { readonly type: 'octets-discarded'; readonly transport: string; readonly octets: number; readonly reason: string };

/** What a radio module tells of the air and of itself. */
export type RadioNote =
  | {
      readonly type: 'radio-signal';
      readonly link: Link;
      /** Received signal strength of the last hop, in dBm. */
      readonly rssi: number | undefined;
      /** Transmissions in vain before the one that arrived. */
      readonly retries: number | undefined;
    }
  | { readonly type: 'radio-node'; readonly link: Link; readonly name: string; readonly role: string }
  | { readonly type: 'radio-status'; readonly transport: string; readonly status: number; readonly meaning: string };

/** Something about the way to the broker that ends no connection. `reason`: what is wrong, and what is done about it. */
export interface UpstreamProblemNote {
  readonly type: 'upstream-problem';
  readonly reason: string;
}

/** The connection on which the gateway says its status at the broker. */
export type StatusNote =
  | { readonly type: 'status-up' }
  /** `retryIn`: milliseconds until the next attempt. */
  | { readonly type: 'status-down'; readonly reason: string; readonly retryIn: number }
  /** It is switched off until the next start: the broker does not bear this topic. */
  | { readonly type: 'status-off'; readonly topic: string; readonly reason: string }
  /** Something of the status is not as it should be; the rest goes on. */
  | { readonly type: 'status-problem'; readonly reason: string };

export type StoreNote =
  /** The session store could not be read or written as it should. */
  | { readonly type: 'store-problem'; readonly reason: string }
  /** A write has not come back for so long. */
  | { readonly type: 'store-stalled'; readonly seconds: number }
  /** It works again, after so long. */
  | { readonly type: 'store-recovered'; readonly seconds: number }
  /** What waits for the store is as much as it may be: this message was not taken. `clientId` undefined: of nobody that has a session. */
  | {
      readonly type: 'message-not-taken';
      readonly clientId: string | undefined;
      readonly message: 'frame' | 'PUBLISH';
    }
  /** Where sessions are kept. `isNew`: there are none yet. `elsewhere`: a folder that has some, and is not used. */
  | {
      readonly type: 'store-chosen';
      readonly path: string;
      readonly isNew: boolean;
      readonly elsewhere: string | undefined;
    };

/** The status page and its API. */
export type HttpNote =
  /** `url`: where it is served. `login`: whoever opens it is asked who he is; without that it only shows. */
  | { readonly type: 'http-up'; readonly url: string; readonly login: boolean }
  /** It is not served, or not as it should be. `code`: of the operating system, or what is wrong in one word. */
  | { readonly type: 'http-problem'; readonly code: string; readonly reason: string }
  /** Too many wrong passwords or tokens came from an address; nothing that has one is answered to it for a while. */
  | { readonly type: 'http-login-blocked'; readonly address: string; readonly seconds: number }
  /** An operator did something. `by`: the name of the user, `token`, or `MQTT` for a request at the broker. `clientId`: whom it was done to; undefined: the gateway. */
  | {
      readonly type: 'operator-acted';
      readonly action: 'disconnect' | 'forget' | 'publish' | 'reload' | 'log-level' | 'trace';
      readonly clientId: string | undefined;
      readonly by: string;
    };

/** Frames are written to a file for Wireshark. */
export type CaptureNote =
  | { readonly type: 'capture-on'; readonly path: string }
  /** Frames are missing in it. `code`: of the operating system. */
  | { readonly type: 'capture-problem'; readonly path: string; readonly code: string; readonly reason: string };

/** The process stood still: for so long nothing was read, and the clients got no older by it. */
export interface PauseNote {
  readonly type: 'process-paused';
  readonly milliseconds: number;
}

/** The program may do everything on its machine, and needs nothing of it. */
export interface RootNote {
  readonly type: 'running-as-root';
}

/** systemd has started the gateway and waits to be told that it is ready, and that could not be said. */
export interface ServiceManagerNote {
  readonly type: 'service-manager-problem';
  readonly reason: string;
}

/** A defect in the program, with where it happened as `reason`. */
export type DefectNote =
  /** An invariant of the core broke. The session of `clientId` is ended, the others go on. */
  | { readonly type: 'session-failed'; readonly clientId: string | undefined; readonly reason: string }
  /** An observer threw; it is told of what comes next all the same. */
  | { readonly type: 'observer-failed'; readonly reason: string };

/**
 * One fact: what the core notes, and what everything around it does. Notes carry no payloads and no credentials. `link` is the radio
 * address, with the wireless node id behind a forwarder.
 */
export type Note =
  | CoreNote
  | ProgramNote
  | SettingsNote
  | OutageNote
  | TransportNote
  | RadioNote
  | DtlsNote
  | UpstreamProblemNote
  | StatusNote
  | StoreNote
  | HttpNote
  | CaptureNote
  | PauseNote
  | RootNote
  | ServiceManagerNote
  | DefectNote;

export interface Observer {
  /** One fact. Must not throw; where it does, the gateway goes on and notes `observer-failed`. */
  note(note: Note): void;
  /** True: it makes nothing of the notes `client-published` and `delivered`, which come with every message, and is not told them. */
  readonly skipsMessages?: true;
  /** True when `frame` wants to be called: looked at before each frame, so that nobody pays for a log that nobody reads. Left out: never. */
  readonly wantsFrames?: boolean;
  /** One application message. Left out: it does not watch them, and where nobody does nothing is made of them. */
  message?(message: SeenMessage): void;
  /** One whole frame, as received or as sent. Left out: it never wants one, and is not asked. */
  frame?(direction: 'received' | 'sent' | 'broadcast', link: Link, frame: Uint8Array): void;
}
