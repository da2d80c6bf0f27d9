import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { type Acted, type ActRefusal, ok, refused } from '@/lib/core/result';
import { type PrismaClient, prisma } from '@/lib/db/prisma';
import { authorize, type Permission } from '@/lib/people/permissions';
import type { Ctx, ReadScope } from './scope';
import { findPerson } from './session';

/** What every act of a signed-in person is given. */
export type ActCtx = Ctx & {
  readonly scope: ReadScope;
  readonly db: PrismaClient;
  readonly now: Date;
};

/**
 * Runs a server action for whoever is signed in and may: the permission is looked at before anything that was posted.
 * `name` is the event under which a surprise is logged. The mutation asks for its permission again, itself.
 */
export async function act<Value>(
  { name, permission }: { name: string; permission: Permission },
  run: (ctx: ActCtx) => Promise<Value>,
): Promise<Acted<Value>> {
  const signedIn = await findPerson();
  if (signedIn === null) return refused('signed_out', 'Your sign-in has ended. Sign in again.');
  const { actor } = signedIn.ctx;
  try {
    authorize(actor, permission);
    return ok(await run({ actor, scope: signedIn.scope, db: prisma(), now: systemClock() }));
  } catch (error) {
    if (error instanceof AppError) return refused(reasonOf(error), error.message);
    logEvent(`${name}_failed`, { error });
    return refused('refused', 'It could not be done. Nothing was changed; try again.');
  }
}

const reasonOf = ({ code }: AppError): ActRefusal =>
  code === 'forbidden' || code === 'factor_needed' ? code : 'refused';
