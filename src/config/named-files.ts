/** The files that settings name: where they are, how they were when they were read, and what was said of them. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isExposed } from './exposed-file.ts';
import { fileStamp } from './file-stamp.ts';
import type { SettingPath } from './setting-list.ts';
import type { SettingsTree } from './settings-tree.ts';
import { readTextFile } from './text-file.ts';

export interface NamedFilesParts {
  readonly tree: SettingsTree;
  /** The file with the settings, as the user named it; undefined: there is none. */
  readonly file: string | undefined;
  /** Folder to which paths that are not in that file are relative. */
  readonly workingFolder: string;
  readonly complain: (setting: SettingPath, message: string) => void;
}

/** The text of a file that a setting names. */
export interface NamedText {
  readonly text: string;
  /** How the file is called in problems: as it is found from where the gateway was started. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export class NamedFiles {
  /** Every file that was read, by its absolute path: how it was before that (file-stamp.ts). */
  readonly stamps: Map<string, string>;
  readonly #parts: NamedFilesParts;
  readonly #exposed = new Set<string>();

  /** `stamps`: of what has been read already. */
  constructor(parts: NamedFilesParts, stamps: ReadonlyMap<string, string>) {
    this.#parts = parts;
    this.stamps = new Map(stamps);
  }

  /** Absolute paths of files with secrets that everybody on the machine can read. */
  get exposed(): readonly string[] {
    return [...this.#exposed];
  }

  /** What the file that a setting names has; undefined where it names none, or that cannot be read, which is a problem. */
  text(setting: SettingPath, maxOctets: number): NamedText | undefined {
    const written = this.#parts.tree.valueAt(setting);
    if (typeof written !== 'string' || written === '') {
      return undefined;
    }
    const path = this.find(setting, written);
    const read = readTextFile(path, maxOctets);
    if ('reason' in read) {
      this.#parts.complain(setting, `cannot read ${written}: ${read.reason}`);
      return undefined;
    }
    return { text: read.text, name: this.nameOf(setting, written), path };
  }

  /** The absolute path of a file that a setting names, and that is about to be read. */
  find(setting: SettingPath, written: string): string {
    return this.stamped(this.absolute(setting, written));
  }

  /** A file that is about to be read. */
  stamped(path: string): string {
    this.stamps.set(path, fileStamp(path));
    return path;
  }

  /** A file with secrets that was read. */
  hasSecrets(path: string): void {
    if (isExposed(path)) {
      this.#exposed.add(path);
    }
  }

  /** Paths in the file, and default ones, are relative to the folder of the file; others to the working folder. */
  absolute(setting: SettingPath, written: string): string {
    const { tree, file, workingFolder } = this.#parts;
    const { origin } = tree.sourceOf(setting);
    const besideFile = file !== undefined && (origin === 'file' || origin === 'default');
    return resolve(workingFolder, besideFile ? dirname(file) : '.', written);
  }

  /** How a file is called in problems: as it is found from where the gateway was started. */
  nameOf(setting: SettingPath, written: string): string {
    const { tree, file } = this.#parts;
    const isBesideFile = tree.sourceOf(setting).origin === 'file' && !isAbsolute(written);
    return isBesideFile && file !== undefined ? join(dirname(file), written) : written;
  }
}
