import { parseArgs } from 'node:util';
import { createIdentity } from '@/lib/identities/registration/mutations';
import type { CreateIdentity } from '@/lib/identities/registration/schema';
import type { IdentityKind } from '@/lib/identities/schema';
import { asOperator } from './operator';
import { UsageError } from './usage';

export async function identities(args: string[]): Promise<void> {
  const [action, ...rest] = args;
  if (action !== 'create') throw new UsageError('What to do with identities? `create` is known.');
  const { values } = parseArgs({
    args: rest,
    options: {
      kind: { type: 'string' },
      name: { type: 'string' },
      names: { type: 'string' },
      'reports-for': { type: 'string' },
      days: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.kind === undefined || values.name === undefined)
    throw new UsageError('An identity needs --kind and --name.');
  const input: CreateIdentity = {
    // Judged by the schema, whose sentence names the kinds there are.
    kind: values.kind as IdentityKind,
    name: values.name,
    names: listOf(values.names),
    reportsFor: values['reports-for'] === 'all' ? 'all' : listOf(values['reports-for']),
    ...(values.days === undefined ? {} : { days: Number(values.days) }),
  };
  const { identity, key } = await asOperator((operator) =>
    createIdentity({ ...operator, now: new Date() }, input),
  );
  if (values.json) {
    const ingestKey = key?.ingestKey ?? null;
    const expiresAt = key?.expiresAt.toISOString() ?? null;
    process.stdout.write(`${JSON.stringify({ identity, ingestKey, expiresAt })}\n`);
    return;
  }
  process.stdout.write(`Registered the ${identity.kind} ${identity.name} (${identity.id}).\n`);
  if (key === null) return;
  process.stdout.write(
    `Its ingest key, shown this once and good until ${key.expiresAt.toISOString()}:\n\n  ${key.ingestKey}\n`,
  );
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
