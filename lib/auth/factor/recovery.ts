import { randomBytes } from 'node:crypto';
import { secretHash } from '@/lib/core/secrets';

export const recoveryCodes = 10;

/** Crockford's base32: no letter that is mistaken for a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 60 random bits each, as `XXXX-XXXX-XXXX`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: recoveryCodes }, () =>
    Array.from(randomBytes(12), (byte, index) => {
      const dash = index > 0 && index % 4 === 0 ? '-' : '';
      return dash + (alphabet[byte % 32] ?? '');
    }).join(''),
  );

/** What a person typed, as it was shown; null for what cannot be one. */
export function parseRecoveryCode(typed: string): string | null {
  const written = typed
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  if (written.length !== 12 || [...written].some((sign) => !alphabet.includes(sign))) return null;
  return `${written.slice(0, 4)}-${written.slice(4, 8)}-${written.slice(8)}`;
}

/** Bound to its person: the same code of another opens nothing. */
export const recoveryCodeHash = (person: string, code: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(secretHash(`recovery:${person}:${code}`));
