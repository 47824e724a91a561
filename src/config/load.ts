/** Loads the settings: command line before environment before file before defaults, all checked by the one schema. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { AccessRule } from '../core/contract/access-settings.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { parseAccessFile } from './access-file.ts';
import { checkCertificates } from './certificate-check.ts';
import { emptyComplaints } from './empty-settings.ts';
import { CONFIG_VARIABLE, readEnvironment } from './environment.ts';
import { fileStamp } from './file-stamp.ts';
import { type Complaint, complaintsOf } from './issue-problem.ts';
import {
  looksLikeSettings,
  looksLikeTopics,
  SETTINGS_IN_PLACE_OF_TOPICS,
  TOPICS_IN_PLACE_OF_SETTINGS,
} from './mistaken-file.ts';
import { moduleComplaints } from './module-files.ts';
import { type PredefinedTopics, parsePredefinedTopics } from './predefined-topics-file.ts';
import { ConfigError, type Problem } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import type { PskKeys } from './psk-file.ts';
import { type PskFiles, readPskFiles } from './psk-files.ts';
import { completeSettings, type ParsedSettings, type Settings, settingsSchema } from './schema.ts';
import { otherSessionFolders, SESSIONS_PATH, stateDirectory } from './sessions-folder.ts';
import { pathText, type SettingPath, writtenPathText } from './setting-list.ts';
import { settingPathsOf } from './setting-paths.ts';
import { type Assignment, type Origin, SettingsTree } from './settings-tree.ts';
import { readOctets, readTextFile } from './text-file.ts';
import { transportNames } from './transport-names.ts';
import { kindOfNode, YamlSource } from './yaml-source.ts';

/** Octets of the file with the settings; every setting with a page of comments is a tenth of it. */
const MAX_SETTINGS = 262_144;

/** Octets of the file with pre-defined topic ids. */
const MAX_TOPICS = 16_777_216;

/** Problems that are sorted by place, of which the first are shown. */
const MOST_KEPT = 1_000;

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
  /** Absolute paths of files with secrets that everybody on the machine can read. */
  readonly exposedFiles: readonly string[];
}

/** Loads and checks. Throws `ConfigError` with every problem that there is. */
export function loadSettings(options: LoadOptions): LoadedSettings {
  return new Loader(options).load();
}

class Loader {
  readonly #workingFolder: string;
  readonly #startFolders: readonly string[];
  readonly #commandLine: readonly Assignment[];
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #file: string | undefined;
  readonly #yaml: YamlSource | undefined;
  readonly #problems = new ProblemList(MOST_KEPT);
  readonly #tree: SettingsTree;
  readonly #files = new Map<string, string>();
  readonly #contents = new Map<string, string>();

  constructor(options: LoadOptions) {
    this.#workingFolder = options.workingFolder;
    this.#startFolders = options.startFolders ?? [];
    this.#commandLine = options.commandLine ?? [];
    this.#environment = options.environment;
    this.#file = options.file ?? (options.environment[CONFIG_VARIABLE] || undefined);
    this.#yaml = this.#readFile();
    this.#tree = new SettingsTree(this.#yaml?.content);
  }

  load(): LoadedSettings {
    this.#assignAll();
    if (this.#yaml?.isBroken === true) {
      throw this.#problems.failure(this.#file);
    }
    const { data, error } = settingsSchema.safeParse(this.#tree.root);
    const { complaints, more } = complaintsOf(error?.issues ?? [], (path) => this.#tree.valueAt(path));
    const absent = moduleComplaints(this.#tree, this.#absolute);
    for (const complaint of [...emptyComplaints(this.#tree), ...absent, ...complaints]) {
      this.#complain(complaint);
    }
    this.#problems.addUnseen(more);
    const predefinedTopics = this.#readPredefinedTopics();
    const accessRules = this.#readAccessFile();
    this.#checkCertificates();
    const psk = this.#readPskKeys();
    if (data === undefined || this.#problems.count > 0) {
      throw this.#problems.failure(this.#file);
    }
    const settings = completeSettings(withAbsolutePaths(data, this.#absolute), accessRules);
    const otherSessionFolders = this.#otherSessionFolders(settings.sessions.path);
    const origins = this.#originsOf(data);
    const [files, contents, file] = [this.#files, this.#contents, this.#file];
    const secrets = { pskKeys: psk.keys, exposedFiles: psk.exposed };
    return { settings, origins, file, predefinedTopics, otherSessionFolders, files, contents, ...secrets };
  }

  #otherSessionFolders(used: string): readonly string[] {
    return otherSessionFolders({
      written: this.#tree.valueAt(SESSIONS_PATH),
      source: this.#tree.sourceOf(SESSIONS_PATH).name,
      used,
      file: this.#file,
      workingFolder: this.#workingFolder,
      startFolders: this.#startFolders,
    });
  }

  #readFile(): YamlSource | undefined {
    if (this.#file === undefined) {
      return undefined;
    }
    const read = readTextFile(this.#stamped(resolve(this.#workingFolder, this.#file)), MAX_SETTINGS);
    if ('reason' in read) {
      throw new ConfigError([{ source: this.#file, message: `cannot be read: ${read.reason}` }]);
    }
    const yaml = new YamlSource(read.text, this.#file);
    if (looksLikeTopics(read.text)) {
      throw new ConfigError([{ source: yaml.name, message: TOPICS_IN_PLACE_OF_SETTINGS }]);
    }
    this.#addAll(yaml.problems);
    const kind = kindOfNode(yaml.document.contents);
    if (!yaml.isBroken && kind !== 'a map' && kind !== 'nothing') {
      const what = kind === 'a list' ? kind : 'a single value';
      this.#problems.add({
        source: yaml.name,
        ...yaml.placeOf(yaml.document.contents),
        message: `expected a map of settings, found ${what}`,
      });
    }
    return yaml;
  }

  #addAll(problems: readonly Problem[]): void {
    for (const problem of problems) {
      this.#problems.add(problem);
    }
  }

  #assignAll(): void {
    const { assignments, problems } = readEnvironment(this.#environment);
    this.#addAll(problems);
    const isWritten = this.#tree.valueAt(SESSIONS_PATH) !== undefined;
    const byDefault = isWritten ? undefined : stateDirectory(this.#environment);
    for (const assignment of [...(byDefault === undefined ? [] : [byDefault]), ...assignments, ...this.#commandLine]) {
      const message = this.#tree.assign(assignment);
      if (message !== undefined) {
        this.#problems.add({ source: assignment.source, message });
      }
    }
  }

  /** Puts a complaint where the cause was written: the variable, the option, or the line of the file. */
  #complain({ path, others, part, message }: Complaint): void {
    const written = [path, ...others].find((candidate) => this.#tree.sourceOf(candidate).origin !== 'default') ?? path;
    this.#problems.add({ ...this.#placeOf(written, part), path: writtenPathText(path), message });
  }

  #placeOf(path: SettingPath, part: 'key' | 'value'): Pick<Problem, 'source' | 'line' | 'column'> {
    // What is missing in the entry of a list is missing because of the type of the entry, or because there is one.
    const entry = path.slice(0, path.findIndex((segment) => typeof segment === 'number') + 1);
    const causes = [path, ...(entry.length === 0 ? [] : [[...entry, 'type'], entry])].map((each) =>
      this.#tree.sourceOf(each),
    );
    const name = causes.find(({ origin }) => origin !== 'default')?.name;
    if (name !== undefined) {
      return { source: name };
    }
    return this.#yaml === undefined
      ? { source: 'defaults' }
      : { source: this.#yaml.name, ...this.#yaml.locate(path, part) };
  }

  #readPredefinedTopics(): PredefinedTopics {
    const path = ['predefinedTopics'];
    const written = this.#tree.valueAt(path);
    if (typeof written !== 'string' || written === '') {
      return new Map();
    }
    const read = readTextFile(this.#stamped(this.#absolute(path, written)), MAX_TOPICS);
    if ('reason' in read) {
      this.#complain({ path, others: [], part: 'value', message: `cannot read ${written}: ${read.reason}` });
      return new Map();
    }
    const name = this.#nameOf(path, written);
    const names = this.#tree.valueAt(['clients', 'names']) === 'utf8' ? 'utf8' : 'strict';
    const { topics, problems, problemCount } = parsePredefinedTopics(read.text, name, names);
    const isMistaken = problemCount > 0 && looksLikeSettings(read.text);
    this.#problems.addAll(
      isMistaken
        ? { kept: [{ source: name, message: SETTINGS_IN_PLACE_OF_TOPICS }], count: 1 }
        : { kept: problems, count: problemCount },
    );
    return topics;
  }

  #readAccessFile(): readonly AccessRule[] {
    const path = ['access', 'file'];
    const written = this.#tree.valueAt(path);
    if (typeof written !== 'string' || written === '') {
      return [];
    }
    const read = readTextFile(this.#stamped(this.#absolute(path, written)), MAX_TOPICS);
    if ('reason' in read) {
      this.#complain({ path, others: [], part: 'value', message: `cannot read ${written}: ${read.reason}` });
      return [];
    }
    const transports = transportNames(this.#tree.valueAt(['transports']));
    const { rules, problems } = parseAccessFile(read.text, this.#nameOf(path, written), transports);
    this.#problems.addAll(problems);
    return rules;
  }

  /** How a file is called in problems: as it is found from where the gateway was started. */
  #nameOf(path: SettingPath, written: string): string {
    const isBesideFile = this.#tree.sourceOf(path).origin === 'file' && !isAbsolute(written);
    return isBesideFile && this.#file !== undefined ? join(dirname(this.#file), written) : written;
  }

  #checkCertificates(): void {
    checkCertificates({
      valueAt: (path) => this.#tree.valueAt(path),
      read: (path, written) => readOctets(this.#stamped(this.#absolute(path, written))),
      complain: (path, message, others = []) => this.#complain({ path, others, part: 'value', message }),
      contents: this.#contents,
    });
  }

  #readPskKeys(): PskFiles {
    const files = readPskFiles(this.#tree.valueAt(['transports']), {
      find: (path, written) => this.#stamped(this.#absolute(path, written)),
      complain: (path, message) => this.#complain({ path, others: [], part: 'value', message }),
      contents: this.#contents,
    });
    this.#addAll(files.problems);
    return files;
  }

  /** A file that is about to be read. */
  #stamped(path: string): string {
    this.#files.set(path, fileStamp(path));
    return path;
  }

  /** Paths in the file, and default ones, are relative to the folder of the file; others to the working folder. */
  readonly #absolute = (path: SettingPath, written: string): string => {
    const { origin } = this.#tree.sourceOf(path);
    const besideFile = this.#file !== undefined && (origin === 'file' || origin === 'default');
    return resolve(this.#workingFolder, besideFile ? dirname(this.#file) : '.', written);
  };

  #originsOf(parsed: ParsedSettings): Map<string, Origin> {
    const origins = new Map<string, Origin>();
    for (const path of settingPathsOf(parsed)) {
      origins.set(pathText(path), this.#tree.sourceOf(path).origin);
    }
    const { username, password, url } = parsed.upstream;
    const credentials = url === undefined ? undefined : new URL(url);
    const urlOrigin = this.#tree.sourceOf(['upstream', 'url']).origin;
    if (username === undefined && credentials?.username) {
      origins.set('upstream.username', urlOrigin);
    }
    if (password === undefined && credentials?.password) {
      origins.set('upstream.password', urlOrigin);
    }
    return origins;
  }
}
