/** What the command line knows of serial ports. */
export { type FoundPort, listPorts } from '../transport/line/list-ports.ts';
