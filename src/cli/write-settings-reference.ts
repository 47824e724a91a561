/** Writes what is generated from the schema of the settings: `config/README.md` and `config/gateway.schema.json`. Called by `npm run docs`. */
import { existsSync, writeFileSync } from 'node:fs';
import { settingsJsonSchema, settingsMarkdown } from '../config/describe-settings.ts';
import { writtenSettings, writtenTransports } from '../config/settings-types.ts';
import { optionsBySetting } from './setting-options.ts';

const folder = new URL('../../config/', import.meta.url);
writeFileSync(new URL('README.md', folder), settingsMarkdown(optionsBySetting()));
writeFileSync(new URL('gateway.schema.json', folder), settingsJsonSchema());

// Where the sources are there as well: the types of the settings for whoever embeds the gateway.
const sources = new URL('../../src/config/', import.meta.url);
if (existsSync(sources)) {
  writeFileSync(new URL('written-settings.ts', sources), writtenSettings());
  writeFileSync(new URL('written-transports.ts', sources), writtenTransports());
}
