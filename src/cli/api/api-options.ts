/** The options of all commands that ask a running gateway by its HTTP interface. */
import { readFileSync } from 'node:fs';
import { askSecret, firstLine } from '../ask-secret.ts';
import { readInputFile } from '../input-file.ts';
import { OptionProblem, type OptionTable, type OptionValues } from '../option-table.ts';
import { ApiError, GatewayApi } from './gateway-api.ts';

const URL_USUAL = 'http://127.0.0.1:8884/';

/** Environment variables, so that nothing has to be typed, and no secret stands on a command line. */
const ENVIRONMENT = {
  url: 'MQTT_SN_GATEWAY_URL',
  token: 'MQTT_SN_GATEWAY_TOKEN',
  user: 'MQTT_SN_GATEWAY_USER',
  password: 'MQTT_SN_GATEWAY_PASSWORD',
} as const;

export const API_OPTIONS = {
  url: {
    type: 'string',
    requiresArg: true,
    defaultDescription: `"${URL_USUAL}"`,
    describe: `HTTP interface of the gateway (${ENVIRONMENT.url})`,
    notEmpty: true,
  },
  token: {
    type: 'string',
    requiresArg: true,
    describe: `The token of http.token (${ENVIRONMENT.token}); everybody on this machine can see what stands here`,
    notEmpty: true,
  },
  'token-file': { type: 'string', requiresArg: true, describe: 'File with the token', notEmpty: true },
  user: {
    type: 'string',
    requiresArg: true,
    describe: `User of http.users (${ENVIRONMENT.user}); the password is asked for, or that of ${ENVIRONMENT.password}`,
    notEmpty: true,
  },
  ca: {
    type: 'string',
    requiresArg: true,
    describe: 'File with the certificates (PEM) that are believed',
    notEmpty: true,
  },
  json: { type: 'boolean', default: false, describe: 'What the gateway says, as JSON' },
} as const satisfies OptionTable;

export type ApiArguments = OptionValues<typeof API_OPTIONS>;

type Environment = Readonly<Record<string, string | undefined>>;

/** The interface that the options name. Rejects with `OptionProblem`, or `ApiError` where the password is not given. */
export async function gatewayApi(values: ApiArguments, environment: Environment = process.env): Promise<GatewayApi> {
  const { ca } = values;
  return new GatewayApi({
    url: apiUrl(values.url ?? (environment[ENVIRONMENT.url] || URL_USUAL)),
    authorization: await authorization(values, environment),
    ca: ca === undefined ? undefined : readInputFile('--ca', ca),
  });
}

/** Throws `OptionProblem`. */
export function apiUrl(text: string): URL {
  const written = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  let url: URL;
  try {
    url = new URL(written);
  } catch {
    throw new OptionProblem(`--url must be such as ${URL_USUAL}, found "${text}"`);
  }
  if (!/^https?:$/.test(url.protocol)) {
    throw new OptionProblem(
      `--url must begin with http:// or https://, found "${text}": it is where the status page is`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new OptionProblem('--url: give the user with --user');
  }
  url.search = '';
  url.hash = '';
  url.pathname = url.pathname.replace(/\/*$/, '/');
  return url;
}

async function authorization(values: ApiArguments, environment: Environment): Promise<string | undefined> {
  const given = (['token', 'token-file', 'user'] as const).filter((name) => values[name] !== undefined);
  if (given.length > 1) {
    throw new OptionProblem(`say once who you are: --${given.join(' or --')}`);
  }
  const { user = given.length === 0 ? environment[ENVIRONMENT.user] : undefined } = values;
  if (user !== undefined && user !== '') {
    const password = environment[ENVIRONMENT.password] || (await askedPassword(user));
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
  const file = values['token-file'];
  const token = values.token ?? (file === undefined ? environment[ENVIRONMENT.token] : tokenIn(file));
  return token === undefined || token === '' ? undefined : `Bearer ${visible(token)}`;
}

function tokenIn(file: string): string {
  const token = (file === '-' ? readFileSync(0) : readInputFile('--token-file', file)).toString('utf8').trim();
  if (token === '') {
    throw new OptionProblem(`--token-file: ${file} is empty`);
  }
  return token;
}

/** What can stand in a header. */
function visible(token: string): string {
  if (!/^[!-~]+$/.test(token)) {
    throw new OptionProblem(
      'the token has characters that no token has: visible ASCII characters without spaces are expected',
    );
  }
  return token;
}

async function askedPassword(user: string): Promise<string> {
  const password = process.stdin.isTTY
    ? await askSecret(`Password of ${user}: `, { input: process.stdin, output: process.stderr })
    : await firstLine(process.stdin);
  if (password === undefined || password === '') {
    throw new ApiError(`no password was given for ${user}`);
  }
  return password;
}
