import type { Effect } from './effect.ts';

/** A bug of ours: something that cannot happen has happened. The session that it happened to is ended, the others go on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  /** The session whose input it was; undefined: none. */
  readonly clientId: string | undefined;
  /** What the messages and deadlines before it in the same turn led to, writes first; still to be done. Nothing of the one that broke it. */
  readonly effects: readonly Effect[];

  constructor(clientId: string | undefined, input: string, effects: readonly Effect[], cause: unknown) {
    super(
      `${input}${clientId === undefined ? '' : ` of client "${clientId}"`}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.clientId = clientId;
    this.effects = effects;
  }
}
