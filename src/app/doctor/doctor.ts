/** Looks at everything around the gateway that has kept somebody's from working. */
import type { Settings } from '../../config/schema.ts';
import { upstreamSettings } from '../gateway.ts';
import { checkDisk } from './check-disk.ts';
import { checkDevices, checkMachine } from './check-machine.ts';
import { checkBroker, checkPorts } from './check-network.ts';
import type { Finding } from './finding.ts';

export type { Finding } from './finding.ts';

/** All findings, in the order in which a person would look. Changes nothing; takes some 10 s where the broker does not answer. */
export async function examine(settings: Settings): Promise<readonly Finding[]> {
  const { url } = settings.upstream;
  const machine = checkMachine({
    nodeVersion: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    now: Date.now(),
    userId: process.getuid?.(),
  });
  const [devices, disk, ports, broker] = await Promise.all([
    checkDevices(settings.transports),
    checkDisk(settings.sessions.path),
    checkPorts(settings),
    url === undefined ? embedded() : checkBroker(upstreamSettings(settings, url, '')),
  ]);
  return [...machine, ...disk, ...devices, ...ports, broker];
}

function embedded(): Finding {
  const advice =
    'It keeps everything in memory. For anything that matters run a broker such as mosquitto and name it (upstream.url).';
  return { what: 'broker', result: 'warn', found: 'the embedded one, for a first try', advice };
}
