/** The network: whether the ports of the gateway are free, and whether the broker lets it in. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Settings } from '../../config/schema.ts';
import type { UpstreamInput } from '../../ports/upstream.ts';
import { TransparentUpstream, type UpstreamSettings } from '../../upstream/transparent-upstream.ts';
import type { Finding } from './finding.ts';

/** The broker has this time to answer, in milliseconds. */
const PATIENCE = 10_000;

const RUNS_ALREADY = 'Another program has it. Where that is this gateway, it runs already: all is well.';

/** Every port on which the gateway would listen. */
export async function checkPorts({ transports, http, upstream, broker }: Settings): Promise<Finding[]> {
  const findings: Promise<Finding>[] = [];
  for (const one of transports) {
    if (one.type === 'udp' || one.type === 'dtls') {
      findings.push(checkPort(`UDP port ${one.port}`, () => bindUdp(one.host, one.port)));
    }
  }
  if (http.enabled) {
    findings.push(checkPort(`status page, TCP port ${http.port}`, () => bindTcp(http.host, http.port)));
  }
  if (upstream.url === undefined) {
    findings.push(checkPort(`embedded broker, TCP port ${broker.port}`, () => bindTcp(broker.host, broker.port)));
  }
  const found = await Promise.all(findings);
  const ports = transports.flatMap((one) => (one.type === 'udp' || one.type === 'dtls' ? [one.port] : []));
  return ports.length === 0 ? found : [...found, firewallHint(ports)];
}

/** Nobody can see from here what a firewall lets through. */
function firewallHint(ports: readonly number[]): Finding {
  const found = `sensors come to UDP ${ports.join(', ')}`;
  return {
    what: 'firewall',
    result: 'ok',
    found: `${found}; where there is a firewall it must let them in (sudo ufw allow ${ports[0]}/udp), and mqtt-sn-gateway search on another machine shows whether it does`,
  };
}

async function checkPort(what: string, bind: () => Promise<void>): Promise<Finding> {
  try {
    await bind();
    return { what, result: 'ok', found: 'free' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    switch (code) {
      case 'EADDRINUSE':
        return { what, result: 'warn', found: 'in use', advice: RUNS_ALREADY };
      case 'EACCES':
        return {
          what,
          result: 'fail',
          found: 'not permitted',
          advice: 'Ports below 1024 are for root: take another one.',
        };
      case 'EADDRNOTAVAIL':
        return {
          what,
          result: 'warn',
          found: message,
          advice: 'This machine has no such address now. The gateway waits for it.',
        };
      default:
        return { what, result: 'fail', found: message };
    }
  }
}

function bindUdp(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':') });
    socket.once('error', (error) => socket.close(() => reject(error)));
    socket.bind(port, host, () => socket.close(() => resolve()));
  });
}

function bindTcp(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/** Connects as the gateway would, under a client id of its own, and ends that again. */
export async function checkBroker(settings: UpstreamSettings): Promise<Finding> {
  const what = `broker ${withoutSecrets(settings.url)}`;
  const clientId = `doctor-${process.pid}`;
  let upstream: TransparentUpstream | undefined;
  try {
    const answer = await new Promise<UpstreamInput | undefined>((resolve) => {
      upstream = new TransparentUpstream({ settings: { ...settings, gatewayClientId: clientId }, listener: resolve });
      setTimeout(() => resolve(undefined), PATIENCE).unref();
      upstream.perform({
        type: 'upstream-connect',
        connection: 1,
        clientId: undefined,
        cleanSession: true,
        will: undefined,
      });
    });
    return verdict(what, answer);
  } catch (error) {
    return { what, result: 'fail', found: (error as Error).message };
  } finally {
    await upstream?.close(1_000);
  }
}

function verdict(what: string, answer: UpstreamInput | undefined): Finding {
  switch (answer?.type) {
    case 'upstream-connected':
      return { what, result: 'ok', found: 'lets the gateway in' };
    case 'upstream-refused':
      return {
        what,
        result: 'fail',
        found: `refuses the gateway (${answer.protocolVersion === 5 ? 'reason' : 'return'} code 0x${answer.reasonCode.toString(16).padStart(2, '0')})`,
        advice: 'User name and password (upstream.username, password), and what the broker allows a client id.',
      };
    case 'upstream-lost':
      return { what, result: 'fail', found: answer.reason };
    default:
      return {
        what,
        result: 'fail',
        found: `no answer within ${PATIENCE / 1000} s`,
        advice: 'A firewall, or no MQTT broker at that port.',
      };
  }
}

function withoutSecrets(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href.replace(/\/$/, '');
}
