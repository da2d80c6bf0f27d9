'use server';

import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import { issueIngestKey } from '@/lib/identities/credentials/mutations';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import type { IdentityKind } from '@/lib/identities/schema';
import { formatPlace } from '@/lib/inventory/connect/place';
import { readPlace } from '@/lib/inventory/connect/queries';
import type { Connected, ConnectResult } from '@/lib/inventory/connect/schema';
import { wayOf } from '@/lib/inventory/connect/ways';
import { listReporters } from '@/lib/inventory/queries';
import { textIn } from '../fields';

/** Registers an identity, or takes one that is registered, and makes an ingest key that is shown this once. */
export async function connectAgent(
  _last: ConnectResult | null,
  form: FormData,
): Promise<ConnectResult> {
  return act({ name: 'connect', permission: 'registry.write' }, async (ctx) => {
    const place = formatPlace(await readPlace(ctx.scope, ctx.now));
    const id = textIn(form, 'identity');
    if (id === 'new') return register(ctx, form, place);
    const identity = (await listReporters(ctx.scope)).find((known) => known.id === id);
    if (identity === undefined)
      throw new AppError('not_found', 'That identity is not active any more.');
    const issued = await issueIngestKey(ctx, { identityId: identity.id });
    return shown(identity, issued, place);
  });
}

async function register(ctx: RegistryCtx, form: FormData, place: string): Promise<Connected> {
  const way = wayOf(textIn(form, 'way'));
  const { identity, key } = await createIdentity(ctx, {
    name: textIn(form, 'name'),
    ...(way.id === 'collector'
      ? { kind: 'service', reportsFor: 'all' }
      : // What is none of them is refused by the schema.
        { kind: textIn(form, 'kind') as IdentityKind }),
  });
  if (key === null) throw new AppError('invalid_input', 'This kind of identity has no ingest key.');
  return shown(identity, key, place);
}

const shown = (
  { id, name }: { id: string; name: string },
  { ingestKey, expiresAt }: { ingestKey: string; expiresAt: Date },
  place: string,
): Connected => ({ id, name, ingestKey, expiresAt: expiresAt.toISOString(), place });
