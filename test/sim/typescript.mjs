// `node --import ./test/sim/typescript.mjs file.ts`: runs TypeScript as it stands, without a build.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
