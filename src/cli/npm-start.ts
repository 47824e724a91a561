/** Options behind `npm start` without two hyphens: npm keeps them for itself, and the gateway would run without them. */
import { SETTING_OPTION_NAMES } from './setting-options.ts';

/** What is said of such options; undefined: there are none. `environment`: what npm has made of them stands there. */
export function keptByNpm(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (environment.npm_lifecycle_event !== 'start') {
    return undefined;
  }
  const kept = SETTING_OPTION_NAMES.filter(
    (name) => environment[`npm_config_${name.replaceAll('-', '_')}`] !== undefined,
  );
  return kept.length === 0
    ? undefined
    : `npm has kept ${kept.map((name) => `--${name}`).join(', ')} for itself: options of the gateway stand behind two hyphens, as in npm start -- --broker mqtt://broker.example:1883`;
}
