import { describe, expect, it } from '@jest/globals';
import type { Message } from '../../src/codec/message.ts';
import type { Direction } from '../crash/radio.ts';
import { Random } from '../crash/random.ts';
import { pause } from '../crash/station.ts';
import { RoughRadio } from './rough-radio.ts';

const FRAMES = 2_000;

function publish(msgId: number, dup: boolean): Message {
  return {
    type: 'PUBLISH',
    dup,
    qos: 2,
    retain: false,
    topicIdType: 'normal',
    topicId: 1,
    msgId,
    data: Buffer.from(''),
  };
}

/** Sends for each MsgId PUBLISH and PUBREL; what arrives, in that order. */
async function carried(direction: Direction, dup: boolean): Promise<{ arrivals: string[]; lost: number }> {
  const figures = { frames: 0, lost: 0, doubled: 0, late: 0 };
  const radio = new RoughRadio(new Random(1), 1, figures);
  const arrivals: string[] = [];
  for (let msgId = 1; msgId <= FRAMES; msgId += 1) {
    for (const message of [publish(msgId, dup), { type: 'PUBREL', msgId } as const]) {
      radio.carry(direction, message, () => arrivals.push(`${message.type} ${msgId}`));
    }
  }
  // Timers end in the order of their times: behind this one nothing is under way.
  await pause(1_000);
  return { arrivals, lost: figures.lost };
}

/** How many PUBLISH came after the PUBREL with the same MsgId. */
function overtaken(arrivals: readonly string[]): number {
  return arrivals.filter((arrival, index) => {
    const [type, msgId] = arrival.split(' ');
    return type === 'PUBLISH' && arrivals.indexOf(`PUBREL ${msgId}`) < index && arrivals.includes(`PUBREL ${msgId}`);
  }).length;
}

describe('the rough radio', () => {
  it('loses, doubles and reorders about three frames in ten', async () => {
    const { arrivals, lost } = await carried('up', true);
    expect(lost / (2 * FRAMES)).toBeCloseTo(0.3, 1);
    expect(arrivals.length / (2 * FRAMES - lost)).toBeCloseTo(1.3, 1);
    expect(overtaken(arrivals)).toBeGreaterThan(FRAMES / 20);
  });

  it('never delivers a QoS 2 PUBLISH to a client after its PUBREL, nor the first copy of one to the gateway', async () => {
    expect(overtaken((await carried('down', true)).arrivals)).toBe(0);
    expect(overtaken((await carried('up', false)).arrivals)).toBe(0);
  });

  it('is calm when it is told to be', async () => {
    const radio = new RoughRadio(new Random(1), 0, { frames: 0, lost: 0, doubled: 0, late: 0 });
    radio.calm();
    const copies = Array.from({ length: 100 }, (_, msgId) =>
      radio.carry('up', publish(msgId + 1, true), () => undefined),
    );
    expect(copies).toEqual(copies.map(() => 1));
  });
});
