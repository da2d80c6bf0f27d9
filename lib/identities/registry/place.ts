import { z } from 'zod';

const Place = z.tuple([z.string().max(200), z.guid()]);
/** Where a row stands in a list: by what that is in order of, and then by id. */
export type Place = z.infer<typeof Place>;

export const formatPlace = (place: Place): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** Null for what this did not write. */
export function parsePlace(text: string): Place | null {
  if (text.length > 600) return null;
  try {
    return Place.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    return null;
  }
}
