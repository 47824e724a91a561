import { describe, expect, it } from '@jest/globals';
import type { TracedFrame } from '../../../src/http/api-contract.ts';
import { eventually } from '../../support/eventually.ts';
import { httpBench, type StreamReader } from '../../support/http-bench.ts';

const page = httpBench();
const TOKEN = 'a-token-of-the-test';
const OPERATOR = { headers: { authorization: `Bearer ${TOKEN}` } };
const PATH = '/api/v1/clients/a%2Fb/trace';

const LINK = 'udp:192.0.2.7:4000';
const OTHER = 'udp:192.0.2.9:5000';
const SECOND = 'udp:192.0.2.9:5001';
// CONNECT, clean session, one minute, client id a/b
const CONNECT = Uint8Array.of(0x09, 0x04, 0x04, 0x01, 0x00, 0x3c, 0x61, 0x2f, 0x62);
// CONNACK, rejected: not supported
const REFUSED = Uint8Array.of(0x03, 0x05, 0x03);
const ACCEPTED = Uint8Array.of(0x03, 0x05, 0x00);
// PINGREQ with the client id a/b
const WAKES = Uint8Array.of(0x05, 0x16, 0x61, 0x2f, 0x62);
const PINGREQ = Uint8Array.of(0x02, 0x16);
const PINGRESP = Uint8Array.of(0x02, 0x17);

/** Each frame that was shown, as direction, address and first word. */
const shown = (stream: StreamReader) =>
  stream.named('frame').map(({ data }) => {
    const { direction, link, text } = data as unknown as TracedFrame;
    return `${direction} ${link} ${text.split(' ')[0]}`;
  });

async function watching() {
  const served = await page({ token: TOKEN });
  served.gateway.add('a/b', { link: LINK });
  await served.ask('POST', PATH, { ...OPERATOR, body: { seconds: 600 } });
  const stream = await served.stream(PATH, OPERATOR);
  const frame = served.gateway.observers.frame.bind(served.gateway.observers);
  return { served, stream, frame };
}

describe('a client that is watched, and comes from another address', () => {
  it('is seen from its CONNECT on, also where that is refused, and is still seen where it was', async () => {
    const { stream, frame } = await watching();
    frame('received', OTHER, PINGREQ); // says no client id
    frame('received', OTHER, CONNECT);
    frame('sent', OTHER, REFUSED);
    frame('received', LINK, PINGREQ);
    frame('received', SECOND, CONNECT);
    frame('sent', OTHER, PINGRESP); // it has gone on from there
    frame('sent', SECOND, ACCEPTED);
    await eventually('all frames', () => shown(stream).length >= 5);
    expect(shown(stream)).toEqual([
      `received ${OTHER} CONNECT`,
      `sent ${OTHER} CONNACK`,
      `received ${LINK} PINGREQ`,
      `received ${SECOND} CONNECT`,
      `sent ${SECOND} CONNACK`,
    ]);
  });

  it('is seen as it wakes up, behind a forwarder, too', async () => {
    const { stream, frame } = await watching();
    const wrapped = (message: Uint8Array) => Uint8Array.of(0x05, 0xfe, 0x00, 0x0a, 0x0b, ...message);
    frame('received', OTHER, wrapped(WAKES));
    frame('sent', OTHER, wrapped(PINGRESP));
    await eventually('both frames', () => shown(stream).length >= 2);
    expect(shown(stream)).toEqual([`received ${OTHER}/0a0b ENCAPSULATED`, `sent ${OTHER}/0a0b ENCAPSULATED`]);
  });

  it('leaves that address to whoever connects there, and to another one that is watched', async () => {
    const { served, stream, frame } = await watching();
    frame('received', OTHER, CONNECT);
    served.gateway.note({
      ...{ type: 'client-connected', clientId: 'other', link: OTHER, keepAlive: 60, cleanSession: true, will: false },
    });
    frame('received', OTHER, PINGREQ);
    served.gateway.add('c', { link: SECOND });
    await served.ask('POST', '/api/v1/clients/c/trace', { ...OPERATOR, body: { seconds: 600 } });
    frame('received', SECOND, CONNECT); // is shown as a frame of "c", as before
    frame('received', LINK, PINGREQ);
    await eventually('both frames', () => shown(stream).length >= 2);
    expect(shown(stream)).toEqual([`received ${OTHER} CONNECT`, `received ${LINK} PINGREQ`]);
  });
});
