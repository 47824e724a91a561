/** Lines of an input that may be anything, also one without an end. */

const LF = 0x0a;
const CR = 0x0d;

/**
 * The octets of each line, without its end (LF, or CR LF). `most`: octets of a line; where one is longer, what `tooLong` returns is thrown, so that
 * no more than that is ever kept. Errors of the input come as they are.
 */
export async function* boundedLines(
  input: AsyncIterable<Buffer | string>,
  most: number,
  tooLong: () => Error,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer): void => {
    parts.push(part);
    size += part.length;
    if (size > most) {
      throw tooLong();
    }
  };
  for await (const chunk of input) {
    let rest = Buffer.from(chunk as Buffer);
    for (let end = rest.indexOf(LF); end !== -1; end = rest.indexOf(LF)) {
      keep(rest.subarray(0, end));
      yield withoutReturn(Buffer.concat(parts));
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    keep(rest);
  }
  if (size > 0) {
    yield withoutReturn(Buffer.concat(parts));
  }
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}
