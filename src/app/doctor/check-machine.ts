/** The machine: Node.js, the user, the clock, the devices. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Settings } from '../../config/schema.ts';
import type { Finding } from './finding.ts';

/** Nobody has built this program before: a clock that is earlier is wrong, whatever the battery of a board says. */
const BUILT = Date.UTC(2026, 0, 1);

export interface Machine {
  /** Of Node.js, without the v. */
  readonly nodeVersion: string;
  /** `linux arm64`, say. */
  readonly platform: string;
  /** Wall clock, in milliseconds. */
  readonly now: number;
  /** 0: root; undefined where there are no such ids. */
  readonly userId: number | undefined;
}

/** Node.js, the user and the clock. */
export function checkMachine({ nodeVersion, platform, now, userId }: Machine): Finding[] {
  return [
    { what: 'Node.js', result: 'ok', found: `${nodeVersion} on ${platform}` },
    userId === 0
      ? {
          what: 'user',
          result: 'warn',
          found: 'root',
          advice:
            'The gateway needs nothing of that: run it as a user of its own, in the group dialout for serial lines.',
        }
      : { what: 'user', result: 'ok', found: nameOfUser() },
    now < BUILT
      ? {
          what: 'clock',
          result: 'warn',
          found: new Date(now).toISOString(),
          advice:
            'That cannot be. Sessions do not mind, but certificates and times in the log do: set it, or let systemd-timesyncd do so.',
        }
      : { what: 'clock', result: 'ok', found: new Date(now).toISOString() },
  ];
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'one without a name';
  }
}

/** Each serial port that a transport names: whether it is there, and may be used. */
export async function checkDevices(transports: Settings['transports'], mayUse = readsAndWrites): Promise<Finding[]> {
  const paths = transports.flatMap((one) => ('path' in one && typeof one.path === 'string' ? [one.path] : []));
  return Promise.all(paths.filter((path) => path.startsWith('/')).map((path) => checkDevice(path, mayUse)));
}

async function checkDevice(path: string, mayUse: (path: string) => Promise<boolean>): Promise<Finding> {
  const what = `port ${path}`;
  const known = await stat(path).catch(() => undefined);
  if (known === undefined) {
    const advice = 'Is it plugged in? mqtt-sn-gateway ports lists what is. The gateway waits for it.';
    return { what, result: 'warn', found: 'not there', advice };
  }
  return (await mayUse(path))
    ? { what, result: 'ok', found: 'there' }
    : {
        what,
        result: 'fail',
        found: 'this user may not read and write it',
        advice: 'sudo usermod -aG dialout USER, then log in again (or restart the service).',
      };
}

function readsAndWrites(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}
