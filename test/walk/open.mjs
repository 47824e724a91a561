// `node --import ./test/walk/open.mjs file.ts`: runs TypeScript with the private fields of the core open.
import { register } from 'node:module';

register('./open-hooks.mjs', import.meta.url);
