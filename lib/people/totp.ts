import { randomBytes } from 'node:crypto';
import { generateURI, ScureBase32Plugin, verifySync } from 'otplib';

const base32 = new ScureBase32Plugin();
/** RFC 4226 §4 asks for 128 bits and recommends 160. */
const seedBytes = 20;
const seedBytesMin = 16;
const seedBytesMax = 64;
const periodSeconds = 30;

export const newSeed = (): Buffer => randomBytes(seedBytes);

/** As people type it into an app: base32 (RFC 4648 §6) without padding. */
export const formatSeed = (seed: Uint8Array): string => base32.encode(seed, { padding: false });

/** Spaces, dashes, padding and case do not count. Null for what is no seed, or one too short to be safe. */
export function parseSeed(text: string): Buffer | null {
  const written = text.replace(/[\s=-]/g, '').toUpperCase();
  if (!/^[A-Z2-7]+$/.test(written)) return null;
  try {
    const seed = Buffer.from(base32.decode(written));
    return seed.length >= seedBytesMin && seed.length <= seedBytesMax ? seed : null;
  } catch {
    return null;
  }
}

/** What a QR code for an authenticator app says. */
export const seedUri = (seed: Uint8Array, { email }: { email: string }): string =>
  generateURI({ issuer: 'Sallyport', label: email, secret: formatSeed(seed) });

export const isCode = (text: string): boolean => /^\d{6}$/.test(text);

/**
 * The time step whose code this is (RFC 6238: SHA-1, six digits, 30 s), one step of clock drift to either side.
 * Null for another code, and for one of `afterStep` or before: a code is taken once.
 */
export function stepOf(
  seed: Uint8Array,
  { code, now, afterStep }: { code: string; now: Date; afterStep: bigint },
): bigint | null {
  if (!isCode(code)) return null;
  const seconds = Math.floor(now.getTime() / 1000);
  const result = verifySync({
    secret: seed,
    token: code,
    epoch: seconds,
    epochTolerance: periodSeconds,
  });
  if (!result.valid) return null;
  const step = BigInt(Math.floor(seconds / periodSeconds) + result.delta);
  return step > afterStep ? step : null;
}
