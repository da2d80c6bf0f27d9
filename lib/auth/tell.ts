import { sourceOf } from '@/lib/core/network';
import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { browserName } from './account/browser-name';
import type { Factor } from './factor/schema';
import type { Asking } from './mutations';

/** For how long a place is remembered. */
const knownForMs = 90 * 86_400_000;
const placesMax = 200;

type Opened = { id: string; person: string; factor: Factor };

/**
 * Tells a person of a sign-in from a place, an address and a browser together, that was not theirs before, and of a
 * recovery code that opened one: whoever reads it and was not there ends it.
 */
export async function tellOfSignIn(
  tx: Transaction,
  { id, person, factor }: Opened,
  { address, userAgent, now }: Asking,
): Promise<void> {
  const facts = { address, browser: browserName(userAgent) };
  if (factor === 'recovery') {
    const left = await tx.recoveryCode.count({ where: { personId: person, usedAt: null } });
    await notify(tx, {
      kind: 'recovery_code_used',
      to: { person },
      subject: left === 1 ? '1 is left' : `${left} are left`,
      facts,
      at: now,
    });
  }
  const earlier = await tx.signIn.findMany({
    where: {
      personId: person,
      id: { not: id },
      factorAt: { not: null },
      createdAt: { gt: new Date(now.getTime() - knownForMs) },
    },
    distinct: ['address', 'userAgent'],
    orderBy: { createdAt: 'desc' },
    take: placesMax,
    select: { address: true, userAgent: true },
  });
  const isKnown = earlier.some(
    (each) =>
      sourceOf(each.address) === sourceOf(address) && browserName(each.userAgent) === facts.browser,
  );
  if (isKnown || earlier.length === 0) return;
  await notify(tx, {
    kind: 'sign_in_new_place',
    to: { person },
    subject: `${facts.browser}, from ${address}`,
    facts,
    at: now,
  });
}

/** Tells a person that what they sign in with was changed, in words that complete the notice. */
export const tellOfFactor = (
  tx: Transaction,
  { person, what, address, now }: { person: string; what: string; address?: string; now: Date },
): Promise<number> =>
  notify(tx, {
    kind: 'factor_changed',
    to: { person },
    subject: what,
    facts: address === undefined ? {} : { address },
    at: now,
  });
