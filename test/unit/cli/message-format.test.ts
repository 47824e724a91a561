import { describe, expect, it } from '@jest/globals';
import { formatted, messageFormat } from '../../../src/cli/message-format.ts';
import { OptionProblem } from '../../../src/cli/option-table.ts';
import type { ReceivedMessage } from '../../../src/client/client-options.ts';

const MESSAGE: ReceivedMessage = {
  topicName: 'cmd/led',
  topicIdType: 'normal',
  topicId: 7,
  msgId: 258,
  data: Buffer.from('{"on":1}'),
  qos: 1,
  retain: true,
  dup: false,
};
const NOW = new Date(2026, 10, 9, 14, 3, 5, 42);

const shown = (format: string, message: Partial<ReceivedMessage> = {}): string =>
  formatted(messageFormat(format), { ...MESSAGE, ...message }, NOW).toString();

describe('the format of a message', () => {
  it.each([
    ['%t %p', 'cmd/led {"on":1}'],
    ['%q%r%m%l', '112588'],
    ['%x', '7b226f6e223a317d'],
    ['%X', '7B226F6E223A317D'],
    ['100%% \\t|\\n\\\\|\\0', '100% \t|\n\\|\0'],
    ['@Y-@m-@d @H:@M:@S.@N @@', '2026-11-09 14:03:05.042000000 @'],
    ['@F @T @I@p @a @b', '2026-11-09 14:03:05 02PM Mon Nov'],
    ['[%10t][%-10t][%.3t][%5.3t]', '[   cmd/led][cmd/led   ][cmd][  cmd]'],
    ['%05l', '00008'],
    ['%-05l|', '8    |'],
  ])('%s is %j', (format, text) => {
    expect(shown(format)).toBe(text);
  });

  it('may be JSON, with the payload as text or as it is', () => {
    const times = { tst: expect.stringMatching(/^2026-11-09T14:03:05[+-]\d{4}$/) };
    expect(JSON.parse(shown('%j'))).toEqual({
      ...times,
      ...{ topic: 'cmd/led', qos: 1, retain: 1, payloadlen: 8, mid: 258, payload: '{"on":1}' },
    });
    expect(JSON.parse(shown('%J'))).toMatchObject({ payload: { on: 1 } });
    expect(JSON.parse(shown('%J', { data: Buffer.from('21,5') }))).toMatchObject({ payload: '21,5' });
    expect(JSON.parse(shown('%j', { qos: 0 }))).not.toHaveProperty('mid');
  });

  it('leaves payload octets as they came', () => {
    const data = Uint8Array.of(0xff, 0x00, 0x0a);
    expect([...formatted(messageFormat('%p'), { ...MESSAGE, data }, NOW)]).toEqual([0xff, 0x00, 0x0a]);
  });

  it('names a pre-defined topic by its id', () => {
    expect(shown('%t', { topicName: undefined, topicId: 10 })).toBe('id:10');
  });

  it.each([
    ['%k', /%k means nothing; known are %t /],
    ['%D', /is of MQTT 5/],
    ['@Q', /@Q is no time/],
    ['\\q', /\\q means nothing/],
    ['%', /ends with %/],
    ['%99999t', /at most 10000/],
  ])('is refused where it means nothing: %s', (format, message) => {
    expect(() => messageFormat(format)).toThrow(message);
    expect(() => messageFormat(format)).toThrow(OptionProblem);
  });
});
