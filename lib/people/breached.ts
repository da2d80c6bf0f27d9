import { dictionary } from '@zxcvbn-ts/language-common';

let known: ReadonlySet<string> | undefined;

/** As many signs as people put before or after a word to make it long enough. */
const ornamentMax = 6;

/**
 * Whether a password is among those that breaches made known (49,000 of them, shipped with the package), also with a few
 * signs and digits around it or written twice: whoever guesses tries those next.
 */
export function isBreached(password: string): boolean {
  known ??= new Set(dictionary['passwords-common'].map((each) => each.toLowerCase()));
  const lower = password.toLowerCase();
  if (known.has(lower)) return true;
  const half = lower.slice(0, lower.length / 2);
  if (half + half === lower && known.has(half)) return true;
  const bare = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return lower.length - bare.length <= ornamentMax && known.has(bare);
}
