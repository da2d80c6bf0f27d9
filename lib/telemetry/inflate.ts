import { gunzipSync, inflateSync } from 'node:zlib';
import { ok, type Result, refused } from '@/lib/core/result';

type InflateBounds = { bytesMax: number; ratioMax: number };

/** Below this no ratio is suspicious: a short repetitive body reaches a thousand. */
const HARMLESS_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * A request body without its Content-Encoding: none, gzip (also of several members) or deflate.
 * Stops at the bound, before what is beyond it is held. Synchronous: faster than zlib's threads
 * for bodies of this size.
 */
export function inflateBounded(
  body: Buffer,
  encoding: string | undefined,
  { bytesMax, ratioMax }: InflateBounds,
): Result<Buffer, 'unsupported_encoding' | 'bomb' | 'malformed'> {
  const name = (encoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity')
    return body.length > bytesMax
      ? refused('bomb', `The body holds ${body.length} bytes; ${bytesMax} are allowed.`)
      : ok(body);
  const inflate = inflaters.get(name);
  if (inflate === undefined)
    return refused('unsupported_encoding', 'Content-Encoding must be gzip, deflate or identity.');
  const maxOutputLength = Math.min(bytesMax, Math.max(body.length * ratioMax, HARMLESS_BYTES));
  try {
    const { buffer, engine } = inflate(body, {
      maxOutputLength,
      chunkSize: CHUNK_BYTES,
      info: true,
    });
    if (engine.bytesWritten < body.length)
      return refused(
        'malformed',
        `After the compressed data there are bytes that are not ${name}.`,
      );
    return ok(buffer);
  } catch (error) {
    return error instanceof RangeError
      ? refused('bomb', `The body inflates to more than the ${maxOutputLength} bytes allowed.`)
      : refused('malformed', `The body is not valid ${name}, or it ends too early.`);
  }
}

type Inflate = (
  body: Buffer,
  options: { maxOutputLength: number; chunkSize: number; info: true },
) => { buffer: Buffer; engine: { bytesWritten: number } };

// `as`: with `info` zlib answers so, which its types do not tell.
const gunzip = gunzipSync as unknown as Inflate;
const inflaters = new Map<string, Inflate>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflateSync as unknown as Inflate], // `as`: as above
]);
