/** Writes what is generated from the schema of the settings: `config/README.md` and `config/gateway.schema.json`. Called by `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { settingsJsonSchema, settingsMarkdown } from '../config/describe-settings.ts';
import { optionsBySetting } from './setting-options.ts';

const folder = new URL('../../config/', import.meta.url);
writeFileSync(new URL('README.md', folder), settingsMarkdown(optionsBySetting()));
writeFileSync(new URL('gateway.schema.json', folder), settingsJsonSchema());
