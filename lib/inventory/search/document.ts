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

/** Of one entry; what lies beyond is not found. `occurrences` is of words, known or new. */
export const searchLimits = { chars: 65_536, words: 2_048, occurrences: 32_768 } as const;

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

/** Null when there is no text to be found by. A text that holds too many words is not cut, or hashed, to its end. */
export function documentOf(
  bodies: readonly Pick<FramedBody, 'role' | 'text'>[],
  hashOf: WordHash,
): SearchDocument | null {
  const words = createWordPlaces(hashOf);
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
        const next = words.add(part, first);
        if (next === null) return words.document(true);
        if (next > 0) first += next + gap;
      }
    }
  }
  return words.document(isTruncated);
}

/** Collects words and where they stand, until there is one too many. */
function createWordPlaces(hashOf: WordHash) {
  const placesOf = new Map<string, number[]>();
  let told = 0;
  return {
    /** The place behind the last word; null when there was one too many. */
    add(text: string, first: number): number | null {
      const words = wordsOf(text);
      for (;;) {
        const { done, value } = words.next();
        if (done) return value;
        told += 1;
        if (told > searchLimits.occurrences) return null;
        const at = Math.min(first + value.at, placeMax);
        const known = placesOf.get(value.word);
        if (known === undefined) {
          if (placesOf.size >= searchLimits.words) return null;
          placesOf.set(value.word, [at]);
        } else if (known.length < placesMax && (known.at(-1) ?? 0) < at) known.push(at);
      }
    },

    document(isTruncated: boolean): SearchDocument | null {
      if (placesOf.size === 0) return null;
      const places = new Map([...placesOf].map(([word, at]) => [hashOf(word), at]));
      return { bytes: tsvectorOf(places), isTruncated };
    },
  };
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
