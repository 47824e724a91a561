import { describe, expect, it } from '@jest/globals';
import { citations } from './citations.ts';

describe('what a citation is', () => {
  it.each([
    // rules
    ['T-18', ['T-18']],
    ['it never comes twice (T-18, SL-14; C-12).', ['T-18', 'SL-14', 'C-12']],
    ['T-r6: it is lost', ['T-r6']],
    ['F-8', ['F-8']],
    ['interpretation I-24', ['I-24']],
    ['C-8 and T-03 a: the same CONNECT again', ['C-8', 'T-03']],
    ['Q-7, T-12 c, f, g: what the operator does not let in', ['Q-7', 'T-12']],
    ['G-8 (2): by short name', ['G-8']],
    ["'as many sessions as may be (N-1)'", ['N-1']],
    ['N-1, N-3: congestion', ['N-1', 'N-3']],
    ['N-1, 3.5 item 3, 3.6: in a row', ['N-1', '3.6', '3.5 item 3']],
    // ranges
    ['a table for each client (R-10 to R-13)', ['R-10', 'R-11', 'R-12', 'R-13']],
    ['(T-07, T-09 to T-11)', ['T-07', 'T-09', 'T-10', 'T-11']],
    ['W-1 to W-3, W-7', ['W-1', 'W-2', 'W-3', 'W-7']],
    ['T-r4 to T-r7', ['T-r4', 'T-r5', 'T-r6', 'T-r7']],
    ['from T-r2 back to T-r1', ['T-r1', 'T-r2']],
    ['U-3 to U-1', ['U-1', 'U-2', 'U-3']],
    // sections of MQTT-SN v1.2
    ['§5.4.2. `radius`: hops', ['§5.4.2']],
    ['two octets (§3, §6.7)', ['§3', '§6.7']],
    ["'waking up (6.14, SL-4)'", ['SL-4', '§6.14']],
    ["'the ClientId (5.3.1)'", ['§5.3.1']],
    ['5.5: the length ends before the message', ['§5.5']],
    ['the variable part (T_retry of (a) and (b), 6.2)', ['§6.2']],
    // chapters and items
    ["'is dropped (1.9)'", ['1.9']],
    ['nobody waits any more (3.3: in step)', ['3.3']],
    ['3.6', ['3.6']],
    ['T-18, 3.3: the MsgId decides', ['T-18', '3.3']],
    ['(MQTT 5, 3.1)', ['3.1']],
    ['3.5 item 6: the same flags', ['3.5 item 6']],
    ['as 3.5 item 6, 3.6 and 0x91 have it', ['3.5 item 6']],
    ['(3.5 items 2, 4 and 5, 3.6)', ['3.6', '3.5 item 2', '3.5 item 4', '3.5 item 5']],
    ['(3.5 items 3 to 5)', ['3.5 item 3', '3.5 item 4', '3.5 item 5']],
    // the others
    ['the broker is the queue (design 1.5, 3.3)', ['3.3', 'design 1.5']],
    ['Design 4 has it', ['design 4']],
    ['Appendix B of the protocol reference', ['appendix B']],
    ['one row of Table 3; Fig. 4', ['Table 3', 'Fig. 4']],
    ['(K-2, field notes 33 and 40)', ['K-2', 'field note 33', 'field note 40']],
    ['field note 5', ['field note 5']],
    ['MQTT 4.7.1.2: "a/#" matches "a" too', ['MQTT 4.7.1.2']],
    ['(3.6, MQTT 3.2.2.3.6)', ['3.6', 'MQTT 3.2.2.3.6']],
    ['RFC 6347 4.2.4.1: twice as long', ['RFC 6347 4.2.4.1']],
    ['(RFC 5246 7.4.9, RFC 7627 4)', ['RFC 5246 7.4.9', 'RFC 7627 4']],
  ])('finds in %j', (prose, ids) => {
    expect(citations(prose).toSorted()).toEqual(ids.toSorted());
  });

  it.each([
    'UTF-8, ISO-8859-1, CRC-16, CRC-32 and P-256',
    'QoS-1, DISCONNECT-0 and MQTT-SN 1.2',
    'X-1-2 and S-1.5 and T-18b',
    'sensor-1, port-1 and s-1',
    'I/O',
    'the first N-1 octets; N-1',
    'N-1 octets',
    'MQTT 3.1, MQTT 3.1.1 and MQTT 5.0',
    'SLIP (RFC 1055) and RFC 6347, section 4.2',
    '(3.1.1 return code)',
    '(3.1.1)',
    '3.1.1: three connections in a row',
    '127.0.0.1, (192.0.2.7), 2.0.2.7:4711',
    'mosquitto 2.0.11 (after that, 2.0.11 sends more)',
    "'1.5'",
    "'1.5s'",
    "'transports[0].stopBits: expected 1, 1.5 or 2, found 3'",
    '1.5 s later',
    'a silence of 1.5 s',
    '1.1d is a whole number',
    'version 2.4',
    '(version 2.4)',
    '(2.5 times as long)',
    'the design: inputs are facts',
    'a table of 3 rows, item 6',
  ])('finds nothing in %j', (prose) => {
    expect(citations(prose)).toEqual([]);
  });
});
