import { notFound } from 'next/navigation';
import { cache } from 'react';
import { z } from 'zod';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { findOrigin } from '@/lib/identities/external/queries';
import { listForeignSecrets } from '@/lib/identities/foreign-secrets/queries';
import { findingsOf, refusedDays } from '@/lib/identities/registry/findings';
import { getIdentity } from '@/lib/identities/registry/queries';
import { getTrust } from '@/lib/identities/trust/queries';
import { listVersions } from '@/lib/identities/versions/queries';
import { whoChanged } from '@/lib/identities/versions/who-changed';
import { listTouched } from '@/lib/inventory/touched/queries';
import { listAudit } from '@/lib/people/audit/queries';
import { can } from '@/lib/people/permissions';
import { judgeTouched } from './judge';

export const touchedDays = 30;
const dayMs = 86_400_000;

/** The identity of a page, once for all of its parts; not found for whoever is not shown it. */
export const readIdentity = cache(async (id: string) => {
  const { scope } = await requirePerson();
  if (!z.guid().safeParse(id).success) notFound();
  try {
    return await getIdentity(scope, { id, now: systemClock() });
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') notFound();
    throw error;
  }
});

/** How far it is trusted and what is missing to the next level. */
export const readTrust = cache(async (id: string) => {
  const { scope } = await requirePerson();
  await readIdentity(id);
  return getTrust(scope, { id, now: systemClock() });
});

/** Who brought it into its state; null of one that is active, or where that is not known. */
export const readStateBy = cache(async (id: string): Promise<string | null> => {
  const { scope } = await requirePerson();
  if ((await readIdentity(id)).state === 'active') return null;
  const { versions, names } = await listVersions(scope, { id });
  const moved = versions.find(({ changed }) => changed.includes('state'));
  return moved === undefined ? null : whoChanged(moved.by, names);
});

/** What it acted on in 30 days, and whether that was expected. */
export const readTouched = cache(async (id: string) => {
  const { scope } = await requirePerson();
  const since = new Date(systemClock().getTime() - touchedDays * dayMs);
  const [{ expects }, { touched, isMore }] = await Promise.all([
    readIdentity(id),
    listTouched(scope, { identity: id, since }),
  ]);
  return { touched: judgeTouched(touched, expects), isMore };
});

/** How many entries tell of refused proofs of it in 7 days, at most a page of them; null for whoever may not read them. */
const countRefused = async (id: string): Promise<{ count: number; isMore: boolean } | null> => {
  const { scope, person } = await requirePerson();
  if (!can(person, 'audit.read') || scope.sees !== 'all') return null;
  const from = new Date(systemClock().getTime() - refusedDays * dayMs);
  const { rows, hasOlder, isTooMuch } = await listAudit(scope, {
    filter: { who: null, what: 'authentication_refused', subject: id },
    range: { preset: null, from, to: null },
    cursor: null,
  });
  return isTooMuch ? null : { count: rows.length, isMore: hasOlder };
};

/** What of it is flagged today. */
export const readFindings = cache(async (id: string) => {
  const { scope } = await requirePerson();
  const now = systemClock();
  const [identity, { touched }, refused, origin, secrets] = await Promise.all([
    readIdentity(id),
    readTouched(id),
    countRefused(id),
    findOrigin(scope, id, now),
    listForeignSecrets(scope, { identity: id, onlyOverdue: true, now }),
  ]);
  const unexpected = touched.filter((each) => each.isExpected === false).map(({ name }) => name);
  const isOriginUnverified = origin?.origin === 'unverified';
  const overdue = secrets.map(({ label }) => label);
  return findingsOf(
    identity,
    {
      ...{ refused: refused?.count ?? null, isRefusedMore: refused?.isMore ?? false },
      ...{ unexpected, overdue, isOriginUnverified },
    },
    now,
  );
});
