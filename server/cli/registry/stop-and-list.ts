import { parseArgs } from 'node:util';
import { AppError } from '@/lib/core/errors';
import { suspendIdentity } from '@/lib/identities/lifecycle/mutations';
import { asOperator } from '../operator';
import { UsageError } from '../usage';

/** `identities suspend NAME --reason WHY`. */
export async function suspendNamed(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { reason: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError('Which identity?');
  const { reason } = values;
  if (reason === undefined) throw new UsageError('Suspending needs --reason.');
  const id = await asOperator(async (operator) => {
    const found = await operator.db.identity.findFirst({
      where: { name, state: { not: 'decommissioned' } },
      select: { id: true },
    });
    if (found === null) throw new AppError('not_found', `There is no identity named ${name}.`);
    await suspendIdentity({ ...operator, now: new Date() }, { identityId: found.id, reason });
    return found.id;
  });
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ identity: { id, name }, state: 'suspended' })}\n`
      : `Suspended ${name}: nothing that it sends is taken any more.\n`,
  );
}

/** `identities list`: all that are in use, by name. */
export async function listAll(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
  const identities = await asOperator(async ({ db }) => {
    const named = { select: { name: true } } as const;
    const rows = await db.identity.findMany({
      where: { state: { not: 'decommissioned' } },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      select: {
        ...{ id: true, kind: true, name: true, state: true, trust: true, tags: true },
        owner: { select: { email: true } },
        ...{ team: named, zone: named },
      },
    });
    return rows.map(({ owner, team, zone, ...row }) => ({
      ...row,
      owner: owner?.email ?? null,
      team: team?.name ?? null,
      zone: zone?.name ?? null,
    }));
  });
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ identities })}\n`);
    return;
  }
  for (const { name, kind, state, trust, owner } of identities)
    process.stdout.write(`${name}\t${kind}\t${state}\t${trust}\t${owner ?? 'nobody'}\n`);
}
