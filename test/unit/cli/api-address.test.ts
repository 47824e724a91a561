import { describe, expect, it } from '@jest/globals';
import { clientText } from '../../../src/cli/api/client-command.ts';
import { clientsText } from '../../../src/cli/api/clients-command.ts';
import { madeUpClient } from '../../support/made-up-gateway.ts';

const NOW = Date.parse('2026-05-04T10:20:30Z');

describe('the address of a client on the command line', () => {
  it('is where it is, as on the page, also where its link says only which association it has', () => {
    const client = { ...madeUpClient(1), transport: 'dtls', link: 'dtls:1f2e3d4c', address: '[2001:db8::7]:4711' };
    expect(clientText(client, NOW, 200)).toMatch(/^Address +dtls:\[2001:db8::7\]:4711 \(transport dtls\)$/m);
    expect(clientsText({ total: 1, items: [client] }, NOW, 200)).toMatch(/ dtls:\[2001:db8::7\]:4711 /);
  });
});
