/** Where a serial line is: a device of this machine, or a TCP connection to whatever has the line. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { settingKinds } from './setting-kinds.ts';
import { didYouMean } from './suggestion.ts';

const EXPECTED = 'a serial port such as /dev/ttyUSB0, or tcp://host:port';

/** Schemes by which other programs name the same, and those of other things: no device has such a name. */
const OTHER_NAMES = /^(?!tcp:)[a-z][a-z0-9+.-]*:\/\//i;

/** Path of a device, or `tcp://host:port`. */
export function linePath() {
  const schema = z
    .string()
    .min(1)
    .superRefine((written, context) => {
      const message = linePathProblem(written);
      if (message !== undefined) {
        context.addIssue({ code: 'custom', message });
      }
    });
  return schema.register(settingKinds, { kind: 'text', expected: EXPECTED, type: 'path, or tcp://host:port' });
}

/** Whether a path leads over the network. */
export function isNetworkLine(path: string): boolean {
  return /^tcp:/i.test(path);
}

/** What is wrong with a path that leads over the network, in words; undefined where it is fine, or leads to a device. */
function linePathProblem(written: string): string | undefined {
  if (OTHER_NAMES.test(written)) {
    const meant = written.replace(OTHER_NAMES, 'tcp://');
    const why = '; octets are taken as they are, without Telnet or RFC 2217';
    return `expected ${EXPECTED}, found ${JSON.stringify(written)}${isUsable(meant) ? didYouMean(meant) : ''}${why}`;
  }
  if (!isNetworkLine(written) || isUsable(written)) {
    return undefined;
  }
  return `expected tcp://host:port such as tcp://192.168.1.20:3333, found ${JSON.stringify(written)}`;
}

function isUsable(written: string): boolean {
  const [, inBrackets, plain, port] = /^tcp:\/\/(?:\[([^\]]+)\]|([^\s:/?#@[\]]+)):(\d{1,5})\/?$/i.exec(written) ?? [];
  const isHost = inBrackets === undefined ? plain !== undefined : isIP(inBrackets) === 6;
  return isHost && Number(port) >= 1 && Number(port) <= 65_535;
}
