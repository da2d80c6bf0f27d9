import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { noteBreakGlass } from '@/lib/people/break-glass/mutations';
import { browserName } from './account/browser-name';
import type { Factor } from './factor/schema';
import type { Asking } from './mutations';

/** For how long a place is remembered. */
const knownForMs = 90 * 86_400_000;

type Opened = { id: string; person: string; factor: Factor };

/**
 * Tells a person of a sign-in from an address and a browser of which neither was theirs before, and of a recovery code
 * that opened one: whoever reads it and was not there ends it. A break-glass account is told of to every administrator.
 */
export async function tellOfSignIn(
  tx: Transaction,
  { id, person, factor }: Opened,
  { address, userAgent, now }: Asking,
): Promise<void> {
  await noteBreakGlass(tx, { person, signIn: id, address, now });
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
  const earlier = {
    personId: person,
    id: { not: id },
    factorAt: { not: null },
    createdAt: { gt: new Date(now.getTime() - knownForMs) },
  };
  const [known, any] = await Promise.all([
    tx.signIn.findFirst({
      where: { ...earlier, OR: [{ address }, { userAgent: userAgent.slice(0, 400) }] },
      select: { id: true },
    }),
    tx.signIn.findFirst({ where: earlier, select: { id: true } }),
  ]);
  if (known !== null || any === null) return;
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
