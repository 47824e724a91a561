/** Loads the settings: command line before environment before file before defaults, all checked by the one schema. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { AccessRule } from '../core/contract/access-settings.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { parseAccessFile } from './access-file.ts';
import { checkCertificates } from './certificate-check.ts';
import { type CredentialRules, parseCredentials } from './credentials-file.ts';
import { emptyComplaints } from './empty-settings.ts';
import { CONFIG_VARIABLE, readEnvironment } from './environment.ts';
import { fileStamp } from './file-stamp.ts';
import { type Complaint, complaintsOf } from './issue-problem.ts';
import type { LoadedSettings, LoadOptions } from './loaded-settings.ts';
import {
  looksLikeSettings,
  looksLikeTopics,
  SETTINGS_IN_PLACE_OF_TOPICS,
  TOPICS_IN_PLACE_OF_SETTINGS,
} from './mistaken-file.ts';
import { moduleComplaints } from './module-files.ts';
import { NamedFiles } from './named-files.ts';
import { type PredefinedTopics, parsePredefinedTopics } from './predefined-topics-file.ts';
import { ConfigError, type Problem } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { type PskFiles, readPskFiles } from './psk-files.ts';
import { completeSettings, type ParsedSettings, settingsSchema } from './schema.ts';
import { readSecretFiles } from './secret-files.ts';
import { otherSessionFolders, SESSIONS_PATH, stateDirectory } from './sessions-folder.ts';
import { pathText, SETTINGS, type SettingPath, writtenPathText } from './setting-list.ts';
import { settingPathsOf } from './setting-paths.ts';
import { type Assignment, type Origin, SettingsTree } from './settings-tree.ts';
import { readOctets, readTextFile } from './text-file.ts';
import { transportNames } from './transport-names.ts';
import { kindOfNode, YamlSource } from './yaml-source.ts';

export type { LoadedSettings, LoadOptions } from './loaded-settings.ts';

/** Octets of the file with the settings; every setting with a page of comments is a tenth of it. */
const MAX_SETTINGS = 262_144;

/** Octets of the files with pre-defined topic ids, access rules or credentials. */
const MAX_FILE = 16_777_216;

/** Problems that are sorted by place, of which the first are shown. */
const MOST_KEPT = 1_000;

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
  readonly #named: NamedFiles;
  readonly #contents = new Map<string, string>();

  constructor(options: LoadOptions) {
    this.#workingFolder = options.workingFolder;
    this.#startFolders = options.startFolders ?? [];
    this.#commandLine = options.commandLine ?? [];
    this.#environment = options.environment;
    this.#file = options.file ?? (options.environment[CONFIG_VARIABLE] || undefined);
    const path = this.#file === undefined ? undefined : resolve(this.#workingFolder, this.#file);
    const stamps = path === undefined ? [] : [[path, fileStamp(path)] as const];
    this.#yaml = path === undefined ? undefined : this.#readFile(path, this.#file ?? path);
    this.#tree = new SettingsTree(this.#yaml?.content);
    const complain = (setting: SettingPath, message: string): void => this.#complainOf(setting, message);
    const { workingFolder } = options;
    this.#named = new NamedFiles({ tree: this.#tree, file: this.#file, workingFolder, complain }, new Map(stamps));
  }

  load(): LoadedSettings {
    this.#assignAll();
    if (this.#yaml?.isBroken === true) {
      throw this.#problems.failure(this.#file, this.#named.stamps);
    }
    this.#readSecrets();
    const { data, error } = settingsSchema.safeParse(this.#tree.root);
    const { complaints, more } = complaintsOf(error?.issues ?? [], (path) => this.#tree.valueAt(path));
    const absent = moduleComplaints(this.#tree, (path, written) => this.#named.absolute(path, written));
    for (const complaint of [...emptyComplaints(this.#tree), ...absent, ...complaints]) {
      this.#complain(complaint);
    }
    this.#problems.addUnseen(more);
    const predefinedTopics = this.#readPredefinedTopics();
    const accessRules = this.#readAccessFile();
    this.#checkCertificates();
    const psk = this.#readPskKeys();
    const credentials = this.#readCredentials();
    if (data === undefined || this.#problems.count > 0) {
      throw this.#problems.failure(this.#file, this.#named.stamps);
    }
    const absolute = withAbsolutePaths(data, (path, written) => this.#named.absolute(path, written));
    const settings = completeSettings(absolute, accessRules);
    const otherSessionFolders = this.#otherSessionFolders(settings.sessions.path);
    const origins = this.#originsOf(data);
    const { stamps: files, exposed } = this.#named;
    const [contents, file] = [this.#contents, this.#file];
    const secrets = { pskKeys: psk.keys, credentials, exposedFiles: exposed };
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

  #readFile(path: string, name: string): YamlSource {
    const read = readTextFile(path, MAX_SETTINGS);
    if ('reason' in read) {
      throw new ConfigError([{ source: name, message: `cannot be read: ${read.reason}` }]);
    }
    const yaml = new YamlSource(read.text, name);
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
    const read = this.#named.text(['predefinedTopics'], MAX_FILE);
    if (read === undefined) {
      return new Map();
    }
    const names = this.#tree.valueAt(['clients', 'names']) === 'utf8' ? 'utf8' : 'strict';
    const { topics, problems, problemCount } = parsePredefinedTopics(read.text, read.name, names);
    const isMistaken = problemCount > 0 && looksLikeSettings(read.text);
    this.#problems.addAll(
      isMistaken
        ? { kept: [{ source: read.name, message: SETTINGS_IN_PLACE_OF_TOPICS }], count: 1 }
        : { kept: problems, count: problemCount },
    );
    return topics;
  }

  #readAccessFile(): readonly AccessRule[] {
    const read = this.#named.text(['access', 'file'], MAX_FILE);
    if (read === undefined) {
      return [];
    }
    const transports = transportNames(this.#tree.valueAt(['transports']));
    const { rules, problems } = parseAccessFile(read.text, read.name, transports);
    this.#problems.addAll(problems);
    return rules;
  }

  /** Files that it names are beside it. */
  #readCredentials(): CredentialRules | undefined {
    const read = this.#named.text(['upstream', 'credentials'], MAX_FILE);
    if (read === undefined) {
      return undefined;
    }
    this.#named.hasSecrets(read.path);
    const { credentials, problems, exposed } = parseCredentials(read.text, {
      name: read.name,
      find: (written) => this.#named.stamped(resolve(dirname(read.path), written)),
      nameOf: (written) => (isAbsolute(written) ? written : join(dirname(read.name), written)),
    });
    this.#problems.addAll(problems);
    for (const path of exposed) {
      this.#named.hasSecrets(path);
    }
    return credentials;
  }

  #readSecrets(): void {
    readSecretFiles(SETTINGS, {
      valueAt: (path) => this.#tree.valueAt(path),
      find: (path, written) => this.#named.find(path, written),
      complain: (path, message) => this.#complainOf(path, message),
      put: (secret, value, setting, written) =>
        this.#tree.fill(secret, value, setting, this.#named.nameOf(setting, written)),
      haveRead: (path) => this.#named.hasSecrets(path),
    });
  }

  #checkCertificates(): void {
    checkCertificates({
      valueAt: (path) => this.#tree.valueAt(path),
      read: (path, written) => readOctets(this.#named.find(path, written)),
      complain: (path, message, others) => this.#complainOf(path, message, others),
      contents: this.#contents,
    });
  }

  #readPskKeys(): PskFiles {
    const files = readPskFiles(this.#tree.valueAt(['transports']), {
      find: (path, written) => this.#named.find(path, written),
      complain: (path, message) => this.#complainOf(path, message),
      contents: this.#contents,
    });
    this.#addAll(files.problems);
    for (const path of files.keys.keys()) {
      this.#named.hasSecrets(path);
    }
    return files;
  }

  #complainOf(path: SettingPath, message: string, others: readonly SettingPath[] = []): void {
    this.#complain({ path, others, part: 'value', message });
  }

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
