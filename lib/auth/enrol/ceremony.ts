import { encode } from 'uqr';
import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import { formatSeed, newSeed, seedUri } from '@/lib/people/totp';
import { askToMake, type KnownPasskey } from '../factor/passkeys';
import { MadePasskey } from '../factor/schema';
import { keepChallenge, readChallenge } from '../sign-in-cookie';
import { lapsedSentence } from '../throttle';
import type { NewFactor } from './mutations';

type Enrolling = { signIn: string; person: { id: string; email: string; name: string } };

/** What an authenticator app is given: a QR code as one SVG path, and the same to type. */
export type AppSeed = { text: string; modules: number; path: string };

/** Makes a seed, which only this browser holds, sealed, until a code of it is shown. */
export async function beginApp({ signIn, person }: Enrolling, now: Date): Promise<AppSeed> {
  const seed = newSeed();
  const value = seed.toString('base64url');
  await keepChallenge({ purpose: 'totp', value, signIn }, now);
  const { data, size } = encode(seedUri(seed, person), { border: 2 });
  const path = data
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return { text: (formatSeed(seed).match(/.{1,4}/g) ?? []).join(' '), modules: size, path };
}

/** What the browser is asked to make. */
export async function beginPasskey(
  { signIn, person }: Enrolling,
  known: readonly KnownPasskey[],
  now: Date,
) {
  const options = await askToMake(person, known);
  await keepChallenge({ purpose: 'passkey', value: options.challenge, signIn }, now);
  return options;
}

/** How a new factor is shown to be there. */
export const FactorAnswer = z.union([
  z.object({ code: z.string().max(64) }),
  z.object({ made: MadePasskey, name: z.string().max(200) }),
]);
export type FactorAnswer = z.infer<typeof FactorAnswer>;

/** The answer to what this browser was asked. Throws `invalid_input` when that was too long ago. */
export async function readNewFactor(
  answer: FactorAnswer,
  signIn: string,
  now: Date,
): Promise<NewFactor> {
  const parsed = FactorAnswer.safeParse(answer);
  if (!parsed.success) throw new AppError('invalid_input', 'That is no answer to what was asked.');
  const purpose = 'code' in parsed.data ? 'totp' : 'passkey';
  const value = await readChallenge({ purpose, signIn }, now);
  if (value === null) throw new AppError('invalid_input', lapsedSentence);
  return 'code' in parsed.data
    ? { seed: Buffer.from(value, 'base64url'), code: parsed.data.code.trim() }
    : { ...parsed.data, challenge: value };
}
