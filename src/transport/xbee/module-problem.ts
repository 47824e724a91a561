/** What is wrong between the settings and a module, and what to do about it: one sentence each for the log. */

/** How the settings say that a module is spoken to. */
export interface ModuleSettings {
  readonly path: string;
  readonly baudRate: number;
  readonly apiMode: 1 | 2;
}

/** The module answers nothing at all. */
export function explainSilence({ path, baudRate, apiMode }: ModuleSettings): string {
  return `the module on ${path} does not answer AT commands: is it in API mode ${apiMode} (its setting AP), at ${baudRate} baud (BD)? It is asked again`;
}

/** The module says that it is in another API mode (AP), and yet it could be understood. */
export function explainApiMode(own: number, { apiMode }: ModuleSettings): string {
  return `the module is in API mode ${own}, the setting apiMode is ${apiMode}: some octets will be garbled; make them equal`;
}
