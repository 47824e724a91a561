/** From what a program writes to settings that are checked. */
import { type LoadedSettings, loadSettings } from '../../config/load.ts';
import { parsePredefinedTopics } from '../../config/predefined-topics-file.ts';
import { ConfigError } from '../../config/problem.ts';
import type { WrittenSettings } from '../../config/written-settings.ts';

/** Client id, or `*` for every client, to topic id (1 to 65534) to topic name. */
export type PredefinedTopicMap = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** What a gateway is made with: only what differs from the defaults, with the names and units of the settings file. */
export interface GatewayOptions extends WrittenSettings {
  /** Pre-defined topic ids, or the path of a file that has them. */
  readonly predefinedTopics?: string | PredefinedTopicMap;
}

/** Where problems of options are said to be. */
const SOURCE = 'options';
/** What is of no use without the program around the gateway. */
const OF_PROGRAM: Readonly<Record<string, string>> = {
  http: 'the status page belongs to the program mqtt-sn-gateway: leave it out',
  capture: 'files of frames belong to the program mqtt-sn-gateway: leave it out, and listen to "frame"',
  watch: 'call reload() instead',
};

/** `options`: or the path of a settings file. `folder`: to which paths are relative. Throws `ConfigError` with every problem. */
export function embeddedSettings(options: GatewayOptions | string, folder: string): LoadedSettings {
  const common = { environment: {}, workingFolder: folder };
  if (typeof options === 'string') {
    return loadSettings({ ...common, file: options });
  }
  const { predefinedTopics, ...written } = plain(options);
  const problems = Object.keys(written).flatMap((path) => {
    const message = OF_PROGRAM[path];
    return message === undefined ? [] : [{ source: SOURCE, path, message }];
  });
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  const inFile = typeof predefinedTopics === 'object' ? [] : [['predefinedTopics', predefinedTopics] as const];
  const loaded = loadSettings({
    ...common,
    commandLine: [...Object.entries(written), ...inFile]
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ path: [key], value, origin: 'command line', source: SOURCE })),
  });
  return typeof predefinedTopics === 'object'
    ? { ...loaded, predefinedTopics: topicsOf(predefinedTopics, loaded) }
    : loaded;
}

/** A copy of its own: what the program does to its object later changes nothing. */
function plain(options: GatewayOptions): GatewayOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = options === null ? 'null' : Array.isArray(options) ? 'a list' : `a ${typeof options}`;
    const message = `expected an object with settings, or the path of a settings file, found ${found}`;
    throw new ConfigError([{ source: SOURCE, message }]);
  }
  try {
    return structuredClone(options);
  } catch (error) {
    const message = `expected plain data, found ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigError([{ source: SOURCE, message }]);
  }
}

function topicsOf(map: PredefinedTopicMap, { settings }: LoadedSettings): LoadedSettings['predefinedTopics'] {
  const { topics, problems, problemCount } = parsePredefinedTopics(
    JSON.stringify(map, undefined, 1), // YAML as well
    'options.predefinedTopics',
    settings.clients.names,
  );
  if (problemCount > 0) {
    throw new ConfigError(problems, problemCount);
  }
  return topics;
}
