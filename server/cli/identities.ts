import { parseArgs } from 'node:util';
import { createIdentity } from '@/lib/identities/registration/mutations';
import type { CreateIdentity } from '@/lib/identities/registration/schema';
import type { IdentityKind } from '@/lib/identities/schema';
import { asOperator } from './operator';
import { findNamed } from './registry/find-named';
import { importFile } from './registry/import-file';
import { listAll, suspendNamed } from './registry/stop-and-list';
import { UsageError } from './usage';

export async function identities(args: string[]): Promise<void> {
  const [action = '', ...rest] = args;
  const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (run === undefined)
    throw new UsageError(
      `What to do with identities? ${Object.keys(actions).join(', ')} are known.`,
    );
  await run(rest);
}

const actions: Record<string, (args: string[]) => Promise<void>> = {
  create,
  import: importFile,
  suspend: suspendNamed,
  list: listAll,
};

async function create(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      kind: { type: 'string' },
      name: { type: 'string' },
      names: { type: 'string' },
      'reports-for': { type: 'string' },
      days: { type: 'string' },
      owner: { type: 'string' },
      sponsor: { type: 'string' },
      team: { type: 'string' },
      zone: { type: 'string' },
      purpose: { type: 'string' },
      tags: { type: 'string' },
      'no-key': { type: 'boolean', default: false },
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
    ...(values.purpose === undefined ? {} : { purpose: values.purpose }),
    tags: listOf(values.tags),
    issuesKey: !values['no-key'],
  };
  const { identity, key } = await asOperator(async (operator) => {
    const named = await findNamed(operator.db, values);
    return createIdentity({ ...operator, now: new Date() }, { ...input, ...named });
  });
  if (values.json) {
    const ingestKey = key?.ingestKey ?? null;
    const expiresAt = key?.expiresAt.toISOString() ?? null;
    process.stdout.write(`${JSON.stringify({ identity, ingestKey, expiresAt })}\n`);
    return;
  }
  process.stdout.write(`Registered the ${identity.kind} ${identity.name} (${identity.id}).\n`);
  if (values.owner === undefined)
    process.stdout.write(
      'Nobody answers for it yet: --owner names somebody, as the console does.\n',
    );
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
