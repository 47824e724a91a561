/** What modules print goes to standard error, whatever they print it to: standard output is the log. */
import { PassThrough, type Readable } from 'node:stream';

/** One stream for all of them: with a pipe for each, Node.js warns of too many listeners when there are more than ten. */
let funnel: PassThrough | undefined;

/** Shows what comes out of the streams of a thread, for as long as it lives. */
export function showOutput(...streams: readonly Readable[]): void {
  if (funnel === undefined) {
    funnel = new PassThrough();
    funnel.setMaxListeners(0);
    funnel.pipe(process.stderr, { end: false });
  }
  for (const stream of streams) {
    stream.pipe(funnel, { end: false });
  }
}
