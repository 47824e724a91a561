/** Checks of settings that belong together. They also run when single values are wrong, so that all problems come at once. */
import { isIP } from 'node:net';
import type { z } from 'zod';
import { formatDuration } from '../core/contract/units.ts';
import { isLoopback } from './loopback.ts';
import { transportNames, unknownTransports } from './transport-names.ts';

type Refinement = z.core.$RefinementCtx;

/** Reports pairs of settings that do not go together. The value may be half wrong: nothing is taken for granted. */
export function checkTogether(settings: unknown, context: Refinement): void {
  checkUpstream(sectionOf(settings, 'upstream'), context);
  checkHttp(sectionOf(settings, 'http'), context);
  const transports = sectionOf(settings, 'transports');
  if (Array.isArray(transports)) {
    checkTransports(transports, context);
    checkRules(sectionOf(sectionOf(settings, 'access'), 'rules'), transports, context);
  }
}

/** A rule for a transport that is not there fits nobody, and the next one, which may grant more, would take its place. */
function checkRules(rules: unknown, transports: readonly unknown[], context: Refinement): void {
  const known = transportNames(transports);
  for (const [index, rule] of Array.isArray(rules) ? rules.entries() : []) {
    for (const problem of unknownTransports(sectionOf(rule, 'transport'), known)) {
      report(context, ['access', 'rules', index, 'transport'], problem);
    }
  }
}

function checkUpstream(upstream: unknown, context: Refinement): void {
  checkPair('upstream', upstream, 'a client certificate', context);
  checkPsk(upstream, context);
  const shortest = sectionOf(upstream, 'reconnectMin');
  const longest = sectionOf(upstream, 'reconnectMax');
  if (typeof shortest === 'number' && typeof longest === 'number' && shortest > longest) {
    const message = `must not be longer than upstream.reconnectMax, found ${formatDuration(shortest)} and ${formatDuration(longest)}`;
    report(context, ['upstream', 'reconnectMin'], message, [['upstream', 'reconnectMax']]);
  }
}

/** TLS with a pre-shared key knows no certificates. */
function checkPsk(upstream: unknown, context: Refinement): void {
  const psk = sectionOf(upstream, 'psk');
  if (typeof psk !== 'object' || psk === null) {
    return;
  }
  if (sectionOf(psk, 'key') === undefined && sectionOf(psk, 'keyFile') === undefined) {
    report(context, ['upstream', 'psk', 'key'], 'expected a key, here or by keyFile, found nothing', [
      ['upstream', 'psk'],
    ]);
  }
  for (const name of ['cert', 'key']) {
    if (sectionOf(upstream, name) !== undefined) {
      report(
        context,
        ['upstream', name],
        'does not go with upstream.psk: a connection has certificates or a pre-shared key',
      );
    }
  }
}

/** A certificate and its key are of use only together. */
function checkPair(name: string, section: unknown, what: string, context: Refinement): void {
  for (const [one, other] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const) {
    if (typeof sectionOf(section, one) === 'string' && sectionOf(section, other) === undefined) {
      report(context, [name, one], `needs ${name}.${other} as well: ${what} is a pair of cert and key`);
    }
  }
}

function checkHttp(http: unknown, context: Refinement): void {
  checkPair('http', http, 'the certificate of a server', context);
  const users = sectionOf(http, 'users');
  const names = new Map<unknown, number>();
  for (const [index, user] of Array.isArray(users) ? users.entries() : []) {
    const name = sectionOf(user, 'name');
    const same = names.get(name);
    if (typeof name === 'string' && same !== undefined) {
      const message = `http.users[${same}] has this name already: ${JSON.stringify(name)}`;
      report(context, ['http', 'users', index, 'name'], message);
    }
    names.set(name, same ?? index);
    if (typeof user === 'object' && sectionOf(user, 'passwordHash') === undefined) {
      checkHash(user, index, context);
    }
  }
  const host = sectionOf(http, 'host');
  const isOpen = typeof host === 'string' && !isLoopback(host);
  const hasToken = sectionOf(http, 'token') !== undefined || sectionOf(http, 'tokenFile') !== undefined;
  const asksWho = (Array.isArray(users) && users.length > 0) || hasToken;
  if (isOpen && sectionOf(http, 'enabled') === true && !asksWho && sectionOf(http, 'insecure') !== true) {
    const message = `${JSON.stringify(host)} can be reached from other machines, and nobody would be asked who he is: set http.users (mqtt-sn-gateway hash-password makes the hash) or http.token; or http.insecure: true, and everybody may look`;
    report(context, ['http', 'host'], message);
  }
}

function checkHash(user: unknown, index: number, context: Refinement): void {
  if (sectionOf(user, 'passwordHashFile') === undefined) {
    const message =
      'expected what "mqtt-sn-gateway hash-password" prints ($scrypt$ln=…), in quotes, or passwordHashFile; found nothing';
    report(context, ['http', 'users', index, 'passwordHash'], message);
  }
}

function checkTransports(transports: readonly unknown[], context: Refinement): void {
  const names = new Map<unknown, number>();
  const addresses = new Map<string, number>();
  const ports = new Map<string, number>();
  for (const [index, transport] of transports.entries()) {
    const name = sectionOf(transport, 'name');
    const sameName = names.get(name);
    if (typeof name === 'string' && sameName !== undefined) {
      report(
        context,
        ['transports', index, 'name'],
        `transports[${sameName}] has this name already: ${JSON.stringify(name)}`,
      );
    }
    if (sameName === undefined) {
      names.set(name, index);
    }

    const host = sectionOf(transport, 'host');
    const port = sectionOf(transport, 'port');
    const address = `${host} ${port}`;
    const sameAddress = addresses.get(address);
    if (typeof host === 'string' && typeof port === 'number' && port !== 0) {
      if (sameAddress !== undefined) {
        report(
          context,
          ['transports', index, 'port'],
          `transports[${sameAddress}] has this host and port already: ${port}`,
          [['transports', index, 'host']],
        );
      } else {
        addresses.set(address, index);
      }
    }

    checkLine(transport, index, context);
    const path = sectionOf(transport, 'path');
    const samePath = typeof path === 'string' ? ports.get(path) : undefined;
    if (samePath !== undefined) {
      report(
        context,
        ['transports', index, 'path'],
        `transports[${samePath}] has this port already: ${JSON.stringify(path)}`,
      );
    } else if (typeof path === 'string') {
      ports.set(path, index);
    }

    const group = sectionOf(sectionOf(transport, 'multicast'), 'group');
    if (
      typeof host === 'string' &&
      typeof group === 'string' &&
      isIP(host) !== 0 &&
      isIP(group) !== 0 &&
      isIP(host) !== isIP(group)
    ) {
      const message = `must be IPv${isIP(host)} as the host ${host}: multicasts are sent from the service port, found ${JSON.stringify(group)}`;
      report(context, ['transports', index, 'multicast', 'group'], message, [['transports', index, 'host']]);
    }
  }
}

function checkLine(transport: unknown, index: number, context: Refinement): void {
  const crc = sectionOf(transport, 'crc');
  if ((crc === 'ccitt' || crc === 'modbus') && (sectionOf(transport, 'framing') ?? 'length') === 'length') {
    const message = `needs framing slip or cobs: with framing length there is nothing behind a frame, found "${crc}"`;
    report(context, ['transports', index, 'crc'], message, [['transports', index, 'framing']]);
  }
  const dataBits = sectionOf(transport, 'dataBits');
  if (dataBits === 5 || dataBits === 6 || dataBits === 7) {
    report(context, ['transports', index, 'dataBits'], `must be 8: MQTT-SN frames are binary, found ${dataBits}`);
  }
}

/** `others`: settings that may be the cause instead, where the one at `path` was not written. */
function report(
  context: Refinement,
  path: (string | number)[],
  message: string,
  others: (string | number)[][] = [],
): void {
  context.addIssue({ code: 'custom', path, message, params: { others } });
}

function sectionOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
