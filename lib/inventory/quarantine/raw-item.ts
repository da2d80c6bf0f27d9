import { prettyJson } from '../pretty-json';
import { hexView } from './hex-view';
import type { RawItem } from './schema';

const jsonCharsMax = 100_000;

/** What a reader can see of it: JSON as text when it is JSON, else bytes. */
export function rawItemOf(raw: Buffer | null): RawItem {
  if (raw === null) return { state: 'none' };
  const text = raw.length <= jsonCharsMax ? prettyJson(raw.toString('utf8')) : null;
  return text === null
    ? { state: 'binary', hex: hexView(raw), bytes: raw.length }
    : { state: 'json', text };
}
