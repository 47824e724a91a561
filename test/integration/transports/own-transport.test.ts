import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Note } from '../../../src/ports/observer.ts';
import type { Send, TransportInput } from '../../../src/ports/transport.ts';
import type { ModuleTimes } from '../../../src/transport/module/module-times.ts';
import { ModuleTransport } from '../../../src/transport/module/module-transport.ts';
import { Collected } from '../../support/eventually.ts';

/** The thread runs what is built. */
const worker = new URL('../../../dist/transport/module/module-worker.js', import.meta.url);
const TIMES: ModuleTimes = {
  restartMin: 20,
  restartMax: 40,
  steady: 60_000,
  open: 60_000,
  ask: 60_000,
  send: 60_000,
  patience: 60_000,
};

let folder: string;
const open: ModuleTransport[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'own-transport-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The parts of a module that does nothing of note. */
const QUIET = {
  version: 'export const transportInterface = 1;',
  open: `return { description: 'quiet', maxFrame: 255 };`,
  send: '',
  more: '',
  close: '',
};

function moduleText(parts: Partial<typeof QUIET> = {}): string {
  const { version, open: opening, send, more, close } = { ...QUIET, ...parts };
  return `${version}
export function createTransport(context) {
  return {
    async open() { ${opening} },
    send(address, frame) { ${send} },
    close() { ${close} },
    ${more}
  };
}
`;
}

let files = 0;

function transportOf(text: string, times: Partial<ModuleTimes> = {}) {
  const module = join(folder, `radio-${++files}.mjs`);
  writeFileSync(module, text);
  const notes = new Collected<Note>('notes');
  const inputs = new Collected<TransportInput>('inputs');
  const transport = new ModuleTransport({
    ...{ name: 'barn', module, options: { gain: 3 }, advertise: true, worker, times: { ...TIMES, ...times } },
    listener: (input) => inputs.add(input),
    observer: { wantsFrames: false, note: (note) => notes.add(note), frame: () => undefined },
  });
  open.push(transport);
  const down = async (n = 1): Promise<string> => {
    const wanted: Note[] = [];
    await notes.find(`transport-down ${n}`, () => {
      wanted.splice(0, wanted.length, ...notes.items.filter(({ type }) => type === 'transport-down'));
      return wanted.length >= n;
    });
    const note = wanted[n - 1] as Note & { type: 'transport-down' };
    return `${note.code}: ${note.reason.replace(/radio-\d+/g, 'radio')}`;
  };
  const input = <T extends TransportInput['type']>(type: T) =>
    inputs.find(type, (each): each is TransportInput & { type: T } => each.type === type);
  return { transport, module, notes, inputs, down, input };
}

const frameTo = (address: string, ...octets: number[]): Send => ({
  ...{ type: 'send', transport: 'barn', link: `barn:${address}`, frame: Uint8Array.from(octets) },
});

const AGAIN = 'it is started again, and again after ever longer pauses';

describe("a transport of one's own that does what it should", () => {
  it('tells what it carries, and carries frames both ways', async () => {
    const { transport, notes, input } = transportOf(
      moduleText({
        open: `context.received('7', Uint8Array.of(2, context.options.gain)); // too early: nobody listens yet
          return { description: 'chip 4', maxFrame: 61, octetsPerSecond: 1200, overhead: 8, window: 2, more: 'ignored' };`,
        send: `context.signal(address, { rssi: -71 }); context.received(address, frame);`,
        more: 'broadcast(frame, radius) {},',
      }),
    );
    await transport.open();
    expect(await input('transport-opened')).toEqual({
      ...{ type: 'transport-opened', transport: 'barn', maxFrame: 61, broadcast: true },
      speed: { octetsPerSecond: 1200, overhead: 8 },
    });
    expect(transport.address()).toMatch(/^radio-\d+\.mjs: chip 4$/);
    transport.perform(frameTo('a.7', 2, 0x16));
    expect(await input('frame-received')).toEqual({
      ...{ type: 'frame-received', link: 'barn:a.7', peer: { transport: 'barn', host: 'a.7', address: 'a.7' } },
      frame: Uint8Array.of(2, 0x16),
    });
    expect(notes.items).toContainEqual({ type: 'radio-signal', link: 'barn:a.7', rssi: -71, retries: undefined });
  });

  it('adds nothing to standard error that any other has added: Node.js warns of more than ten', async () => {
    const counts: number[] = [];
    for (let number = 0; number < 3; number++) {
      const { transport, input } = transportOf(moduleText());
      await transport.open();
      await input('transport-opened');
      counts.push(process.stderr.listenerCount('unpipe') + process.stderr.listenerCount('error'));
    }
    expect(counts.slice(1)).toEqual([counts[0], counts[0]]);
  });

  it('gets no more frames at a time than it wants, urgent ones first, and all of them before it is closed', async () => {
    const { transport, input, inputs } = transportOf(
      moduleText({
        send: `return new Promise((done) => setTimeout(() => { context.received(address, frame); done(); }, 5));`,
      }),
    );
    await transport.open();
    await input('transport-opened');
    for (const [octet, precedence] of [
      [1, 'publish'],
      [2, 'publish'],
      [3, 'answer'],
    ] as const) {
      transport.perform({ ...frameTo('7', octet), precedence });
    }
    await transport.close();
    const came = inputs.items.flatMap((each) => (each.type === 'frame-received' ? [...each.frame] : []));
    expect(came).toEqual([1, 3, 2]);
  });
});

describe("a transport of one's own that fails", () => {
  it.each<[string, string, string]>([
    ['has a fault of syntax', 'export const = 1;', 'ERROR: radio.mjs: it cannot be loaded: SyntaxError: '],
    [
      'throws when it is loaded',
      `throw new Error('no chip');`,
      'ERROR: radio.mjs: it cannot be loaded: no chip (radio.mjs:1:7)',
    ],
    [
      'needs what is not installed',
      `import 'no-such-radio';`,
      'ERR_MODULE_NOT_FOUND: radio.mjs: it cannot be loaded: ',
    ],
    [
      'exports nothing',
      '',
      'ERROR: radio.mjs: it does not fit: TypeError: it exports no transportInterface: write "export const transportInterface = 1;"',
    ],
    [
      'is for another version',
      moduleText({ version: 'export const transportInterface = 2;' }),
      'ERROR: radio.mjs: it does not fit: TypeError: it was written for version 2 of the interface, this gateway has version 1',
    ],
    [
      'makes no transport',
      `${QUIET.version} export const createTransport = () => ({ open() {} });`,
      'ERROR: radio.mjs: it cannot make a transport (are the options right?): TypeError: what createTransport gives has no function send',
    ],
    [
      'does not like its options',
      `${QUIET.version} export async function createTransport() { throw new Error('gain: expected 1 or 2, found 3'); }`,
      'ERROR: radio.mjs: it cannot make a transport (are the options right?): gain: expected 1 or 2, found 3',
    ],
    [
      'cannot open',
      moduleText({ open: `throw Object.assign(new Error('no such device'), { code: 'ENODEV' });` }),
      'ENODEV: radio.mjs: it cannot open its medium: no such device (radio.mjs:4:',
    ],
    [
      'does not say what it carries',
      moduleText({ open: '' }),
      'ERROR: radio.mjs: it cannot open its medium: TypeError: open must resolve with a medium ({ description, maxFrame }), found undefined',
    ],
    [
      'carries too little',
      moduleText({ open: `return { description: 'x', maxFrame: 5 };` }),
      'ERROR: radio.mjs: it cannot open its medium: TypeError: maxFrame of the medium must be a whole number from 16 to 65535, found 5',
    ],
    [
      'throws what is no error',
      moduleText({ open: `throw 'smoke\\nand fire';` }),
      'ERROR: radio.mjs: it cannot open its medium: it threw smoke and fire, which is no Error',
    ],
    [
      'throws later',
      moduleText({ open: `setTimeout(() => { throw new RangeError('late'); }, 5); ${QUIET.open}` }),
      'ERROR: radio.mjs: RangeError: late (radio.mjs:4:',
    ],
    [
      'rejects later',
      moduleText({ open: `setTimeout(() => Promise.reject(new Error('later')), 5); ${QUIET.open}` }),
      'ERROR: radio.mjs: later (radio.mjs:4:',
    ],
    [
      'emits an error that nobody hears',
      `import { EventEmitter } from 'node:events';\n${moduleText({ open: `setTimeout(() => new EventEmitter().emit('error', new Error('unheard')), 5); ${QUIET.open}` })}`,
      'ERROR: radio.mjs: unheard (radio.mjs:5:',
    ],
    [
      'ends the process',
      moduleText({ open: `setTimeout(() => process.exit(3), 5); ${QUIET.open}` }),
      'EEXIT: radio.mjs: the module has ended its thread with code 3',
    ],
    [
      'wants ever more memory',
      moduleText({
        open: `const all = []; setInterval(() => { for (let i = 0; i < 200_000; i++) all.push({ i }); }, 5); ${QUIET.open}`,
      }),
      'ENOMEM: radio.mjs: it has used more than 128 MiB of memory',
    ],
    [
      'loses its medium',
      moduleText({ open: `setTimeout(() => { context.lost('unplugged'); context.lost('twice'); }, 5); ${QUIET.open}` }),
      'ELOST: radio.mjs: unplugged',
    ],
    [
      'says what is no frame',
      moduleText({ open: `setTimeout(() => context.received('7', 'text'), 5); ${QUIET.open}` }),
      'ERROR: radio.mjs: TypeError: a frame is a Uint8Array of 1 to 65535 octets, found text',
    ],
    [
      'names what is no address',
      moduleText({ open: `setTimeout(() => context.received('a b', Uint8Array.of(2)), 5); ${QUIET.open}` }),
      'ERROR: radio.mjs: TypeError: an address is 1 to 64 of A-Z a-z 0-9 . _ : -, found a b',
    ],
  ])('because it %s ends nothing else; the log says so once, and it is started again', async (_what, text, words) => {
    const { transport, notes, down, inputs, module } = transportOf(text);
    await transport.open();
    const line = await down();
    expect(line).toContain(words);
    expect(line).toContain(AGAIN);
    writeFileSync(module, moduleText({ open: `return { description: 'mended', maxFrame: 255 };` }));
    await notes.find('the mended module', (note) => note.type === 'transport-up' && note.address.endsWith(': mended'));
    expect(notes.items.filter(({ type }) => type === 'transport-down')).toHaveLength(1);
    expect(inputs.items.at(-1)?.type).toBe('transport-opened');
  });

  it('to send one frame: that one is undelivered, and the next ones go', async () => {
    const { transport, notes, input } = transportOf(
      moduleText({
        send: `if (frame[0] === 1) throw new Error('too hot');
          if (frame[0] === 2) return Promise.reject(Object.assign(new Error('no answer'), { code: 'EAIR' }));
          context.received(address, frame);`,
      }),
    );
    await transport.open();
    await input('transport-opened');
    for (const octet of [1, 2, 3]) {
      transport.perform(frameTo('7', octet));
    }
    expect(await input('frame-received')).toMatchObject({ frame: Uint8Array.of(3) });
    expect(await input('frame-undelivered')).toMatchObject({
      ...{ link: 'barn:7', frame: Uint8Array.of(1) },
      reason: expect.stringMatching(/^too hot \(radio-\d+\.mjs:5:/),
    });
    expect(notes.items).toContainEqual(
      expect.objectContaining({
        type: 'transport-problem',
        code: 'EAIR',
        reason: expect.stringContaining('no answer'),
      }),
    );
    expect(notes.items.filter(({ type }) => type === 'transport-down')).toEqual([]);
  });

  it('to say what has become of a frame: it counts as lost after a while, and the next one goes', async () => {
    const { transport, input } = transportOf(
      moduleText({ send: `if (frame[0] === 1) return new Promise(() => {}); context.received(address, frame);` }),
      { send: 20 },
    );
    await transport.open();
    await input('transport-opened');
    transport.perform(frameTo('7', 1));
    transport.perform(frameTo('7', 3));
    expect(await input('frame-undelivered')).toMatchObject({ reason: 'the module does not say whether it was sent' });
    expect(await input('frame-received')).toMatchObject({ frame: Uint8Array.of(3) });
  });

  it('to become ready: it is started again after a while', async () => {
    const { transport, down } = transportOf(moduleText({ open: 'await new Promise(() => {});' }), { open: 200 });
    await transport.open();
    expect(await down()).toContain('ETIMEDOUT: radio.mjs: it is not ready after 0.2 s');
  });

  it('to leave its loop: the gateway goes on, and ends it when it stops', async () => {
    const { transport, input } = transportOf(moduleText({ send: 'for (;;);' }));
    await transport.open();
    await input('transport-opened');
    transport.perform(frameTo('7', 1));
    await transport.close();
    expect(await input('frame-undelivered')).toMatchObject({ link: 'barn:7' });
  });

  it('to leave its loop while the gateway goes on: it is ended, and started again', async () => {
    const { transport, down, input, notes } = transportOf(moduleText({ send: 'for (;;);' }), { ask: 100 });
    await transport.open();
    await input('transport-opened');
    transport.perform(frameTo('7', 1));
    expect(await down()).toContain('EHANG: radio.mjs: it has not answered for 0.3 s: is there a loop without an end?');
    await notes.find('the module anew', () => notes.items.filter(({ type }) => type === 'transport-up').length === 2);
  });

  it('to be moderate: what comes faster than it is taken is dropped and told', async () => {
    const { transport, notes, inputs } = transportOf(
      moduleText({
        open: `setTimeout(() => {
            let dropped = 0;
            for (let n = 0; n < 3000; n++) dropped += context.received('7', Uint8Array.of(2, 0x16)) ? 0 : 1;
            context.problem('EDONE', 'dropped ' + dropped);
          }, 5); ${QUIET.open}`,
      }),
    );
    await transport.open();
    const told = await notes.find('the loss', (note) => note.type === 'transport-problem' && note.code === 'EOVERFLOW');
    expect(told).toMatchObject({ reason: expect.stringMatching(/: 1977 messages came faster than/) }); // with the one that says EDONE
    expect(inputs.items.filter(({ type }) => type === 'frame-received')).toHaveLength(1_024);
  });

  it('to leave the port of its thread alone: what it posts there is dropped and told, and the rest goes on', async () => {
    const { transport, notes, input } = transportOf(
      `import { parentPort } from 'node:worker_threads';\n${moduleText({
        open: `for (const heard of [null, 5, {}, { type: 'received' }, { type: 'opened' }]) parentPort.postMessage(heard); ${QUIET.open}`,
      })}`,
    );
    await transport.open();
    await input('transport-opened');
    const told = await notes.find('the post', (note) => note.type === 'transport-problem' && note.code === 'EMESSAGE');
    expect(told).toMatchObject({ reason: expect.stringContaining('something of its own to the gateway') });
  });

  it('while nobody has it: frames for it are undelivered at once', async () => {
    const { transport, input } = transportOf(moduleText({ open: `throw new Error('not now');` }), {
      restartMin: 60_000,
    });
    await transport.open();
    transport.perform(frameTo('7', 1));
    expect(await input('frame-undelivered')).toMatchObject({ reason: 'the module is not ready' });
  });
});
