import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { describeIn, type Mode } from '../../support/modes.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { BEHAVIOURS } from './behaviours.ts';
import type { MakeMedium, Medium } from './media.ts';
import { makeScene, PREDEFINED, RETRY_COUNT, retryIntervalOn, type Scene } from './scene.ts';

/** Runs every behaviour over a medium in these modes: with all the clients that it has, at once. */
export function behavesOver(name: string, make: MakeMedium, modes: readonly Mode[] = ['transparent']): void {
  for (const mode of modes) {
    behavesIn(mode, name, make);
  }
}

function behavesIn(mode: Mode, name: string, make: MakeMedium): void {
  describeIn(mode, `a client over ${name}`, () => {
    let broker: Mosquitto;
    let medium: Medium;
    let gateway: GatewayUnderTest;
    let scenes = 0;

    beforeAll(async () => {
      broker = await Mosquitto.start();
      medium = await make();
      const timing = { retryInterval: `${retryIntervalOn(medium)}ms`, retryCount: RETRY_COUNT };
      gateway = await GatewayUnderTest.start(broker.url, {
        settings: { transports: [medium.settings], timing },
        predefined: PREDEFINED,
      });
      await medium.ready(gateway);
    });

    afterAll(async () => {
      await gateway?.stop();
      await medium?.close();
      await broker?.dispose();
    });

    it.each(BEHAVIOURS.map((behaviour) => [behaviour.name, behaviour] as const))('%s', async (_name, behaviour) => {
      scenes++;
      const made: Scene[] = Array.from({ length: medium.clients }, (_, index) => {
        const { lossy, maxFrame } = medium;
        return makeScene({
          broker,
          gateway,
          lossy,
          maxFrame,
          prefix: `c${scenes}-${index}`,
          transport: () => medium.transport(index),
        });
      });
      const outcomes = await Promise.allSettled(made.map((scene) => behaviour.run(scene))); // all of them end before the next test begins
      await Promise.all(made.map((scene) => scene.end()));
      const [failure] = outcomes.filter((outcome) => outcome.status === 'rejected');
      if (failure) {
        throw failure.reason;
      }
    });

    it('and the gateway keeps to the rules of the medium, and has no defect of its own', () => {
      expect(medium.violations()).toEqual([]);
      expect(gateway.notesOf('session-failed')).toEqual([]);
    });
  });
}
