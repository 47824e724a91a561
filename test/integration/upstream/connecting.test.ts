import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Connecting } from '../../../src/upstream/connecting.ts';
import { brokerAddress } from '../../../src/upstream/upstream-settings.ts';
import { FakeBroker } from './fake-broker.ts';
import { upstreamSettings } from './upstream-under-test.ts';

const EFFECT = {
  type: 'upstream-connect',
  connection: 1,
  clientId: 'c',
  cleanSession: true,
  will: undefined,
} as const;

describe('what this needs of MQTT.js', () => {
  let fake: FakeBroker;
  const opened: Connecting[] = [];

  function begin(connectTimeout: number, failed: (error: Error) => void): Connecting {
    const settings = upstreamSettings(fake.url, { connectTimeout });
    const address = brokerAddress(settings);
    const read = (): void => undefined;
    const made = new Connecting(
      { effect: EFFECT, clientId: 'c', settings, address, secureContext: undefined, read },
      failed,
    );
    opened.push(made);
    return made;
  }

  beforeEach(async () => {
    fake = await FakeBroker.start();
  });

  afterEach(async () => {
    for (const { stream } of opened.splice(0)) {
      stream.destroy();
    }
    await fake.close();
  });

  it('it says CONNECT, and reads nothing of the stream', async () => {
    const connecting = begin(60_000, () => undefined);
    const wire = await fake.connections.nth(1);
    expect(await wire.packets.nth(1)).toMatch(/^10 /);
    expect(connecting.isReached).toBe(true);
    expect(connecting.stream.listenerCount('data')).toBe(0);
  });

  it('nothing of it is left once CONNACK has come, neither a listener nor the time for CONNACK', async () => {
    const errors: string[] = [];
    const connecting = begin(2_000, ({ message }) => errors.push(message));
    await (await fake.connections.nth(1)).packets.nth(1);
    connecting.letGo();
    const events = ['error', 'close', 'data', 'connect'];
    expect(events.map((event) => connecting.stream.listenerCount(event))).toEqual([0, 0, 0, 0]);

    const other = await new Promise<Error>((resolve) => begin(2_000, resolve));
    expect(other.message).toBe('connack timeout');
    expect(errors).toEqual([]);
    expect(connecting.stream.destroyed).toBe(false);
  });
});
