import { MODES } from '../../support/modes.ts';
import { forwarder } from './media.ts';
import { behavesOver } from './run-behaviours.ts';

behavesOver(
  'one of five nodes behind a forwarder on a serial line',
  forwarder({ framing: 'slip', crc: 'modbus' }, 5),
  MODES,
);
