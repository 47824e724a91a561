/** The settings as a program writes them, as types of TypeScript: made from the JSON Schema, so that there is one description of them. */
import { settingsJsonSchema } from './describe-settings.ts';
import { DURATION_PATTERN } from './duration.ts';
import { MODULE_JSON_SCHEMA } from './module-path.ts';

interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** The pattern of a path that stands as type of a transport. */
const MODULE_PATH: string = MODULE_JSON_SCHEMA.anyOf[1].pattern;

/** Sections that are of use to the program alone, or are written by themselves. */
const ELSEWHERE = ['http', 'capture', 'watch', 'predefinedTopics', 'transports'];

const TRANSPORTS = {
  udp: 'UdpSettings',
  dtls: 'DtlsSettings',
  serial: 'SerialSettings',
  xbee: 'XBeeSettings',
  module: 'ModuleSettings',
};

const HEADER = (what: string): string =>
  `/** ${what} Made from the schema by \`npm run docs\`; a test keeps it true. */\n`;

/** Text of `written-settings.ts`. */
export function writtenSettings(): string {
  const { properties = {} } = JSON.parse(settingsJsonSchema()) as JsonSchema;
  const sections = Object.entries(properties).filter(([name]) => !ELSEWHERE.includes(name));
  return `${HEADER('The settings of a gateway as a program writes them.')}import type { Duration } from './duration.ts';
import type { TransportSettings } from './written-transports.ts';

/** All that may differ from the defaults, with the names and units of the settings file (config/README.md). */
export interface WrittenSettings {
${sections.map(([name, schema]) => field(name, schema, true, '  ')).join('')}  /** ${properties.transports?.description} */
  readonly transports?: readonly TransportSettings[];
}
`;
}

/** Text of `written-transports.ts`. */
export function writtenTransports(): string {
  const { properties = {} } = JSON.parse(settingsJsonSchema()) as JsonSchema;
  const shapes = properties.transports?.items?.oneOf ?? [];
  const names = Object.values(TRANSPORTS);
  const entries = shapes.map((shape, at) => {
    const [type] = Object.keys(TRANSPORTS).slice(at);
    return `/** An entry of \`transports\` of the type ${type}. */\nexport interface ${names[at]} ${body(shape, '')}\n`;
  });
  return `${HEADER('The transports of a gateway as a program writes them.')}import type { Duration } from './duration.ts';

${entries.join('\n')}
/** One entry of \`transports\`. */
export type TransportSettings = ${names.join(' | ')};
`;
}

function body({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  const fields = Object.entries(properties).map(([name, schema]) =>
    field(name, schema, !required.includes(name), `${indent}  `),
  );
  return `{\n${fields.join('')}${indent}}`;
}

function field(name: string, schema: JsonSchema, isOptional: boolean, indent: string): string {
  const byDefault =
    schema.default === undefined || typeof schema.default === 'object'
      ? ''
      : ` Default: \`${String(schema.default)}\`.`;
  const words = `${schema.description ?? ''}${byDefault}`.replaceAll('*/', '*\u200b/');
  return `${indent}/** ${words} */\n${indent}readonly ${name}${isOptional ? '?' : ''}: ${typeOf(schema, indent)};\n`;
}

function typeOf(schema: JsonSchema, indent: string): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices?.some(({ pattern }) => pattern === DURATION_PATTERN)) {
    return 'Duration';
  }
  if (choices?.some(({ pattern }) => pattern === MODULE_PATH)) {
    return ['./', '../', '/'].reduce((all, start) => `${all} | \`${start}\${string}\``, "'module'");
  }
  if (choices !== undefined) {
    return [...new Set(choices.map((each) => typeOf(each, indent)))].join(' | ');
  }
  if (schema.const !== undefined) {
    return literal(schema.const);
  }
  if (schema.enum !== undefined) {
    return schema.enum.map(literal).join(' | ');
  }
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  switch (type) {
    case 'object':
      return schema.properties === undefined ? 'Readonly<Record<string, unknown>>' : body(schema, indent);
    case 'array': {
      const inside = typeOf(schema.items ?? {}, indent);
      const isUnion = (schema.items?.anyOf ?? schema.items?.oneOf) !== undefined;
      return `readonly ${isUnion ? `(${inside})` : inside}[]`;
    }
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
      return type;
    default:
      return 'unknown';
  }
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
