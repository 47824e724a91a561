/** What loading settings needs, and what comes of it. */
import type { CredentialRules } from './credentials-file.ts';
import type { PredefinedTopics } from './predefined-topics-file.ts';
import type { PskKeys } from './psk-file.ts';
import type { Settings } from './schema.ts';
import type { Assignment, Origin } from './settings-tree.ts';

/** Where settings come from. */
export interface LoadOptions {
  /** The file, as the user named it; absent: that of the variable MQTTSN_CONFIG, or none. */
  readonly file?: string | undefined;
  /** Environment variables; only those that begin with MQTTSN_ are looked at, and STATE_DIRECTORY. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the command line sets. */
  readonly commandLine?: readonly Assignment[];
  /** Folder to which paths of the environment and the command line are relative. */
  readonly workingFolder: string;
  /** Folders in which the gateway may have been started before: sessions are looked for there as well. */
  readonly startFolders?: readonly string[];
}

/** Settings that are fit for use, and what is known of them. */
export interface LoadedSettings {
  readonly settings: Settings;
  /** Origin of each single setting, by its path such as `upstream.url` or `transports[0].port`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The file they were read from, as the user named it; undefined where there is none. */
  readonly file: string | undefined;
  /** Content of the file `predefinedTopics`; empty where there is none. */
  readonly predefinedTopics: PredefinedTopics;
  /** Where the sessions may be instead of in `sessions.path`, because that is relative, or not the default any more. */
  readonly otherSessionFolders: readonly string[];
  /** Every file that was read, by its absolute path: how it was before that (file-stamp.ts). */
  readonly files: ReadonlyMap<string, string>;
  /** What the files of certificates and keys have, by the setting that names them: a digest. */
  readonly contents: ReadonlyMap<string, string>;
  /** Pre-shared keys, by the absolute path of their file. */
  readonly pskKeys: ReadonlyMap<string, PskKeys>;
  /** Content of the file `upstream.credentials`; undefined where there is none. */
  readonly credentials: CredentialRules | undefined;
  /** Absolute paths of files with secrets that everybody on the machine can read. */
  readonly exposedFiles: readonly string[];
}
