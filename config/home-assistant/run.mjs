// Starts the gateway as an add-on of Home Assistant: its options (/data/options.json), and the broker that the Supervisor knows, become settings.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const {
  OPTIONS = '/data/options.json',
  PROGRAM = '/opt/mqtt-sn-gateway/bin/mqtt-sn-gateway.js',
  SUPERVISOR = 'http://supervisor',
} = process.env;

/** Option of the add-on to the variable of the setting. */
const VARIABLES = {
  broker_url: 'MQTTSN_UPSTREAM_URL',
  broker_username: 'MQTTSN_UPSTREAM_USERNAME',
  broker_password: 'MQTTSN_UPSTREAM_PASSWORD',
  config_file: 'MQTTSN_CONFIG',
  home_assistant: 'MQTTSN_HOME_ASSISTANT_ENABLED',
  log_level: 'MQTTSN_LOGGING_LEVEL',
  topic_prefix: 'MQTTSN_UPSTREAM_TOPIC_PREFIX',
};

/** The broker of Home Assistant as options; none where the Supervisor knows none. */
async function knownBroker() {
  const headers = { authorization: `Bearer ${process.env.SUPERVISOR_TOKEN}` };
  try {
    const answer = await fetch(`${SUPERVISOR}/services/mqtt`, { headers, signal: AbortSignal.timeout(10_000) });
    const { host, port, ssl, username, password } = (await answer.json()).data;
    const broker_url = `${ssl ? 'mqtts' : 'mqtt'}://${host}:${port}`;
    return host === undefined ? {} : { broker_url, broker_username: username, broker_password: password };
  } catch (error) {
    console.error(
      `The broker of Home Assistant is not known (${error.message}): set broker_url, or add the add-on of a broker.`,
    );
    return {};
  }
}

const options = JSON.parse(readFileSync(OPTIONS, 'utf8'));
const broker = options.broker_url === undefined ? await knownBroker() : {};
const settings = {
  MQTTSN_SESSIONS_PATH: '/data/sessions',
  // Ingress asks from another address of the add-ons' own network, and has asked the user who he is. The page shows, and does nothing.
  MQTTSN_HTTP_HOST: '0.0.0.0',
  MQTTSN_HTTP_INSECURE: 'true',
  MQTTSN_HTTP_ALLOWED_HOSTS: 'homeassistant.local,homeassistant',
};
for (const [option, value] of Object.entries({ ...options, ...broker })) {
  const variable = VARIABLES[option];
  if (variable !== undefined && value !== undefined && value !== null && value !== '') {
    settings[variable] = String(value);
  }
}
for (const [name, value] of Object.entries(settings)) {
  process.env[name] ??= value;
}
process.argv.splice(1, process.argv.length, PROGRAM);
createRequire(import.meta.url)(PROGRAM);
