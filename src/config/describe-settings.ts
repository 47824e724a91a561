/** The documentation of the settings, made from the schema: JSON Schema for editors, Markdown for people. */
import * as z from 'zod';
import type { Millis } from '../core/contract/units.ts';
import { formatDuration } from '../core/contract/units.ts';
import { emptyProblem } from './empty-settings.ts';
import { isLive } from './live-settings.ts';
import { MODULE_JSON_SCHEMA } from './module-path.ts';
import { settingsSchema } from './schema.ts';
import { DURATION_JSON_SCHEMA, LIST_JSON_SCHEMA, settingKinds } from './setting-kinds.ts';
import { coreOf, pathText, SETTINGS, type Setting, SUBSECTIONS } from './setting-list.ts';

/** JSON Schema (draft 2020-12) of the file, as text that ends with a newline. */
export function settingsJsonSchema(): string {
  const schema = z.toJSONSchema(settingsSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema, path }) => {
      const inner = coreOf(zodSchema);
      if (settingKinds.get(inner)?.kind === 'duration') {
        describeDuration(zodSchema, jsonSchema);
      }
      if (settingKinds.get(inner)?.kind === 'list') {
        Object.assign(jsonSchema, LIST_JSON_SCHEMA);
      }
      if (jsonSchema.const === 'module') {
        delete jsonSchema.const;
        Object.assign(jsonSchema, MODULE_JSON_SCHEMA);
      }
      if (jsonSchema.properties !== undefined && 'module' in jsonSchema.properties) {
        jsonSchema.required = ['type']; // which may be the module itself
      }
      if (jsonSchema.multipleOf === 1) {
        delete jsonSchema.multipleOf;
        jsonSchema.type = 'integer';
      }
      // An empty section (`upstream:` with only comments under it) is as good as absent, save where that would let more in.
      const place = path.filter((part) => part !== 'properties');
      const mayBeEmpty = path.length > 0 && !path.includes('items') && emptyProblem(place) === undefined;
      if (inner instanceof z.ZodObject && mayBeEmpty) {
        jsonSchema.type = ['object', 'null'] as unknown as 'object';
      }
    },
  });
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/**
 * The reference of all settings as Markdown.
 * `options` has the command-line options, as they are typed, by path of the setting that they set.
 */
export function settingsMarkdown(options: ReadonlyMap<string, string>): string {
  const sections = Object.entries(settingsSchema.def.shape).map(([key, schema]) => {
    const settings = SETTINGS.filter(({ path }) => path[0] === key);
    const variants = [...new Set(settings.map(({ variant }) => variant))];
    const tables = variants.flatMap((variant) => {
      const rows = settings
        .filter((setting) => setting.variant === variant)
        .map((setting) => row(setting, options.get(pathText(setting.path))));
      return [...(variant === undefined ? [] : [`### type: ${variant}`, '']), ...table(rows), ''];
    });
    const description =
      settings.length === 1 && settings[0]?.path.length === 1
        ? []
        : [z.globalRegistry.get(schema)?.description ?? '', ''];
    const inside = SUBSECTIONS.filter(({ path }) => path[0] === key).flatMap(({ path, description: text }) => [
      `\`${pathText(path)}\`: ${text}`,
      '',
    ]);
    return [`## ${key}`, '', ...description, ...inside, ...tables].join('\n');
  });
  return `${INTRODUCTION}\n${sections.join('\n')}\n${PREDEFINED_TOPICS}`;
}

function describeDuration(schema: z.core.$ZodType, jsonSchema: z.core.JSONSchema.BaseSchema): void {
  const meta = z.globalRegistry.get(schema);
  Object.assign(jsonSchema, DURATION_JSON_SCHEMA);
  if (schema instanceof z.ZodDefault && typeof schema.def.defaultValue === 'number') {
    jsonSchema.default = writtenDuration(schema.def.defaultValue);
  }
  if (meta?.examples !== undefined) {
    jsonSchema.examples = meta.examples as unknown[];
  }
}

function writtenDuration(millis: Millis): string | number {
  return millis === 0 ? 0 : formatDuration(millis);
}

const COLUMNS = ['Setting', 'Type', 'Default', 'Environment variable', 'Changed', 'Meaning'];

function row(setting: Setting, option: string | undefined): readonly string[] {
  const { path, kind, defaultValue, environment, description } = setting;
  const meaning = option === undefined ? description : `${description} Option: ${option}.`;
  const defaultText = defaultValue === undefined ? (kind.defaultText ?? '–') : String(defaultValue);
  return [
    `\`${pathText(path)}\``,
    kind.type,
    defaultText === '–' ? defaultText : `\`${defaultText}\``,
    `\`${environment}\``,
    isLive(setting) ? 'at once' : 'restart',
    meaning,
  ];
}

/** A table with aligned columns, as the formatter of the repository writes it. */
function table(rows: readonly (readonly string[])[]): string[] {
  const escaped = rows.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...escaped.map((cells) => cells[column]?.length ?? 0)),
  );
  const lines = [COLUMNS, widths.map((width) => '-'.repeat(width)), ...escaped];
  return lines.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
}

const INTRODUCTION = `# Settings

This page is generated from the schema by \`npm run docs\`; a test keeps it true.

The settings are a YAML file, named by \`--config\` or by the environment variable \`MQTTSN_CONFIG\`. Without either the defaults
are used: no file is looked for. [gateway.yaml](gateway.yaml) is an example that runs as it is; with
[gateway.schema.json](gateway.schema.json) an editor completes and checks the file. \`mqtt-sn-gateway check-config gateway.yaml\`
prints the problems, or all settings in effect with the origin of each.

- **Order**: the command line comes before environment variables, these before the file, and the file before the defaults.
- **Durations** have a unit: \`500ms\`, \`10s\`, \`15m\`, \`1h\`, \`7d\`. Only 0 may stand alone.
- **Sizes** are numbers of octets.
- **Environment variables** follow from the names. \`<n>\` is the position in a list, from 0: \`MQTTSN_TRANSPORTS_0_PORT\` is the port of
  the first transport, and where the file has one transport \`MQTTSN_TRANSPORTS_1_PORT\` adds a second one: UDP, unless
  \`MQTTSN_TRANSPORTS_1_TYPE\` says another type. An empty variable is as good as absent; an unknown variable that begins with \`MQTTSN_\`
  is an error.
- **Lists of texts** are lists in YAML, or one text; in that, and in an environment variable, their texts are separated by commas, and a comma alone is the empty list.
- **Paths** in the file are relative to the folder of the file; those of environment variables and options to the working folder.
- **Empty sections** (\`upstream:\` with nothing under it) mean the defaults, and a setting with nothing behind it is as good as absent. Not so where that
  would let more in than was meant: \`access\` and everything in it, lists of who may do what, \`upstream.ca\` and prefixes. There it is a problem.
- A problem ends the program with exit code 2, after all problems have been listed; of more than 20 the first ones, and how many more there are.
- **Changes while the gateway runs**: on SIGHUP (where standard output is no terminal), on \`POST /api/v1/reload\`, or by itself with \`watch: true\`,
  the file, the pre-defined topics, the certificates, the credentials and all secrets in files of their own are read again. What counts *at once* does so without dropping a client, and the log names each
  change; what needs a *restart* is named too. Files with a problem change nothing, and the log has all their problems. A limit that is lower now takes
  nothing away: what is above it stays until it goes by itself. A level of the log that was set by the API stays until the file has another one.
- **Limits**: the file may have 256 KiB and 100 aliases (\`*\`).
`;

const PREDEFINED_TOPICS = `## The file with pre-defined topic ids

Client ids, or \`"*"\` for every client, with their topic ids (1 to 65534) and names. An entry of a client's own comes before the common
one. [predefined-topics.yaml](predefined-topics.yaml) is an example.

\`\`\`yaml
"*":
  1: sensors/boiler/temperature
meter-7:
  10: meters/7/power
\`\`\`

Files of existing installations are recognised by their content: lines \`ClientID, TopicName, TopicID\` (\`*\` is every client), and lines
\`clientID;topicName;topicID\` or \`topicName;topicID\`. A line that begins with \`#\` is a comment in all of them. A file may have 16 MiB and
250,000 topic ids, in YAML 1 MiB and 100 aliases. \`mqtt-sn-gateway check-config\` says how many it has read.
`;
