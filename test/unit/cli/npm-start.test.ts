import { describe, expect, it } from '@jest/globals';
import { keptByNpm } from '../../../src/cli/npm-start.ts';

describe('options behind "npm start" without two hyphens, which npm keeps for itself', () => {
  it('are named, with how they are written', () => {
    // npm start --broker mqtt://broker.example --udp-port=1885
    const environment = {
      ...{ npm_lifecycle_event: 'start', npm_config_cache: '/home/anna/.npm' },
      ...{ npm_config_broker: 'true', npm_config_udp_port: '1885' },
    };
    expect(keptByNpm(environment)).toBe(
      'npm has kept --broker, --udp-port for itself: options of the gateway stand behind two hyphens, as in npm start -- --broker mqtt://broker.example:1883',
    );
  });

  it.each([
    { npm_lifecycle_event: 'start', npm_config_cache: '/home/anna/.npm' },
    { npm_config_broker: 'mqtt://broker.example' },
    { npm_lifecycle_event: 'test', npm_config_broker: 'true' },
    {},
  ])('are not where %j', (environment) => {
    expect(keptByNpm(environment)).toBeUndefined();
  });
});
