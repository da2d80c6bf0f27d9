import { hash } from 'node:crypto';
import type { ContentKey } from '@/lib/core/secrets';

/** A word as the index knows it: 10 characters that say nothing of it to whoever lacks the key. */
export type WordHash = (word: string) => string;

const hashChars = 10;
const blockBytes = 64;
const knownMax = 100_000;
const wordBytesMax = 1024;

/**
 * The first 60 bits of HMAC-SHA-256 (RFC 2104) in base64url. Most words of a text have just been met, so they are
 * remembered; the others cost two calls of a one-shot hash, a third of what an Hmac object does.
 */
export function createWordHash(key: ContentKey): WordHash {
  const secret = key.derive('search');
  const inner = Buffer.alloc(blockBytes + wordBytesMax, 0x36);
  const outer = Buffer.alloc(blockBytes + 32, 0x5c);
  for (const [index, byte] of secret.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  const known = new Map<string, string>();
  return (word) => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const bytes = inner.write(word, blockBytes, 'utf8');
    outer.write(
      hash('sha256', inner.subarray(0, blockBytes + bytes), 'binary'),
      blockBytes,
      'latin1',
    );
    const hashed = hash('sha256', outer, 'base64url').slice(0, hashChars);
    if (known.size >= knownMax) known.clear();
    known.set(word, hashed);
    return hashed;
  };
}
