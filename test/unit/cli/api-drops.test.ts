import { describe, expect, it } from '@jest/globals';
import { clientText } from '../../../src/cli/api/client-command.ts';
import { statusText } from '../../../src/cli/api/status-command.ts';
import { madeUpClient, madeUpGateway } from '../../support/made-up-gateway.ts';

const NOW = Date.parse('2026-05-04T10:20:30Z');

describe('dropped messages on the command line', () => {
  it('are in status, by direction and by reason', () => {
    const lines = statusText(madeUpGateway(3).overview, NOW, 200).split('\n');
    const at = lines.findIndex((line) => line.startsWith('Dropped'));
    expect(lines.slice(at, at + 3).map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
      'Dropped 2 from clients, 7 to clients',
      '7 to clients with QoS 1: too many messages wait for the client',
      '2 from clients with QoS -1: QoS −1 is not accepted from this address',
    ]);
  });

  it('and in what is said of a client, with what was refused to it, as on the page', () => {
    const text = 'Message for a client dropped: too many messages wait for the client';
    const time = '2026-05-04T10:20:00Z';
    const refusals = [{ time, text, topic: 'a/b', count: 4 }];
    const said = clientText({ ...madeUpClient(1), dropped: 4, refusals }, NOW, 200);
    expect(said).toContain('4 dropped');
    expect(said).toMatch(new RegExp(`\nRefused, or dropped\n.*\n30 s ago +4  ${text}  a/b\n`));
    expect(clientText({ ...madeUpClient(1), refusals: [] }, NOW, 200)).toContain('\nRefused, or dropped\nnone\n');
  });
});
