import { AppError } from '@/lib/core/errors';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { type Acting, whereSeen } from '../unfit';

/** Names of an identity besides its own. */
export const furtherNames = (name: string, names: readonly string[]): string[] =>
  [...new Set(names)].filter((each) => each !== name);

/** INVARIANT: taken before any row's lock by whatever gives names, as the table's trigger takes it: two wait for each other never. */
export async function lockNames(tx: Transaction): Promise<void> {
  await tx.$queryRaw`SELECT 1 AS held FROM pg_advisory_xact_lock(7305004)`;
}

/** A name that two identities had would mean neither, and what it sends would turn into shadow activity. */
export async function refuseTakenNames(
  tx: Transaction,
  names: string[],
  except?: string,
): Promise<void> {
  const taken = await tx.identity.findFirst({
    where: {
      OR: [{ name: { in: names } }, { names: { hasSome: names } }],
      state: { not: 'decommissioned' },
      ...(except === undefined ? {} : { id: { not: except } }),
    },
    select: { name: true },
  });
  if (taken !== null)
    throw new AppError('conflict', `The identity ${taken.name} has this name already.`);
}

/** What of two that write at once only the database sees, said the same way. */
export async function refusingTaken<Value>(
  name: string,
  write: () => Promise<Value>,
): Promise<Value> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      throw new AppError('conflict', `The identity ${name} has this name already.`);
    throw error;
  }
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Ids of identities in use that are given by id or name, in order. Throws `not_found` with those that are none, as those
 * are that whoever acts is not shown.
 */
export async function findIdentities(
  tx: Transaction,
  acting: Acting,
  asked: readonly string[],
): Promise<string[]> {
  const wanted = [...new Set(asked)];
  if (wanted.length === 0) return [];
  const ids = wanted.filter((each) => guid.test(each)).map((each) => each.toLowerCase());
  const found = await tx.identity.findMany({
    where: {
      state: { not: 'decommissioned' },
      OR: [{ id: { in: ids } }, { name: { in: wanted } }],
      ...whereSeen(acting),
    },
    select: { id: true, name: true },
  });
  const isFound = (each: string) =>
    found.some(({ id, name }) => name === each || id === each.toLowerCase());
  const missing = wanted.filter((each) => !isFound(each));
  if (missing.length > 0)
    throw new AppError('not_found', `There is no identity named ${missing.join(', ')}.`);
  return found.map(({ id }) => id).sort();
}
