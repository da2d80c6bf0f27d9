import type { ReadScope } from '@/lib/auth/scope';
import type { PrismaClient } from '@/lib/db/prisma';
import type { Actor } from '@/lib/people/actor';

/** Who changes the registry: a signed-in person, a machine, or whoever runs the command line beside the database. */
export type RegistryCtx = {
  readonly db: PrismaClient;
  readonly actor: Actor;
  /** Whose identities are reached: without one, none. Operators reach all. */
  readonly scope?: ReadScope;
  readonly now: Date;
};
