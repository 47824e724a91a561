import { MODES } from '../../support/modes.ts';
import { xbee } from './media.ts';
import { behavesOver } from './run-behaviours.ts';

behavesOver('XBee, API mode 1', xbee({ apiMode: 1 }));
behavesOver('XBee, API mode 2', xbee({ apiMode: 2 }), MODES);
behavesOver('XBee with DigiMesh firmware', xbee({ apiMode: 2, firmware: 'digimesh' }));
behavesOver('XBee with 802.15.4 firmware', xbee({ apiMode: 2, firmware: '802.15.4' }));
behavesOver('XBee that reports explicit frames (0x91)', xbee({ apiMode: 1, explicitReceive: true }));
