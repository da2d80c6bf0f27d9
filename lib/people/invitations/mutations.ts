import { waitSentence } from '@/lib/auth/throttle';
import { countTry, forgiveTry, type Try } from '@/lib/auth/tries';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { ok, type Result, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import { Prisma, type PrismaClient, type Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { PeopleCtx } from '../ctx';
import { isStill, lockActing, readSubject } from '../members/lock-people';
import { hashPassword } from '../password';
import { authorize } from '../permissions';
import { isFourEyes, mustWait, propose } from '../proposals/propose';
import { tellNewPassword, writeNewPassword } from '../resets/mutations';
import { factsOf, isMoreThanViewer } from '../rights/compare';
import { Rights, rolesOf } from '../schema';
import { type MadeLink, makeLink } from './make-link';
import { AcceptInvitation, type Invite, InvitePerson, RevokeInvitation } from './schema';
import { refuseUnfitInvite } from './unfit';

/**
 * Invites one e-mail address. Null: what it gives waits for a second person, and the code is made when that one confirms.
 */
export async function invitePerson(ctx: PeopleCtx, input: InvitePerson): Promise<MadeLink | null> {
  authorize(ctx.actor, 'people.write');
  const { invite, reason } = parseInput(InvitePerson, input);
  return ctx.db.$transaction(async (tx) => {
    const acting = await lockActing(tx, ctx, 'people.write');
    await refuseUnfitInvite(tx, ctx, invite);
    if (isMoreThanViewer(invite) && (await mustWait(tx, acting))) {
      await propose(tx, ctx, { kind: 'invite', change: invite, reason });
      return null;
    }
    const { isBreakGlass: isConfirmed } = acting;
    return applyInvite(tx, ctx, invite, { reason, invitedBy: ctx.actor.id, isConfirmed });
  });
}

export async function applyInvite(
  tx: Transaction,
  ctx: Omit<PeopleCtx, 'db'>,
  { email, name, teams, ...rights }: Invite,
  {
    invitedBy,
    isConfirmed,
    ...told
  }: { reason: string; invitedBy: string; isConfirmed: boolean; proposal?: string },
): Promise<MadeLink> {
  const made = await makeLink(
    tx,
    ctx,
    { email, name, ...rights, teamIds: teams, isConfirmed, invitedById: invitedBy },
    {
      subject: 'You are invited to Sallyport',
      hello: `${name}, you are invited to sign in to Sallyport.`,
      does: 'Open this address to choose a password.',
      unexpected: 'If you expect no invitation, leave it.',
    },
  );
  await recordControl(tx, 'person_invited', {
    ...whoOf(ctx.actor),
    invitation: made.id,
    email,
    name,
    after: factsOf({ teams, ...rights }),
    expires_at: made.expiresAt.toISOString(),
    ...told,
  });
  return made;
}

/** It opens nothing from now on. Throws `not_found` when it does not anyway. */
export async function revokeInvitation(ctx: PeopleCtx, input: RevokeInvitation): Promise<void> {
  authorize(ctx.actor, 'people.write');
  const { invitationId, reason } = parseInput(RevokeInvitation, input);
  await ctx.db.$transaction(async (tx) => {
    await lockActing(tx, ctx, 'people.write');
    const { count } = await tx.invitation.updateMany({
      where: { id: invitationId, usedAt: null, revokedAt: null, expiresAt: { gt: ctx.now } },
      data: { revokedAt: ctx.now },
    });
    if (count === 0)
      throw new AppError('not_found', 'There is no such invitation that is still open.');
    const { email, name, roles, teamIds, ...rights } = await tx.invitation.findUniqueOrThrow({
      where: { id: invitationId },
      select: {
        email: true,
        name: true,
        roles: true,
        reach: true,
        contentRead: true,
        contentExport: true,
        teamIds: true,
      },
    });
    await recordControl(tx, 'invitation_revoked', {
      ...whoOf(ctx.actor),
      invitation: invitationId,
      before: {
        email,
        name,
        roles,
        reach: rights.reach,
        content_read: rights.contentRead,
        content_export: rights.contentExport,
        teams: [...teamIds].sort(),
      },
      after: null,
      reason,
    });
  });
}

const closed = () =>
  refused(
    'closed',
    'This link does not open anything for that e-mail: it was used, has ended, or never was. Ask who sent it for another.',
  );

export type Accepted = Result<{ person: string }, 'closed' | 'throttled'>;

/**
 * Makes the account of whoever was invited, once, with what stands in the invitation's row; or, where it is of a reset,
 * sets the password of its person, and nothing else of theirs. One that is not known, was used, has ended, was revoked,
 * is for another e-mail or for who was removed, was made by somebody who may not any more, or gives what by now a second
 * person confirms: each has the same answer, and the entry says why.
 */
export async function acceptInvitation(
  db: PrismaClient,
  input: AcceptInvitation,
  { address, now }: { address: string; now: Date },
): Promise<Accepted> {
  const { code, email, password } = parseInput(AcceptInvitation, input);
  const tried = invitationTry(address, now);
  const waitMs = await countTry(db, tried);
  if (waitMs > 0) return refused('throttled', waitSentence(Math.ceil(waitMs / 1000), 'codes'));
  const hash = new Uint8Array(secretHash(code));
  const live = { usedAt: null, revokedAt: null, expiresAt: { gt: now } };
  // Whoever is here signs in by the address they have now, which may not be the one of then.
  const isTheirs = { OR: [{ personId: null, email }, { person: { email } }] };
  const found = await db.invitation.findFirst({ where: { hash, ...isTheirs, ...live } });
  const refuse = async (why: Closed) => {
    const which = found === null ? {} : { invitation: found.id };
    await recordControl(db, 'invitation_refused', { address, ...which, why });
    return closed();
  };
  if (found === null) return refuse('not_open');
  const why = await whyClosed(db, found);
  if (why !== null) return refuse(why);
  // Before the transaction, which holds the control shard's head.
  const passwordHash = await hashPassword(password);
  const person = found.personId ?? newId(now.getTime());
  const isReset = found.personId !== null;
  try {
    await db.$transaction(async (tx) => {
      // The person's row before the link's: in the order in which a reset takes them.
      if (isReset && !(await writeNewPassword(tx, { person, passwordHash })))
        throw new ClosedMeanwhile('person_removed');
      const { count } = await tx.invitation.updateMany({
        where: { id: found.id, ...live },
        data: { usedAt: now },
      });
      const reason = count === 0 ? 'not_open' : await whyClosed(tx, found);
      if (reason !== null) throw new ClosedMeanwhile(reason);
      await forgiveTry(tx, tried);
      if (isReset) await tellNewPassword(tx, { person, invitation: found.id }, { address, now });
      else await createInvited(tx, { invitation: found, person, passwordHash }, { address, now });
    });
  } catch (error) {
    if (error instanceof ClosedMeanwhile) return refuse(error.why);
    if (isTaken(error)) return refuse('email_taken');
    throw error;
  }
  return ok({ person });
}

async function createInvited(
  tx: Transaction,
  { invitation, person, passwordHash }: { invitation: Row; person: string; passwordHash: string },
  { address, now }: { address: string; now: Date },
): Promise<void> {
  const teams = await tx.team.findMany({
    where: { id: { in: invitation.teamIds } },
    select: { id: true },
  });
  const { email, name, roles, reach, contentRead, contentExport } = invitation;
  await tx.person.create({
    data: {
      id: person,
      email,
      name,
      passwordHash,
      roles,
      reach,
      contentRead,
      contentExport,
      createdAt: now,
      teams: { create: teams.map(({ id }) => ({ teamId: id })) },
    },
    select: { id: true },
  });
  await notify(tx, {
    kind: 'invitation_accepted',
    to: { person: invitation.invitedById },
    subject: name,
    link: `/people?person=${person}`,
    at: now,
  });
  await recordControl(tx, 'person_created', {
    by: 'invitation',
    address,
    person,
    invitation: invitation.id,
    roles,
    reach,
    content_read: contentRead,
    content_export: contentExport,
    teams: teams.map(({ id }) => id).sort(),
  });
}

/** Rolls back what a second one at once, or a change in between, makes void. */
class ClosedMeanwhile extends Error {
  readonly why: Closed;
  constructor(why: Closed) {
    super(why);
    this.why = why;
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';

type Closed = 'not_open' | 'email_taken' | 'inviter_may_not' | 'not_confirmed' | 'person_removed';

/**
 * Whoever invited must still be one who may; and what one person gave before four eyes were switched on is not opened
 * under them.
 */
async function whyClosed(
  db: Pick<PrismaClient, 'person' | 'setting'>,
  invitation: Row,
): Promise<Closed | null> {
  const inviter = await readSubject(db, invitation.invitedById);
  if (inviter === null || !isStill(inviter, 'people.write')) return 'inviter_may_not';
  const { personId, isConfirmed } = invitation;
  if (personId !== null && (await readSubject(db, personId))?.disabledAt !== null)
    return 'person_removed';
  const needsTwo = personId !== null || isMoreThanViewer(rightsOf(invitation));
  return needsTwo && !isConfirmed && (await isFourEyes(db)) ? 'not_confirmed' : null;
}

type Row = {
  id: string;
  personId: string | null;
  email: string;
  name: string;
  teamIds: string[];
  invitedById: string;
  isConfirmed: boolean;
} & Columns;
type Columns = { roles: string[]; reach: string; contentRead: string; contentExport: string };
const rightsOf = ({ roles, reach, contentRead, contentExport }: Columns) => ({
  roles: rolesOf(roles),
  reach: reach === 'teams' ? ('teams' as const) : ('all' as const),
  contentRead: Rights.catch('all').parse(contentRead),
  contentExport: Rights.catch('all').parse(contentExport),
});

/** Apart from what is counted of that address at the door: a mistyped code must not keep a colleague waiting there. */
const invitationTry = (address: string, now: Date): Try => ({
  keys: { address: `invitation:${address}` },
  whose: null,
  address,
  now,
});
