/** The file with credentials towards the broker (`upstream.credentials`). */
import { isExposed } from './exposed-file.ts';
import { type Complaint, complaintsOf } from './issue-problem.ts';
import { keyFits, type PemContent, pemProblem } from './pem-file.ts';
import type { Problem } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { readPskKey } from './psk-key.ts';
import { pathText, SchemaTree, type SettingPath } from './schema-tree.ts';
import { readSecretFiles } from './secret-files.ts';
import { credentialsSchema, type WrittenCredentialRule } from './sections/credentials-schema.ts';
import { dropEmpty } from './settings-tree.ts';
import { readOctets } from './text-file.ts';
import { valueAt } from './value-at.ts';
import { YamlSource } from './yaml-source.ts';

/** Whom a rule fits, and what such a client is at the broker. Absent: as `upstream` has it. */
export interface CredentialRule {
  /** For people. */
  readonly name: string;
  /** Patterns; absent: any. */
  readonly clientId?: readonly string[] | undefined;
  /** Patterns of identities; absent: any, and none. */
  readonly identity?: readonly string[] | undefined;
  /** With `%c`, `%i` and `%%` in it. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** In place of `password`, with `%c`, `%i` and `%%` in it. */
  readonly passwordTemplate?: string | undefined;
  /** Absolute paths of PEM files. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
  readonly psk?: { readonly identity: string; readonly key: Uint8Array } | undefined;
  readonly clientIdPrefix?: string | undefined;
}

/** Rules, in order: the first that fits a client is its only one. */
export interface CredentialRules {
  /** What becomes of clients that none fits: they are as `upstream` has it, or refused. */
  readonly default: 'upstream' | 'refuse';
  readonly rules: readonly CredentialRule[];
}

/** What reading needs of whoever knows the folders. */
export interface CredentialsReading {
  /** How the file is called in problems. */
  readonly name: string;
  /** The absolute path of a file that it names, and that is about to be read. */
  readonly find: (written: string) => string;
  /** How such a file is called in problems. */
  readonly nameOf: (written: string) => string;
}

/** What a file says, and everything that is wrong with it. */
export interface CredentialsFileResult {
  readonly credentials: CredentialRules;
  readonly problems: ProblemList;
  /** Absolute paths of files with secrets that everybody on the machine can read. */
  readonly exposed: readonly string[];
}

/** Every value that a file may have, place by place. */
export const CREDENTIALS_TREE = new SchemaTree(credentialsSchema);

/** More problems of one file are counted only. */
const MOST_PROBLEMS = 20;

/** By which rules fit clients. */
const MATCHERS: ReadonlySet<unknown> = new Set(['clientId', 'identity']);

const NOTHING: CredentialRules = { default: 'upstream', rules: [] };

/** Reads the text of a file, and the files that it names. Never throws. A text without rules is fine. */
export function parseCredentials(text: string, reading: CredentialsReading): CredentialsFileResult {
  return new CredentialsParser(text, reading).parse();
}

class CredentialsParser {
  readonly #reading: CredentialsReading;
  readonly #yaml: YamlSource;
  readonly #problems = new ProblemList(MOST_PROBLEMS);
  readonly #exposed = new Set<string>();
  /** What stands in a file of its own, by its path: the name of the file. */
  readonly #elsewhere = new Map<string, string>();
  #written: unknown;

  constructor(text: string, reading: CredentialsReading) {
    this.#reading = reading;
    this.#yaml = new YamlSource(text, reading.name);
  }

  parse(): CredentialsFileResult {
    const written = this.#root();
    const credentials = written === undefined ? NOTHING : this.#read(written);
    return { credentials, problems: this.#problems, exposed: [...this.#exposed] };
  }

  /** What is written; undefined where it is nothing, or means nothing. */
  #root(): object | undefined {
    const { problems, isBroken, content, document, name } = this.#yaml;
    for (const problem of problems) {
      this.#problems.add(problem);
    }
    if (isBroken || content === null || content === undefined) {
      return undefined;
    }
    if (typeof content !== 'object' || Array.isArray(content)) {
      // a single value may be a secret of its own
      const found = Array.isArray(content) ? 'a list (write "rules:" before it)' : 'a single value';
      const message = `expected a map with rules, and perhaps default, found ${found}`;
      this.#problems.add({ source: name, ...this.#yaml.placeOf(document.contents), message });
      return undefined;
    }
    return content;
  }

  #read(content: object): CredentialRules {
    for (const path of dropEmpty(content as Record<string, unknown>, [])) {
      const fits = MATCHERS.has(path.at(-1)) ? ', and the rule fits whatever that is' : '';
      const message = `has nothing behind it: write a value, or leave the line out${fits}`;
      if (pathText(path) !== 'rules') {
        this.#complain({ path, part: 'key', message }); // without rules it is as good as empty
      }
    }
    this.#written = JSON.parse(JSON.stringify(content)); // what an alias stands for is there once for each
    const at = (path: SettingPath): unknown => valueAt(this.#written, path);
    readSecretFiles(CREDENTIALS_TREE.settings, {
      valueAt: at,
      find: (_setting, written) => this.#reading.find(written),
      complain: (path, message) => this.#complain({ path, part: 'value', message }),
      put: (secret, value, _setting, written) => {
        (at(secret.slice(0, -1)) as Record<string | number, unknown>)[secret.at(-1) ?? ''] = value;
        this.#elsewhere.set(pathText(secret), this.#reading.nameOf(written));
      },
      haveRead: (path) => this.#look(path),
    });
    const { data, error } = credentialsSchema.safeParse(this.#written);
    const { complaints, more } = complaintsOf(error?.issues ?? [], at, CREDENTIALS_TREE);
    for (const complaint of complaints) {
      this.#complain(complaint);
    }
    this.#problems.addUnseen(more);
    this.#checkCertificates(at(['rules']));
    return data === undefined
      ? NOTHING
      : { default: data.default, rules: data.rules.map((rule, index) => this.#ruleOf(rule, index)) };
  }

  #ruleOf(written: WrittenCredentialRule, index: number): CredentialRule {
    const { cert, key, psk } = written;
    const read = psk?.key === undefined ? undefined : readPskKey(psk.key);
    const { find, name } = this.#reading;
    return {
      name: written.name ?? `${name}[${index}]`,
      clientId: written.clientId,
      identity: written.identity,
      username: written.username,
      password: written.password,
      passwordTemplate: written.passwordTemplate,
      certificate: cert === undefined || key === undefined ? undefined : { cert: find(cert), key: find(key) },
      psk: psk && read && 'key' in read ? { identity: psk.identity, key: read.key } : undefined,
      clientIdPrefix: written.clientIdPrefix,
    };
  }

  #checkCertificates(rules: unknown): void {
    for (const index of Array.isArray(rules) ? rules.keys() : []) {
      const cert = this.#pem(['rules', index, 'cert'], 'certificates');
      const key = this.#pem(['rules', index, 'key'], 'private key');
      if (cert && key && !keyFits(cert, key)) {
        const message = 'is not the private key of the certificate in cert';
        this.#complain({ path: ['rules', index, 'key'], part: 'value', message });
      }
    }
  }

  /** The content of the file that is named there; undefined where there is none, or it is of no use. */
  #pem(path: SettingPath, content: PemContent): Uint8Array | undefined {
    const written = valueAt(this.#written, path);
    if (typeof written !== 'string' || written === '') {
      return undefined;
    }
    const found = readOctets(this.#reading.find(written));
    const problem =
      'reason' in found ? `cannot read ${written}: ${found.reason}` : pemProblem(written, content, found.octets);
    if (problem !== undefined) {
      this.#complain({ path, part: 'value', message: problem });
    }
    return problem === undefined && 'octets' in found ? found.octets : undefined;
  }

  #complain({ path, part, message }: Pick<Complaint, 'path' | 'part' | 'message'>): void {
    this.#problems.add({ ...this.#placeOf(path, part), path: pathText(path), message });
  }

  #placeOf(path: SettingPath, part: 'key' | 'value'): Pick<Problem, 'source' | 'line' | 'column'> {
    const elsewhere = this.#elsewhere.get(pathText(path));
    return elsewhere === undefined
      ? { source: this.#yaml.name, ...this.#yaml.locate(path, part) }
      : { source: elsewhere };
  }

  #look(path: string): void {
    if (isExposed(path)) {
      this.#exposed.add(path);
    }
  }
}
