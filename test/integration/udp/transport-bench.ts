import type { Note, Observer } from '../../../src/ports/observer.ts';
import type { TransportInput } from '../../../src/ports/transport.ts';
import { UdpTransport, type UdpTransportOptions } from '../../../src/transport/udp/udp-transport.ts';
import { Collected } from '../../support/eventually.ts';

type FrameReceived = Extract<TransportInput, { type: 'frame-received' }>;

/** A UDP transport with nothing behind it: what it hands up and what it reports is collected. */
export class TransportBench {
  readonly transport: UdpTransport;
  readonly frames = new Collected<FrameReceived>('frames handed up');
  readonly states = new Collected<TransportInput>('states of the transport');
  readonly notes = new Collected<Note>('notes');

  constructor(options: Partial<UdpTransportOptions> = {}) {
    const observer: Observer = {
      wantsFrames: false,
      frame: () => undefined,
      note: (note) => this.notes.add(note),
    };
    this.transport = new UdpTransport({
      name: 'udp',
      host: '127.0.0.1',
      port: 0,
      maxFrame: 1472,
      listener: (input) => (input.type === 'frame-received' ? this.frames.add(input) : this.states.add(input)),
      observer,
      ...options,
    });
  }

  /** Port of the open transport. */
  get port(): number {
    return this.transport.address()?.port ?? 0;
  }

  down(code: string): Promise<Note> {
    return this.notes.find(`transport-down ${code}`, (note) => note.type === 'transport-down' && note.code === code);
  }

  problem(code: string): Promise<Note> {
    return this.notes.find(
      `transport-problem ${code}`,
      (note) => note.type === 'transport-problem' && note.code === code,
    );
  }
}
