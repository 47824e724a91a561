import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  extendedMasterSecret,
  premasterSecret,
  trafficCiphers,
  verifyData,
} from '../../../../src/transport/dtls/crypto/key-schedule.ts';
import { SUITES } from '../../../../src/transport/dtls/crypto/suites.ts';
import {
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
  FINISHED,
  HELLO_VERIFY_REQUEST,
  handshakeFragments,
  SERVER_HELLO,
} from '../../../../src/transport/dtls/handshake/handshake-message.ts';
import { readClientHello, readServerHello } from '../../../../src/transport/dtls/handshake/hellos.ts';
import { readClientKeyExchange } from '../../../../src/transport/dtls/handshake/key-exchange-messages.ts';
import { Transcript } from '../../../../src/transport/dtls/handshake/transcript.ts';
import { type DtlsRecord, HANDSHAKE, recordAt } from '../../../../src/transport/dtls/records/record.ts';
import { RecordLayer } from '../../../../src/transport/dtls/records/record-layer.ts';

/** Both sides are OpenSSL 3.0 (s_client, s_server); the master secret is what it wrote to its key log. */
interface Capture {
  readonly name: string;
  readonly suite: string;
  readonly identity: string;
  readonly key: string;
  readonly masterSecret: string;
  readonly clientSays: string;
  readonly serverSays: string;
  readonly datagrams: readonly { readonly from: 'client' | 'server'; readonly octets: string }[];
}

const file = join(import.meta.dirname, '../../../../fixtures/dtls/openssl-3.0.json');
const captures = JSON.parse(readFileSync(file, 'utf8')) as readonly Capture[];

interface HeardRecord {
  readonly from: 'client' | 'server';
  readonly record: DtlsRecord;
}

function recordsOf({ datagrams }: Capture): HeardRecord[] {
  return datagrams.flatMap(({ from, octets }) => {
    const datagram = new Uint8Array(Buffer.from(octets, 'hex'));
    const found: HeardRecord[] = [];
    for (let at = 0; at < datagram.length; ) {
      const record = recordAt(datagram, at, 0);
      if (record === undefined) {
        throw new Error('a datagram of OpenSSL could not be read');
      }
      found.push({ from, record });
      at += record.length;
    }
    return found;
  });
}

/** OpenSSL's server gives a ticket behind the Finished of the client (RFC 5077); nobody uses it. */
const NEW_SESSION_TICKET = 4;

/** Everything that is derived from a capture, with the key and nothing else. */
function derive(capture: Capture) {
  const suite = SUITES.find(({ name }) => name === capture.suite);
  if (suite === undefined) {
    throw new Error('not a suite');
  }
  const records = recordsOf(capture);
  const messages = records
    .filter(({ record }) => record.type === HANDSHAKE && record.epoch === 0)
    .flatMap(({ record }) =>
      handshakeFragments(record.fragment).map(({ type, messageSeq, body }) => ({ type, messageSeq, body })),
    );
  const hello = messages.filter(({ type }) => type === CLIENT_HELLO).at(-1);
  const behind = messages.slice(messages.findIndex(({ body }) => body === hello?.body));
  const transcript = new Transcript();
  for (const message of behind.filter(({ type }) => type !== NEW_SESSION_TICKET)) {
    transcript.add(message);
  }
  const bodyOf = (type: number): Uint8Array => behind.find((each) => each.type === type)?.body ?? new Uint8Array(0);
  const randoms = {
    clientRandom: readClientHello(bodyOf(CLIENT_HELLO)).random,
    serverRandom: readServerHello(bodyOf(SERVER_HELLO)).random,
  };
  return { suite, records, messages, behind, transcript, randoms, bodyOf };
}

/** What comes between the Finished of the client and that of the server. */
function ticketsIn<T extends { readonly type: number }>(
  messages: readonly T[],
  from: 'client' | 'server',
): readonly T[] {
  return from === 'client' ? messages.filter(({ type }) => type === NEW_SESSION_TICKET) : [];
}

describe('a handshake that OpenSSL made with itself', () => {
  it('is there for every suite', () => {
    expect(captures.map(({ suite }) => suite).toSorted()).toEqual(SUITES.map(({ name }) => name).toSorted());
  });

  it.each(captures)('gives the identity, and a cookie before: $name', (capture) => {
    const { suite, messages, bodyOf } = derive(capture);
    const { identity } = readClientKeyExchange(bodyOf(CLIENT_KEY_EXCHANGE), suite);
    expect(Buffer.from(identity).toString()).toBe(capture.identity);
    expect(messages.filter(({ type }) => type === CLIENT_HELLO)).toHaveLength(2);
    expect(messages.filter(({ type }) => type === HELLO_VERIFY_REQUEST)).toHaveLength(1);
  });

  it.each(captures.filter(({ suite }) => !suite.includes('ECDHE')))(
    'has the master secret of our key schedule: $name',
    (capture) => {
      const { suite, transcript } = derive(capture);
      const premaster = premasterSecret(Buffer.from(capture.key, 'hex'), undefined);
      const master = extendedMasterSecret(suite, premaster, transcript.hash(suite.hash));
      expect(Buffer.from(master).toString('hex')).toBe(capture.masterSecret);
    },
  );

  it.each(captures)('can be read with the keys of its master secret, and ends as ours would: $name', (capture) => {
    const { suite, records, behind, transcript, randoms } = derive(capture);
    const master = Buffer.from(capture.masterSecret, 'hex');
    const ciphers = trafficCiphers(suite, master, randoms);
    const layers = { client: new RecordLayer(0), server: new RecordLayer(0) };
    layers.client.install(ciphers.client, ciphers.server);
    layers.server.install(ciphers.server, ciphers.client);
    const finished: Record<string, string> = {};
    const said: Record<string, string> = {};
    for (const { from, record } of records.filter((each) => each.record.epoch === 1)) {
      const content = layers[from].open(record);
      expect(content).toEqual(expect.objectContaining({ isNewest: true }));
      if (typeof content === 'object' && content.type === HANDSHAKE) {
        const [message] = handshakeFragments(content.plain);
        expect(message?.type).toBe(FINISHED);
        const ours = verifyData(suite, master, from, transcript.hash(suite.hash));
        expect(Buffer.from(message?.body ?? []).toString('hex')).toBe(Buffer.from(ours).toString('hex'));
        finished[from] = 'right';
        for (const next of [
          { type: FINISHED, messageSeq: message?.messageSeq ?? 0, body: ours },
          ...ticketsIn(behind, from),
        ]) {
          transcript.add(next);
        }
      } else if (typeof content === 'object' && content.type === 23) {
        said[from] = (said[from] ?? '') + Buffer.from(content.plain).toString();
      }
    }
    expect(finished).toEqual({ client: 'right', server: 'right' });
    expect(said).toEqual({ client: capture.clientSays, server: capture.serverSays });
  });
});
