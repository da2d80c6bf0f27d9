import type { FramedBody } from '@/lib/log/frame';
import type { BodyRole } from '@/lib/telemetry/schema';
import type { WordHash } from './hash-words';
import { textsOf } from './texts';
import { wordsOf } from './words';

/** What is searched, in this order; what an agent may call and raw attributes are not what was said or done. */
export const searchedRoles = [
  'input',
  'output',
  'error',
  'instructions',
] as const satisfies BodyRole[];

/** Of one entry; what lies beyond is not found. */
export const searchLimits = { chars: 65_536, words: 2_048 } as const;

/** PostgreSQL keeps 14 bits of a place, and 255 places of a word (documentation, Text Search Types). */
const placeMax = 16_383;
const placesMax = 255;
/** Between two texts, so that no phrase reaches from one into the next. */
const gap = 4;

export type SearchDocument = {
  /** A `tsvector` in PostgreSQL's binary form. */
  bytes: Buffer;
  isTruncated: boolean;
};

/** Null when there is no text to be found by. */
export function documentOf(
  bodies: readonly Pick<FramedBody, 'role' | 'text'>[],
  hashOf: WordHash,
): SearchDocument | null {
  const places = new Map<string, number[]>();
  let isTruncated = false;
  let chars = 0;
  let first = 1;
  for (const role of searchedRoles) {
    for (const { text } of bodies.filter((body) => body.role === role)) {
      if (text === null) continue;
      const kept = text.slice(0, searchLimits.chars - chars);
      if (kept.length < text.length) isTruncated = true;
      chars += kept.length;
      for (const part of textsOf(kept)) {
        const { words, next } = wordsOf(part);
        for (const { word, at } of words)
          if (!place(places, hashOf(word), first + at)) isTruncated = true;
        if (next > 0) first += next + gap;
      }
    }
  }
  return places.size === 0 ? null : { bytes: tsvectorOf(places), isTruncated };
}

/** False when the word is one too many. */
function place(places: Map<string, number[]>, word: string, at: number): boolean {
  const known = places.get(word);
  if (known === undefined) {
    if (places.size >= searchLimits.words) return false;
    places.set(word, [Math.min(at, placeMax)]);
  } else if (known.length < placesMax && (known.at(-1) ?? 0) < Math.min(at, placeMax))
    known.push(Math.min(at, placeMax));
  return true;
}

function tsvectorOf(places: ReadonlyMap<string, readonly number[]>): Buffer {
  let bytes = 4;
  for (const [word, at] of places) bytes += word.length + 3 + 2 * at.length;
  const vector = Buffer.allocUnsafe(bytes);
  let end = vector.writeInt32BE(places.size);
  for (const [word, at] of places) {
    end += vector.write(word, end, 'latin1');
    end = vector.writeUInt8(0, end);
    end = vector.writeUInt16BE(at.length, end);
    for (const position of at) end = vector.writeUInt16BE(position, end);
  }
  return vector;
}
