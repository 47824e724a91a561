import { describe, expect, it } from '@jest/globals';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { SHARED_RECEIVE_MAXIMUM } from '../../../src/config/hints.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { SHARED_RECEIVE_MAXIMUM as ofUpstream } from '../../../src/upstream/client-options.ts';

const load = (environment: Readonly<Record<string, string>>) => loadSettings({ environment, workingFolder: '/' });

/** The first thing that is wrong. */
function problem(environment: Readonly<Record<string, string>>): string | undefined {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems[0]?.message;
    }
    throw error;
  }
  return undefined;
}

describe('what was probably meant', () => {
  it.each([
    ['1MiB', ' (write the number of octets: 1048576)'],
    ['64KiB', ' (write the number of octets: 65536)'],
    ['1 MB', ' (write the number of octets: 1000000, or 1048576)'],
    ['64k', ' (write the number of octets: 64000, or 65536)'],
    ['1TB', ''],
    ['64 GiB', ''], // too much all the same
    ['many', ''],
  ])('by the size %s', (written, hint) => {
    expect(problem({ MQTTSN_SESSIONS_QUEUE_OCTETS: written })).toMatch(
      new RegExp(`, found "${written}"${hint.replaceAll(/[()]/g, '\\$&')}$`),
    );
  });

  it.each([
    ['1w', ' (did you mean "7d"?)'],
    ['2 weeks', ' (did you mean "14d"?)'],
    ['-1d', ' (units are ms, s, m, h and d)'],
    ['a day', ' (units are ms, s, m, h and d)'],
  ])('by the duration %s', (written, hint) => {
    expect(problem({ MQTTSN_SESSIONS_EXPIRY: written })?.endsWith(`found "${written}"${hint}`)).toBe(true);
  });

  it.each([
    ['site1', ' (did you mean "site1/"?)'],
    ['%d/x', ' (did you mean "%c/x/"?)'],
    ['a/+/', ''],
    ['$SYS/', ''],
    ['$share/a/', ''],
  ])('by the topic prefix %s', (written, hint) => {
    expect(problem({ MQTTSN_UPSTREAM_TOPIC_PREFIX: written })).toBe(
      `expected levels of a topic without wildcards, in which %c is the client id, with a / at the end, and not $SYS/ or $share/ at the beginning, found "${written}"${hint}`,
    );
  });

  it.each(['$aws/things/%c/', 'a/', '$SYSTEM/'])('a prefix %s is taken', (written) => {
    expect(problem({ MQTTSN_UPSTREAM_TOPIC_PREFIX: written })).toBeUndefined();
  });
});

describe('what check-config says of settings that may be meant otherwise', () => {
  const said = (environment: Readonly<Record<string, string>>): string[] => {
    const [, , ...parts] = describeLoaded(load(environment)).trimEnd().split('\n\n');
    return parts.flatMap((part) => part.split('\n'));
  };
  const BROKER = { MQTTSN_UPSTREAM_URL: 'mqtt://a.example', MQTTSN_UPSTREAM_MODE: 'aggregating' };

  it('upstream.ownConnection: only * and ? stand for something', () => {
    expect(said({ ...BROKER, MQTTSN_UPSTREAM_OWN_CONNECTION: 'meter-[0-9],a/#,pump-*,x+?' })).toEqual([
      'upstream.ownConnection: "meter-[0-9]" fits only clients with these very characters: * and ? alone stand for others',
      'upstream.ownConnection: "a/#" fits only clients with these very characters: * and ? alone stand for others',
      'upstream.ownConnection: "x+?" fits only clients with these very characters: * and ? alone stand for others',
    ]);
    expect(said({ ...BROKER, MQTTSN_UPSTREAM_OWN_CONNECTION: 'pump-*,meter-?' })).toEqual([]);
  });

  it('upstream.sessionExpiry: shorter than sessions.expiry it loses what waits at the broker', () => {
    const URL = { MQTTSN_UPSTREAM_URL: 'mqtt://a.example', MQTTSN_UPSTREAM_PROTOCOL_VERSION: '5' };
    const hint = (text: string) => [
      `upstream.sessionExpiry: what waits at the broker for a client that is away is lost after ${text}`,
    ];
    expect(said({ ...URL, MQTTSN_UPSTREAM_SESSION_EXPIRY: '1h' })).toEqual(
      hint('1h, before its session ends (sessions.expiry: 7d)'),
    );
    const both = { MQTTSN_UPSTREAM_SESSION_EXPIRY: '1h', MQTTSN_SESSIONS_EXPIRY: '2h' };
    expect(said({ ...URL, ...both })).toEqual(hint('1h, before its session ends (sessions.expiry: 2h)'));
    expect(said({ ...URL, ...both, MQTTSN_SESSIONS_EXPIRY: '1h' })).toEqual([]);
    expect(said(URL)).toEqual([]);
    // it has no effect, which is said of it
    expect(said({ ...URL, ...both, MQTTSN_UPSTREAM_PROTOCOL_VERSION: '4' })).toEqual([
      expect.stringContaining('upstream.sessionExpiry has no effect'),
    ]);
    // the gateway has them itself, but for those with a connection of their own, and loses them when it is off for longer
    expect(said({ ...URL, ...BROKER, ...both })).toEqual([
      'upstream.sessionExpiry: what comes while the gateway is off, or cannot reach the broker, is lost after 1h, before sessions end (sessions.expiry: 2h)',
    ]);
  });

  it('upstream.sessionExpiry: where clients share a connection it counts without upstream.protocolVersion as well, for that speaks MQTT 5', () => {
    const shorter = { MQTTSN_UPSTREAM_SESSION_EXPIRY: '1h' };
    expect(said({ ...BROKER, ...shorter })).toEqual([
      'upstream.sessionExpiry: what comes while the gateway is off, or cannot reach the broker, is lost after 1h, before sessions end (sessions.expiry: 7d)',
    ]);
    expect(said({ ...BROKER, MQTTSN_UPSTREAM_SESSION_EXPIRY: '0' })).toEqual([
      'upstream.sessionExpiry: what comes while the gateway is off, or cannot reach the broker, is lost at once, before sessions end (sessions.expiry: 7d)',
    ]);
    expect(said({ ...BROKER, ...shorter, MQTTSN_UPSTREAM_PROTOCOL_VERSION: '4' })).toEqual([
      'upstream.sessionExpiry has no effect: it needs upstream.protocolVersion: 5',
    ]);
    // the embedded broker speaks MQTT 3.1.1
    expect(said({ MQTTSN_UPSTREAM_MODE: 'aggregating', ...shorter })).toEqual([
      expect.stringContaining('with the embedded broker'),
    ]);
  });

  it('upstream.topicPrefix: of what begins with % only %c stands for something', () => {
    expect(said({ ...BROKER, MQTTSN_UPSTREAM_TOPIC_PREFIX: '%d/%c/' })).toEqual([
      'upstream.topicPrefix: %d stands for itself: only %c stands for something, the client id',
    ]);
  });

  it('the embedded broker in an aggregating gateway', () => {
    expect(said({ MQTTSN_UPSTREAM_MODE: 'aggregating' })).toEqual([
      'upstream.mode: aggregating with the embedded broker, which speaks MQTT 3.1.1: what several filters match may come twice (docs/aggregating.md)',
    ]);
  });

  it('knows how much the connection that clients share has', () => {
    expect(SHARED_RECEIVE_MAXIMUM).toBe(ofUpstream);
  });

  it('upstream.receiveMaximum does not count for the connection that clients share', () => {
    expect(said({ ...BROKER, MQTTSN_UPSTREAM_RECEIVE_MAXIMUM: '50' })).toEqual([
      'upstream.receiveMaximum: 50 is for clients with a connection of their own; the one that clients share has 1000',
    ]);
    expect(said({ ...BROKER, MQTTSN_UPSTREAM_RECEIVE_MAXIMUM: '2000' })).toEqual([]);
  });
});
