import { describe, expect, it } from '@jest/globals';
import { ForwardedClientTransport } from '../../../src/client/forwarded-client-transport.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';
import { ScriptedGateway } from './client-bench.ts';

describe('a node behind a forwarder (5.5)', () => {
  it('sends each frame encapsulated with its id', () => {
    const gateway = new ScriptedGateway();
    new ForwardedClientTransport(gateway, octetsOf('01 02')).send(octetsOf('02 16'));
    expect(gateway.taken()).toEqual([hexOf(octetsOf('05 fe 00 01 02 02 16'))]);
  });

  it('hears what is for it, and nothing else', () => {
    const gateway = new ScriptedGateway();
    const heard: string[] = [];
    new ForwardedClientTransport(gateway, octetsOf('01 02')).onFrame((frame) => heard.push(hexOf(frame)));
    gateway.say('05 fe 00 01 02 02 17', '05 fe 00 01 03 02 18', '04 fe 00 01 02 18', '02 17', '05 fe 00 01');
    expect(heard).toEqual([hexOf(octetsOf('02 17'))]);
  });
});
