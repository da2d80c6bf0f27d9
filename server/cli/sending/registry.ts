import { AppError } from '@/lib/core/errors';
import { issueIngestKey, revokeCredential } from '@/lib/identities/credentials/mutations';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import type { IdentityKind } from '@/lib/identities/schema';

export type SentIdentity = {
  kind: IdentityKind;
  name: string;
  /** Names of those it reports for, which come before it in the list. */
  reportsFor?: readonly string[];
};

export type Registered = {
  /** Identity by name. */
  ids: Map<string, string>;
  /** Ingest key by the name of the reporter. */
  keys: Map<string, string>;
  /** Ends the keys that this run was given. */
  close(): Promise<void>;
};

/**
 * Registers who is not registered yet, and gives each of `reporters` an ingest key for this run. Throws
 * `conflict` when a name means something else here.
 */
export async function registerAll(
  { db, actor }: Omit<RegistryCtx, 'now'>,
  identities: readonly SentIdentity[],
  reporters: ReadonlySet<string>,
  days: number,
): Promise<Registered> {
  const ctx = { db, actor };
  const names = identities.map(({ name }) => name);
  const known = await ctx.db.identity.findMany({
    where: { name: { in: names }, state: { not: 'decommissioned' } },
    select: { id: true, name: true, kind: true, state: true },
  });
  const ids = new Map(known.map(({ id, name }) => [name, id]));
  const keys = new Map<string, string>();
  const issued: string[] = [];
  const close = async () => {
    for (const credentialId of issued.splice(0))
      await revokeCredential(
        { ...ctx, now: new Date() },
        { credentialId, reason: 'The command that it was issued to has ended.' },
      );
  };
  try {
    for (const { kind, name, reportsFor = [] } of identities) {
      const now = new Date();
      const before = known.find((each) => each.name === name);
      if (before !== undefined) {
        if (before.kind !== kind || before.state !== 'active')
          throw new AppError(
            'conflict',
            `${name} is registered here already, as a ${before.kind} that is ${before.state}.`,
          );
        if (!reporters.has(name)) continue;
        const key = await issueIngestKey({ ...ctx, now }, { identityId: before.id, days });
        issued.push(key.credentialId);
        keys.set(name, key.ingestKey);
        continue;
      }
      const { identity, key } = await createIdentity(
        { ...ctx, now },
        { kind, name, days, reportsFor: [...reportsFor] },
      );
      ids.set(name, identity.id);
      if (key === null) continue;
      issued.push(key.credentialId);
      keys.set(name, key.ingestKey);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ids, keys, close };
}
