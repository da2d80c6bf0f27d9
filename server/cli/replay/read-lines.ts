import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';

const NEWLINE = 0x0a;
/** Runs shrink to a tenth or a thirtieth by gzip; what shrinks further than to this is made to fill a disk. */
const growthMax = 250;
const growthFreeBytes = 64 * 1024 * 1024;

export type Line = { line: number; text: string } | { line: number; tooLong: true };

/** A file's bytes, inflated where it is gzip. */
export async function openPlain(file: string): Promise<Readable> {
  const handle = await open(file);
  const start = Buffer.alloc(2);
  await handle.read(start, 0, 2, 0).finally(() => handle.close());
  const source = createReadStream(file);
  if (start[0] !== 0x1f || start[1] !== 0x8b) return source;
  let bytes = 0;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const isBomb = bytes > growthFreeBytes && bytes > source.bytesRead * growthMax;
      if (isBomb) done(new Error(`it grows to more than ${growthMax} times its size`));
      else done(null, chunk);
    },
  });
  // An error of any is thrown where the other end is read.
  return pipeline(source, createGunzip(), bounded, () => {});
}

/** Lines in constant memory: of one that is longer than `bytesMax` only its number is told. */
export async function* linesOf(stream: Readable, bytesMax: number): AsyncGenerator<Line> {
  let line = 1;
  let held: Buffer[] = [];
  let bytes = 0;
  const take = (): Line => {
    const told: Line =
      bytes > bytesMax
        ? { line, tooLong: true }
        : { line, text: Buffer.concat(held).toString('utf8') };
    line += 1;
    held = [];
    bytes = 0;
    return told;
  };
  const keep = (part: Buffer) => {
    bytes += part.length;
    if (bytes > bytesMax) held = [];
    else held.push(part);
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, at));
      from = at + 1;
      yield take();
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (bytes > 0) yield take();
}
