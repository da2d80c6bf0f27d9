import { randomBytes } from 'node:crypto';
import { waitSentence } from '@/lib/auth/throttle';
import { countTry, forgiveTry, type Try } from '@/lib/auth/tries';
import { config, consoleUrl } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { ok, type Result, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import { Prisma, type PrismaClient, type Transaction } from '@/lib/db/prisma';
import { mail, notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { PeopleCtx } from '../ctx';
import { isStill, lockActing, readSubject } from '../members/lock-people';
import { hashPassword } from '../password';
import { authorize } from '../permissions';
import { isFourEyes, mustWait, propose } from '../proposals/propose';
import { factsOf, isMoreThanViewer } from '../rights/compare';
import { Rights, rolesOf } from '../schema';
import {
  AcceptInvitation,
  type Invite,
  InvitePerson,
  invitationLivesMs,
  RevokeInvitation,
} from './schema';
import { refuseUnfitInvite } from './unfit';

/** The link is shown here and never again; the SHA-256 of its code is stored. `isMailed`: it is on its way by e-mail too. */
export type Invited = {
  id: string;
  code: string;
  link: string;
  expiresAt: Date;
  isMailed: boolean;
};

/**
 * Invites one e-mail address. Null: what it gives waits for a second person, and the code is made when that one confirms.
 */
export async function invitePerson(ctx: PeopleCtx, input: InvitePerson): Promise<Invited | null> {
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
  { actor, now, ...sending }: Omit<PeopleCtx, 'db'>,
  { email, name, teams, ...rights }: Invite,
  {
    invitedBy,
    isConfirmed,
    ...told
  }: { reason: string; invitedBy: string; isConfirmed: boolean; proposal?: string },
): Promise<Invited> {
  const code = `slp_inv_${randomBytes(32).toString('base64url')}`;
  const invited = {
    id: newId(now.getTime()),
    code,
    // After the number sign, so that it is never sent to a server with the address and reaches no log.
    link: `${consoleUrl(sending.settings ?? config())}/invitation#${code}`,
    expiresAt: new Date(now.getTime() + invitationLivesMs),
  };
  await tx.invitation.create({
    data: {
      id: invited.id,
      hash: new Uint8Array(secretHash(code)),
      email,
      name,
      ...rights,
      teamIds: teams,
      isConfirmed,
      invitedById: invitedBy,
      createdAt: now,
      expiresAt: invited.expiresAt,
    },
    select: { id: true },
  });
  const message = { to: email, ...composeInvitation(name, invited), at: now };
  const isMailed = await mail(tx, message, sending);
  await recordControl(tx, 'person_invited', {
    ...whoOf(actor),
    invitation: invited.id,
    email,
    name,
    after: factsOf({ teams, ...rights }),
    expires_at: invited.expiresAt.toISOString(),
    ...told,
  });
  return { ...invited, isMailed };
}

const composeInvitation = (
  name: string,
  { link, expiresAt }: { link: string; expiresAt: Date },
) => ({
  subject: 'You are invited to Sallyport',
  text: [
    `${name}, you are invited to sign in to Sallyport.`,
    'Open this address to choose a password. It works once, for this e-mail only:',
    link,
    `It ends on ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. If you expect no invitation, leave it.`,
  ].join('\n\n'),
});

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
    'This invitation does not open an account for that e-mail: it was used, has ended, or never was. Ask who invited you for another.',
  );

export type Accepted = Result<{ person: string }, 'closed' | 'throttled'>;

/**
 * Makes the account of whoever was invited, once, with what stands in the invitation's row. An invitation that is not
 * known, was used, has ended, was revoked, is for another e-mail, was made by somebody who may not any more, or gives
 * what by now a second person confirms: each has the same answer, and the entry says why.
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
  const found = await db.invitation.findFirst({ where: { hash, email, ...live } });
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
  const person = newId(now.getTime());
  try {
    await db.$transaction(async (tx) => {
      const { count } = await tx.invitation.updateMany({
        where: { id: found.id, ...live },
        data: { usedAt: now },
      });
      const reason = count === 0 ? 'not_open' : await whyClosed(tx, found);
      if (reason !== null) throw new ClosedMeanwhile(reason);
      const teams = await tx.team.findMany({
        where: { id: { in: found.teamIds } },
        select: { id: true },
      });
      const { name, roles, reach, contentRead, contentExport } = found;
      const rights = { roles, reach, contentRead, contentExport };
      await tx.person.create({
        data: {
          id: person,
          email,
          name,
          passwordHash,
          ...rights,
          createdAt: now,
          teams: { create: teams.map(({ id }) => ({ teamId: id })) },
        },
        select: { id: true },
      });
      await forgiveTry(tx, tried);
      await notify(tx, {
        kind: 'invitation_accepted',
        to: { person: found.invitedById },
        subject: name,
        link: `/people?person=${person}`,
        at: now,
      });
      await recordControl(tx, 'person_created', {
        by: 'invitation',
        address,
        person,
        invitation: found.id,
        roles,
        reach,
        content_read: contentRead,
        content_export: contentExport,
        teams: teams.map(({ id }) => id).sort(),
      });
    });
  } catch (error) {
    if (error instanceof ClosedMeanwhile) return refuse(error.why);
    if (isTaken(error)) return refuse('email_taken');
    throw error;
  }
  return ok({ person });
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

type Closed = 'not_open' | 'email_taken' | 'inviter_may_not' | 'not_confirmed';

/**
 * Whoever invited must still be one who may; and what one person gave before four eyes were switched on is not opened
 * under them.
 */
async function whyClosed(
  db: Pick<PrismaClient, 'person' | 'setting'>,
  invitation: { invitedById: string; isConfirmed: boolean } & Columns,
): Promise<Closed | null> {
  const inviter = await readSubject(db, invitation.invitedById);
  if (inviter === null || !isStill(inviter, 'people.write')) return 'inviter_may_not';
  const isGivenByOne = isMoreThanViewer(rightsOf(invitation)) && !invitation.isConfirmed;
  return isGivenByOne && (await isFourEyes(db)) ? 'not_confirmed' : null;
}

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
