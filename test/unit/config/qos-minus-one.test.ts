import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { toCoreSettings } from '../../../src/config/schema.ts';

let workingFolder: string;

beforeEach(() => {
  workingFolder = mkdtempSync(join(tmpdir(), 'settings-'));
});

afterEach(() => rmSync(workingFolder, { recursive: true }));

function load(clients: string, environment: Record<string, string> = {}): ReturnType<typeof loadSettings> {
  writeFileSync(join(workingFolder, 'gateway.yaml'), `clients:\n  ${clients}\n`);
  return loadSettings({ file: 'gateway.yaml', environment, workingFolder });
}

const clientsOf = (clients: string, environment: Record<string, string> = {}) =>
  toCoreSettings(load(clients, environment).settings).clients;

const TOPICS = 'gateway.yaml:2:20: clients.qosMinus1Topics: ';
const FROM = 'gateway.yaml:2:18: clients.qosMinus1From: ';
const ADDRESSES =
  'expected a list of addresses (IP addresses with a port or without, 64-bit addresses of XBee modules, `line` for serial lines), found in it: ';

describe('the topics that are open to QoS −1', () => {
  it.each([
    ['a text with commas', 'sensors/#, meters/+/power'],
    ['a list', '[sensors/#, meters/+/power]'],
  ])('are %s', (_form, written) => {
    expect(clientsOf(`qosMinus1Topics: ${written}`).qosMinus1Topics).toEqual(['sensors/#', 'meters/+/power']);
  });

  it('may have a comma in them, in a list', () => {
    expect(clientsOf('qosMinus1Topics: ["a,b/#"]').qosMinus1Topics).toEqual(['a,b/#']);
  });

  it('are all where nothing is said, and from a variable with commas', () => {
    expect(clientsOf('qosMinus1: true').qosMinus1Topics).toEqual([]);
    const environment = { MQTTSN_CLIENTS_QOS_MINUS1_TOPICS: 'a/#, b' };
    expect(clientsOf('qosMinus1: true', environment).qosMinus1Topics).toEqual(['a/#', 'b']);
  });

  it.each([
    ['sensors/#/x', '# must be the last level of a topic filter, alone'],
    ['a/#/b', '# must be the last level of a topic filter, alone'],
    ['a/b#', '# must be the last level of a topic filter, alone'],
    ['a+/b', '+ must stand alone in its level'],
  ])('may not be %s: what SUBSCRIBE would be told', (filter, sentence) => {
    const message = `${TOPICS}expected a list of topic filters, found in it: "${filter}" (${sentence})`;
    expect(() => load(`qosMinus1Topics: ${filter}`)).toThrow(message);
    expect(() => load(`qosMinus1Topics: [ok/#, ${filter}]`)).toThrow(message);
  });

  it('are not an empty list', () => {
    expect(() => load('qosMinus1Topics: []')).toThrow(
      `${TOPICS}an empty list would accept nothing: clients.qosMinus1: false says so`,
    );
  });
});

describe('the addresses that may send with QoS −1', () => {
  it.each([
    ['192.168.1.20, 192.168.1.21:4711', ['192.168.1.20', '192.168.1.21:4711']],
    ['[192.168.1.20, "2001:DB8::7", "[2001:DB8::7]:4711"]', ['192.168.1.20', '2001:db8::7', '[2001:db8::7]:4711']],
    ['[line, 0013A20040401122]', ['line', '0013a20040401122']],
  ])('of all transports, %s, are taken as transports report them', (written, used) => {
    expect(clientsOf(`qosMinus1From: ${written}`).qosMinus1From).toEqual(used);
  });

  it('are shown by check-config', () => {
    const text = describeLoaded(load('qosMinus1From: [192.168.1.20, line]')).replaceAll(/ +/g, ' ');
    expect(text).toContain('clients.qosMinus1From 192.168.1.20, line file\n');
  });

  it.each([
    ['192.168.1.0/24', ' (networks are not possible: list each address by itself)'],
    ['"2001:db8::/32"', ' (networks are not possible: list each address by itself)'],
    ['sensorhost', ''],
    ['192.168.1', ''],
    ['udp:192.168.1.20:4711', ' (did you mean "192.168.1.20:4711"?)'],
  ])('are not %s', (written, hint) => {
    expect(() => load(`qosMinus1From: ${written}`)).toThrow(
      `${FROM}${ADDRESSES}"${written.replaceAll('"', '')}"${hint}`,
    );
  });

  it('are not an empty list, and one wrong entry is one problem', () => {
    expect(() => load('qosMinus1From: [192.168.1.20, sensorhost]')).toThrow(`${FROM}${ADDRESSES}"sensorhost"`);
    expect(() => load('qosMinus1From: []')).toThrow(
      `${FROM}an empty list would accept nothing: clients.qosMinus1: false says so`,
    );
  });
});
