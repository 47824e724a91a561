import { xbee } from './media.ts';
import { behavesOver } from './run-behaviours.ts';

const air = { loss: 0.1, delay: [2, 30], duplicates: 0.02 } as const;

behavesOver(
  'one of 20 XBee nodes at once, 10 % of the frames lost, API mode 2',
  xbee({ apiMode: 2, seed: 2, ...air }, 20),
);
