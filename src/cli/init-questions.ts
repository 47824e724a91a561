/** What `init` asks. An answer that would be no setting is asked for again. */
import { brokerUrlProblem } from '../config/broker-url.ts';

/** Whom is asked, and what is there. */
export interface Asked {
  /** Resolves with what was typed. */
  ask(question: string): Promise<string>;
  /** What is wrong with an answer. */
  say(line: string): void;
  readonly ports: readonly {
    readonly path: string;
    readonly stablePath: string | undefined;
    readonly manufacturer: string | undefined;
  }[];
}

/** As the options of `init` would have them. */
export interface Answers {
  readonly broker?: string;
  readonly username?: string;
  readonly 'password-file'?: string;
  readonly 'udp-port'?: number;
  readonly serial: string[];
  readonly xbee: string[];
  readonly 'predefined-topics'?: string;
  readonly 'home-assistant': boolean;
}

/** Undefined: the answer is right. */
type Check = (answer: string) => string | undefined;

const isPort: Check = (answer) =>
  /^\d{1,5}$/.test(answer) && Number(answer) >= 1 && Number(answer) <= 65_535
    ? undefined
    : `expected a whole number from 1 to 65535, found ${JSON.stringify(answer)}`;

const isOneOf =
  (expected: string, pattern: RegExp): Check =>
  (answer) =>
    pattern.test(answer) ? undefined : `expected ${expected} or nothing, found ${JSON.stringify(answer)}`;

/** An empty answer is the one in brackets. */
export async function questions({ ask, say, ports }: Asked): Promise<Answers> {
  const answer = async (question: string, check?: Check): Promise<string | undefined> => {
    for (;;) {
      const typed = (await ask(question)).trim();
      const problem = typed === '' ? undefined : check?.(typed);
      if (problem === undefined) {
        return typed === '' ? undefined : typed;
      }
      say(problem);
    }
  };
  const broker = await answer(
    'Broker, such as mqtt://localhost:1883 [the embedded one, for a first try]: ',
    brokerUrlProblem,
  );
  const username = broker && (await answer('User name at the broker [none]: '));
  const passwordFile = username && (await answer('File that has the password [none: MQTTSN_UPSTREAM_PASSWORD]: '));
  const port = await answer('UDP port for sensors [1884]: ', isPort);
  const serial: string[] = [];
  const xbee: string[] = [];
  for (const { path, stablePath = path, manufacturer } of ports) {
    const maker = manufacturer === undefined ? '' : ` (${manufacturer})`;
    const kind = await answer(`${path}${maker}: s serial line, x XBee module [not used]: `, isOneOf('s, x', /^[sx]$/i));
    if (kind !== undefined) {
      (kind.toLowerCase() === 's' ? serial : xbee).push(stablePath);
    }
  }
  const topics = await answer('File with pre-defined topic ids [none]: ');
  const homeAssistant = await answer('Devices in Home Assistant, y or n [n]: ', isOneOf('y, n', /^(y|yes|n|no)$/i));
  return {
    ...(broker && { broker }),
    ...(username && { username }),
    ...(passwordFile && { 'password-file': passwordFile }),
    ...(port && { 'udp-port': Number(port) }),
    ...{ serial, xbee },
    ...(topics && { 'predefined-topics': topics }),
    'home-assistant': /^y/i.test(homeAssistant ?? ''),
  };
}
