import { MODES } from '../../support/modes.ts';
import { serial, udp } from './media.ts';
import { behavesOver } from './run-behaviours.ts';

behavesOver('UDP', udp, MODES);
behavesOver('a serial line, frames by their length', serial({ framing: 'length' }));
behavesOver('a serial line, SLIP', serial({ framing: 'slip' }), MODES);
behavesOver('a serial line, SLIP with CRC-16/CCITT', serial({ framing: 'slip', crc: 'ccitt' }));
behavesOver('a serial line, COBS', serial({ framing: 'cobs' }));
behavesOver('a serial line, COBS with CRC-16/MODBUS', serial({ framing: 'cobs', crc: 'modbus' }));
