import { createHash } from 'node:crypto';
import { logEvent } from '@/lib/core/log';
import { ok, type Result, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { freshForMs } from '@/lib/people/actor';
import { signInMaxMs } from '../cookie';
import { countFactors } from '../enrol/queries';
import { openSignIn } from '../mutations';
import type { SsoPerson } from './claims';
import { admitPerson } from './people';
import { refusals, type SsoRefusal } from './refusals';
import { countsIssuerFactors, type SsoSettings } from './settings';
import { type LogoutClaims, logoutTokenLivesMs } from './tokens';

export type SsoAttempt = {
  person: SsoPerson;
  settings: SsoSettings;
  address: string;
  userAgent: string;
  /** The sign-in token that this browser held before, which it gives up. */
  replaces: string | null;
  now: Date;
};

/** `isPending`: a second factor must be shown here before anything else opens. */
export type SsoOutcome = Result<{ token: string; isPending: boolean }, SsoRefusal>;

/** An issuer may take this long from a session's end to the last code that was given for it. */
const endedSessionMs = 10 * 60_000;
/** How far an issuer's clock may differ, and a form may wait. */
const leewayMs = 60_000;

/**
 * Opens a sign-in for whom the issuer vouched, by issuer and subject alone. Roles are what the groups say now; the
 * token is returned once, its SHA-256 is stored.
 */
export async function signInBySso(db: PrismaClient, attempt: SsoAttempt): Promise<SsoOutcome> {
  const { person, now } = attempt;
  const since = person.authenticatedAt;
  return db.$transaction(async (tx) => {
    await oneByOne(tx);
    if (since !== null && now.getTime() - since.getTime() > signInMaxMs + leewayMs)
      return refuse(tx, attempt, { person: null, why: 'proved_too_long_ago', reason: 'lapsed' });
    if (await hasSessionEnded(tx, attempt))
      return refuse(tx, attempt, { person: null, why: 'ended_at_the_issuer', reason: 'failed' });
    const admitted = await admitPerson(tx, attempt);
    if (!admitted.ok) {
      // Who belongs to no group any more does not stay in elsewhere either.
      if (admitted.person !== null) await endAll(tx, admitted.person, admitted.why, now);
      return refuse(tx, attempt, admitted);
    }
    if (await lacksIssuerFactor(tx, admitted.person, attempt))
      return refuse(tx, attempt, {
        person: admitted.person,
        why: 'no_factor_at_the_issuer',
        reason: 'no_factor',
      });
    await giveUp(tx, attempt);
    return ok(await open(tx, admitted.person, attempt));
  });
}

/** A sign-in that opens and the end of its session must not miss each other: one of them sees what the other wrote. */
const oneByOne = (tx: Transaction) =>
  tx.$queryRaw`SELECT pg_advisory_xact_lock(7305080) IS NULL AS held`;

type Refused = { person: string | null; why: string; reason: SsoRefusal };

/** Issuer and subject are on record, so that an administrator can link them. */
async function refuse(
  tx: Transaction,
  { person: { subject }, settings: { issuer }, address }: SsoAttempt,
  { person, why, reason }: Refused,
) {
  const facts = { person, address, proof: 'sso', issuer, subject, why };
  await recordControl(tx, 'sign_in_refused', facts);
  return refused(reason, refusals[reason]);
}

async function endAll(tx: Transaction, personId: string, why: string, now: Date): Promise<void> {
  const signIns = await tx.signIn.findMany({
    where: { personId, endedAt: null },
    select: { id: true, personId: true },
  });
  await endSignIns(tx, signIns, { why, now });
}

/** Whether the issuer ended the session that this is of, and its word came here first. */
async function hasSessionEnded(
  tx: Transaction,
  { person: { sid }, settings }: SsoAttempt,
): Promise<boolean> {
  if (sid === null) return false;
  const found = await tx.usedProof.findUnique({
    where: { hash: sessionHash(settings.issuer, sid) },
    select: { hash: true },
  });
  return found !== null;
}

/**
 * Where the issuer's second factors count, one that was not shown there is not set up here on the way in: whoever has
 * a password of the issuer alone would bring a factor of their own.
 */
async function lacksIssuerFactor(
  tx: Transaction,
  personId: string,
  { person, settings }: SsoAttempt,
): Promise<boolean> {
  if (person.hasFactor || !countsIssuerFactors(settings)) return false;
  return (await countFactors(tx, personId)) === 0;
}

async function open(tx: Transaction, personId: string, attempt: SsoAttempt) {
  const { person, address, userAgent, settings, now } = attempt;
  const hasFactor = person.hasFactor && countsIssuerFactors(settings);
  const opened = {
    person: personId,
    proof: 'sso',
    factor: hasFactor ? 'sso' : null,
    factorAt: factorTime(person, now),
    ssoSid: person.sid ?? undefined,
  } as const;
  const token = await openSignIn(tx, opened, { address, userAgent, now });
  return { token, isPending: !hasFactor };
}

/** When the issuer says; where it does not say, long enough ago that it is not fresh. */
function factorTime({ authenticatedAt }: SsoPerson, now: Date): Date {
  if (authenticatedAt === null) return new Date(now.getTime() - freshForMs);
  return authenticatedAt > now ? now : authenticatedAt;
}

async function giveUp(tx: Transaction, { replaces, now }: SsoAttempt): Promise<void> {
  if (replaces === null) return;
  const before = await tx.signIn.findUnique({
    where: { tokenHash: new Uint8Array(secretHash(replaces)) },
    select: { id: true, personId: true },
  });
  if (before !== null) await endSignIns(tx, [before], { why: 'replaced', now });
}

type Ended = { id: string; personId: string };

/** Ends what has not ended yet, with an entry for each. */
async function endSignIns(
  tx: Transaction,
  signIns: readonly Ended[],
  { why, now }: { why: string; now: Date },
): Promise<number> {
  let ended = 0;
  for (const { id, personId } of signIns) {
    const { count } = await tx.signIn.updateMany({
      where: { id, endedAt: null },
      data: { endedAt: now, endedWhy: why },
    });
    if (count === 0) continue;
    ended += 1;
    await recordControl(tx, 'sign_in_ended', { person: personId, sign_in: id, by: 'sso', why });
  }
  return ended;
}

/**
 * Ends the sign-ins that a verified logout token names: those of its session, of its subject, or of both. A token is
 * taken once.
 */
export async function endBySso(
  db: PrismaClient,
  claims: LogoutClaims,
  { settings, now }: { settings: SsoSettings; now: Date },
): Promise<Result<{ ended: number }, 'replayed'>> {
  const { issuer } = settings;
  const { jti, sub, sid } = claims;
  return db.$transaction(async (tx) => {
    await oneByOne(tx);
    await tx.usedProof.deleteMany({ where: { until: { lt: now } } });
    const taken = await tx.usedProof.createMany({
      data: [
        {
          hash: hashOf('logout', issuer, jti),
          until: new Date(now.getTime() + logoutTokenLivesMs),
        },
      ],
      skipDuplicates: true,
    });
    if (taken.count === 0) return refused('replayed', 'This logout token was used before.');
    if (sid !== undefined) await rememberEnded(tx, sessionHash(issuer, sid), now);
    const signIns = await tx.signIn.findMany({
      where: {
        endedAt: null,
        proof: 'sso',
        person: { issuer, ...(sub === undefined ? {} : { subject: sub }) },
        ...(sid === undefined ? {} : { ssoSid: sid }),
      },
      select: { id: true, personId: true },
    });
    const ended = await endSignIns(tx, signIns, { why: 'sso_logout', now });
    logEvent('sso_logout', { ended });
    return ok({ ended });
  });
}

/** A code that was given before the session ended must not open it again. */
async function rememberEnded(
  tx: Transaction,
  hash: Uint8Array<ArrayBuffer>,
  now: Date,
): Promise<void> {
  const until = new Date(now.getTime() + endedSessionMs);
  await tx.usedProof.createMany({ data: [{ hash, until }], skipDuplicates: true });
}

const sessionHash = (issuer: string, sid: string) => hashOf('session', issuer, sid);

/** Parts are told apart, so that no two triples are one. */
const hashOf = (...parts: string[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(JSON.stringify(parts)).digest());
