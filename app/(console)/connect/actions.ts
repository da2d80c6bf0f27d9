'use server';

import { findPerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { ok, refused } from '@/lib/core/result';
import { prisma } from '@/lib/db/prisma';
import { createIdentity, issueIngestKey, type RegistryCtx } from '@/lib/identities/mutations';
import { CreateIdentity, IssueIngestKey } from '@/lib/identities/schema';
import { formatPlace } from '@/lib/inventory/connect/place';
import { readPlace } from '@/lib/inventory/connect/queries';
import type { Connected, ConnectResult } from '@/lib/inventory/connect/schema';
import { wayOf } from '@/lib/inventory/connect/ways';
import { listReporters } from '@/lib/inventory/queries';

/** Registers an identity, or takes one that is registered, and makes an ingest key that is shown this once. */
export async function connectAgent(
  _last: ConnectResult | null,
  form: FormData,
): Promise<ConnectResult> {
  const signedIn = await findPerson();
  if (signedIn === null) return refused('refused', 'Your sign-in has ended. Sign in again.');
  const ctx = { db: prisma(), actor: signedIn.ctx.actor, now: systemClock() };
  try {
    const place = formatPlace(await readPlace(signedIn.scope, ctx.now));
    const id = String(form.get('identity') ?? '');
    if (id === 'new') return await register(ctx, form, place);
    const identity = (await listReporters(signedIn.scope)).find((known) => known.id === id);
    if (identity === undefined) return refused('refused', 'That identity is not active any more.');
    const issued = await issueIngestKey(ctx, IssueIngestKey.parse({ identityId: identity.id }));
    return ok(shown(identity, issued, place));
  } catch (error) {
    if (error instanceof AppError) return refused('refused', error.message);
    logEvent('connect_failed', { error });
    return refused('refused', 'The key could not be made. Nothing was changed; try again.');
  }
}

async function register(ctx: RegistryCtx, form: FormData, place: string): Promise<ConnectResult> {
  const way = wayOf(String(form.get('way') ?? ''));
  const input = CreateIdentity.safeParse({
    name: String(form.get('name') ?? ''),
    ...(way.id === 'collector'
      ? { kind: 'service', reportsFor: 'all' }
      : { kind: form.get('kind') }),
  });
  if (!input.success) {
    return refused('refused', input.error.issues[0]?.message ?? 'Enter a name and a kind.');
  }
  const { identity, key } = await createIdentity(ctx, input.data);
  return key === null
    ? refused('refused', 'This kind of identity has no ingest key.')
    : ok(shown(identity, key, place));
}

const shown = (
  { id, name }: { id: string; name: string },
  { ingestKey, expiresAt }: { ingestKey: string; expiresAt: Date },
  place: string,
): Connected => ({ id, name, ingestKey, expiresAt: expiresAt.toISOString(), place });
